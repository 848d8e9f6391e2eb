use serde::{Deserialize, Serialize};

use super::Permission;
use crate::{Timestamp, TokenId};

/// What every management token starts with.
pub const TOKEN_PREFIX: &str = "tpm_";

crate::text::line_type! {
    /// How a management token is called in the list.
    TokenName, "name", 100
}

/// A management token as it is shown. The secret is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenView {
    /// The token.
    pub id: TokenId,
    /// How it is called.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub name: TokenName,
    /// What the secret starts with.
    pub prefix: String,
    /// What the secret ends with.
    pub last_four: String,
    /// What it may do at most; never more than its maker may at that moment.
    pub scopes: Vec<Permission>,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// A token at the one moment at which its secret is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedToken {
    /// The token.
    #[serde(flatten)]
    pub token: TokenView,
    /// The secret. Shown this once; a replayed answer has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// What to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewToken {
    /// How it is called.
    #[cfg_attr(feature = "openapi", schema(value_type = String, min_length = 1, max_length = 100))]
    pub name: TokenName,
    /// What it may do, at least one.
    #[cfg_attr(feature = "openapi", schema(min_items = 1))]
    pub scopes: Vec<Permission>,
    /// Until when; absent for no end.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}
