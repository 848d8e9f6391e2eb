use serde::{Deserialize, Serialize};

use super::{Level, Limit, LimitKind};
use crate::{
    LimitId, Timestamp,
    budgets::{BudgetQuery, Scope},
    keys::Environment,
    usage::Endpoint,
};

/// Which limits to list: they are looked for as budgets are.
pub type LimitQuery = BudgetQuery;

/// A limit and how it stands, as the portal and the management API show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LimitView {
    /// The limit.
    pub id: LimitId,
    /// Whose calls it limits.
    pub scope: Scope,
    /// What that is called.
    pub name: String,
    /// Of which keys.
    pub environment: Environment,
    /// Of which endpoint; absent for all that have no limit of their own.
    pub endpoint: Option<Endpoint>,
    /// What is limited.
    pub kind: LimitKind,
    /// How much in a minute, or at once.
    pub amount: u64,
    /// How much of a minute's amount may come at once; absent for parallel requests.
    pub burst: Option<u64>,
    /// What is used; more than the limit where calls used more than was left.
    pub used: u64,
    /// What is left.
    pub remaining: u64,
    /// In how many seconds all is left again, if nothing comes; absent for parallel requests.
    pub resets_in_seconds: Option<u64>,
    /// Since when.
    pub created_at: Timestamp,
    /// Whether you may change it.
    pub manageable: bool,
}

impl LimitView {
    /// The view of a limit that stands like this.
    pub fn new(limit: &Limit, level: &Level, name: String, created_at: Timestamp, manageable: bool) -> Self {
        let Limit { id, scope, environment, endpoint, kind, amount, burst: _ } = *limit;
        Self {
            id,
            scope,
            name,
            environment,
            endpoint,
            kind,
            amount,
            burst: limit.own_burst(),
            used: level.used,
            remaining: level.remaining,
            resets_in_seconds: level.resets_in.map(super::whole_seconds),
            created_at,
            manageable,
        }
    }
}

/// A limit to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewLimit {
    /// Whose calls it limits.
    pub scope: Scope,
    /// Of which keys.
    #[serde(default = "live")]
    pub environment: Environment,
    /// Of which endpoint; absent for all that have no limit of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Endpoint>,
    /// What is limited.
    pub kind: LimitKind,
    /// How much in a minute, or at once: from 1 to 1000000000.
    pub amount: u64,
    /// How much of a minute's amount may come at once; all of it when absent. Parallel requests have
    /// none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst: Option<u64>,
}

/// What to change. Absent stays; a burst of the whole amount goes along with the amount.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LimitChanges {
    /// Another amount; in force from the next call on. What is used stays used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<u64>,
    /// How much of a minute's amount may come at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst: Option<u64>,
}

fn live() -> Environment {
    Environment::Live
}
