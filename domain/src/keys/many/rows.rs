use serde::{Deserialize, Serialize};

use crate::{
    Invalid, TeamId, Timestamp, UserId,
    identity::Email,
    keys::{KeyDescription, KeyName, Labels, view::present},
};

/// What is a key's own among many. What is absent is as for all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyRow {
    /// How it is called.
    pub name: KeyName,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<KeyDescription>,
    /// Notes on it, beside those of all.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::BTreeMap<String, String>))]
    pub labels: Labels,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<UserId>,
    /// The team that its calls count for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team_id: Option<TeamId>,
    /// Until when; `null` for no end.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Timestamp>))]
    pub expires_at: Option<Option<Timestamp>>,
}

impl KeyRow {
    /// A row that says nothing but a name.
    pub fn named(name: KeyName) -> Self {
        Self { name, description: None, labels: Labels::default(), owner_id: None, team_id: None, expires_at: None }
    }
}

/// A row as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenRow {
    /// Its line in the CSV, or its place among the keys, from 1.
    pub number: u64,
    /// The name that it says, whether that is one or not.
    pub name: String,
    /// What it says.
    pub said: Result<NamedRow, Invalid>,
}

/// What a row says, with people and teams as people name them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedRow {
    /// The row as far as it names nobody.
    pub row: KeyRow,
    /// Its owner by their address.
    pub owner: Option<Email>,
    /// Its team by its name or its identity.
    pub team: Option<String>,
}

impl GivenRow {
    pub(super) fn right((row, number): (KeyRow, u64)) -> Self {
        Self { number, name: row.name.to_string(), said: Ok(NamedRow { row, owner: None, team: None }) }
    }
}
