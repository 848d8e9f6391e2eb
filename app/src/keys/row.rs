use serde::{Deserialize, Serialize};

use crate::{lifetime::Standing, ui::Moment};

/// A key as a row and as the head of its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRow {
    /// The key.
    pub id: String,
    /// How it is called.
    pub name: String,
    /// How its secret begins and ends.
    pub hint: String,
    /// Whether it works.
    pub standing: Standing,
    /// `test` or `live`.
    pub environment: String,
    /// Who made it.
    pub created_by: String,
    /// When its last call was admitted.
    pub last_used: Option<Moment>,
    /// Calls since midnight.
    pub calls: u64,
    /// What they cost, formatted.
    pub cost: String,
    /// What the viewer may do to it.
    pub may: Moves,
}

/// What can be done to a key's standing by whoever looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moves {
    /// Change anything at all: no, once it is revoked.
    pub change: bool,
    /// Switch it on, as opposed to off.
    pub enable: bool,
}

impl KeyRow {
    /// Its own page.
    pub(super) fn href(&self) -> String {
        format!("/keys/{}", self.id)
    }

    /// Whatever of the row may change while the page is open.
    pub(super) fn state(&self) -> String {
        let Self { id, name, standing, calls, cost, .. } = self;
        format!("{id} {name} {} {calls} {cost}", standing.words())
    }
}

/// A key as a row.
#[cfg(feature = "ssr")]
pub(super) fn row(key: &domain::keys::KeyView, calendar: &crate::server::Calendar) -> KeyRow {
    use domain::keys::KeyStatus;
    KeyRow {
        id: key.id.to_string(),
        name: key.name.to_string(),
        hint: format!("{}…{}", key.prefix, key.last_four),
        standing: match key.status {
            KeyStatus::Active => Standing::until(key.expires_at, calendar),
            KeyStatus::Disabled => Standing::Disabled,
            KeyStatus::Revoked => Standing::Revoked,
        },
        environment: key.environment.to_string(),
        created_by: key.created_by.clone(),
        last_used: key.last_used_at.map(|at| calendar.moment(at)),
        calls: key.calls_today,
        cost: crate::ui::format::money(key.cost_today.nanos(), key.currency.code()),
        may: Moves {
            change: key.manageable && key.status != KeyStatus::Revoked,
            enable: key.status == KeyStatus::Disabled,
        },
    }
}
