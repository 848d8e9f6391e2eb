use serde::{Deserialize, Serialize};

use crate::{lifetime::Standing, ui::Moment};

/// A token as a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRow {
    /// The token.
    pub id: String,
    /// How it is called.
    pub name: String,
    /// How its secret begins and ends.
    pub hint: String,
    /// Whether it works.
    pub standing: Standing,
    /// What it may do, as the API spells it.
    pub scopes: Vec<String>,
    /// Since when.
    pub created: Moment,
    /// When it was last used.
    pub last_used: Option<Moment>,
    /// Whether it can still be revoked.
    pub revocable: bool,
}

/// A token as a row.
#[cfg(feature = "ssr")]
pub(super) fn row(token: &domain::identity::TokenView, calendar: &crate::server::Calendar) -> TokenRow {
    TokenRow {
        id: token.id.to_string(),
        name: token.name.to_string(),
        hint: format!("{}…{}", token.prefix, token.last_four),
        standing: match token.revoked_at {
            Some(_) => Standing::Revoked,
            None => Standing::until(token.expires_at, calendar),
        },
        scopes: token.scopes.iter().map(|scope| scope.as_str().to_owned()).collect(),
        created: calendar.moment(token.created_at),
        last_used: token.last_used_at.map(|at| calendar.moment(at)),
        revocable: token.revoked_at.is_none(),
    }
}
