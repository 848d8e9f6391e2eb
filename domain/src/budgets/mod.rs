//! Budgets: how much money may be spent, by whom, in which stretch of time.
//!
//! A hard budget is never exceeded: the most that a call can cost is held on every budget above it
//! before the call is forwarded, all or nothing, and settled to the real cost at its end. The
//! bookkeeping of that is [`Ledger`], which knows neither clock nor database.

mod lease;
mod ledger;
mod period;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod simulation;
mod view;

pub use self::{
    lease::{Lease, Terms},
    ledger::{Ask, Balance, Chain, Hold, Ledger, Short},
    period::{Period, Window},
    view::{BudgetChanges, BudgetQuery, BudgetView, NewBudget, amount},
};

use std::fmt;

use crate::{BudgetId, KeyId, Money, OrganizationId, TeamId, Timestamp, UserId, keys::Environment};

/// Whose spending a budget bounds, within its organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Scope {
    /// Everything.
    Organization(OrganizationId),
    /// The keys of a team and of the teams below it.
    Team(TeamId),
    /// The keys that a user owns.
    User(UserId),
    /// One key.
    Key(KeyId),
}

impl Scope {
    /// The word for its kind in the database and in the API.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Organization(_) => "organization",
            Self::Team(_) => "team",
            Self::User(_) => "user",
            Self::Key(_) => "key",
        }
    }

    /// The identity of what it is about, without its kind.
    pub const fn subject(self) -> uuid::Uuid {
        match self {
            Self::Organization(id) => id.uuid(),
            Self::Team(id) => id.uuid(),
            Self::User(id) => id.uuid(),
            Self::Key(id) => id.uuid(),
        }
    }

    /// The scope of that kind and identity, if there is such a kind.
    pub fn from_parts(kind: &str, subject: uuid::Uuid) -> Option<Self> {
        Some(match kind {
            "organization" => Self::Organization(OrganizationId::from_uuid(subject)),
            "team" => Self::Team(TeamId::from_uuid(subject)),
            "user" => Self::User(UserId::from_uuid(subject)),
            "key" => Self::Key(KeyId::from_uuid(subject)),
            _ => return None,
        })
    }
}

/// The kind and the identity, e.g. `team team_01h…`.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Organization(id) => write!(f, "organization {id}"),
            Self::Team(id) => write!(f, "team {id}"),
            Self::User(id) => write!(f, "user {id}"),
            Self::Key(id) => write!(f, "key {id}"),
        }
    }
}

/// A budget as it was decided on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Its identity.
    pub id: BudgetId,
    /// Whose spending it bounds.
    pub scope: Scope,
    /// Of which keys: test and live money are counted apart.
    pub environment: Environment,
    /// How long it lasts until it begins anew.
    pub period: Period,
    /// How much may be spent in one period. Never negative.
    pub amount: Money,
    /// Whether calls are refused that might exceed it; a soft one only shows that it was crossed.
    pub hard: bool,
    /// Since when it counts: a budget for all time counts what was spent from then on.
    pub since: Timestamp,
}

impl Budget {
    /// Whether 80 % or more of it are spent: soon calls will be refused, or people told.
    pub fn is_nearly_spent(&self, spent: Money) -> bool {
        spent.nanos() >= self.amount.nanos() - self.amount.nanos() / 5
    }
}
