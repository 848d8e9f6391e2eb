use serde::{Deserialize, Serialize};

use super::{Balance, Period, Scope};
use crate::{BudgetId, Currency, Invalid, KeyId, Money, Timestamp, keys::Environment};

/// A budget and how it stands, as the portal and the management API show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BudgetView {
    /// The budget.
    pub id: BudgetId,
    /// Whose spending it bounds.
    pub scope: Scope,
    /// What that is called.
    pub name: String,
    /// Of which keys.
    pub environment: Environment,
    /// How long it lasts until it begins anew.
    pub period: Period,
    /// Whether calls are refused that might exceed it.
    pub hard: bool,
    /// How much may be spent in one period.
    pub amount: Money,
    /// What settled calls have cost in this period.
    pub spent: Money,
    /// What calls in flight may still cost.
    pub held: Money,
    /// What is neither spent nor held.
    pub remaining: Money,
    /// The currency of these.
    pub currency: Currency,
    /// When what was spent passed the amount, if that was in this period.
    pub crossed_at: Option<Timestamp>,
    /// When it begins anew; absent for a budget that never does.
    pub resets_at: Option<Timestamp>,
    /// Since when.
    pub created_at: Timestamp,
    /// Whether you may change it.
    pub manageable: bool,
}

impl BudgetView {
    /// The view of a budget that stands like this. `crossed_at` is when it was last passed.
    pub fn new(
        balance: &Balance,
        name: String,
        currency: Currency,
        created_at: Timestamp,
        crossed_at: Option<Timestamp>,
        manageable: bool,
    ) -> Self {
        let Balance { budget, window, spent, held } = *balance;
        Self {
            id: budget.id,
            scope: budget.scope,
            name,
            environment: budget.environment,
            period: budget.period,
            hard: budget.hard,
            amount: budget.amount,
            spent,
            held,
            remaining: balance.remaining(),
            currency,
            crossed_at: crossed_at.filter(|at| window.contains(*at)),
            resets_at: window.end,
            created_at,
            manageable,
        }
    }
}

/// A budget to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewBudget {
    /// Whose spending it bounds.
    pub scope: Scope,
    /// Of which keys.
    #[serde(default = "live")]
    pub environment: Environment,
    /// How long it lasts until it begins anew.
    pub period: Period,
    /// How much may be spent in one period.
    pub amount: Money,
    /// Whether calls are refused that might exceed it.
    #[serde(default = "yes")]
    pub hard: bool,
}

/// What to change. Absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BudgetChanges {
    /// Another amount; in force from the next call on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// Whether calls are refused that might exceed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hard: Option<bool>,
}

/// Which budgets to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
pub struct BudgetQuery {
    /// `test` or `live`; both when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(value_type = Option<Environment>))]
    pub environment: Option<String>,
    /// Only those that calls with this key fall under: the key's own, its owner's, its teams', and the
    /// organization's, of the key's environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(value_type = Option<KeyId>))]
    pub key: Option<String>,
}

impl BudgetQuery {
    /// The environment asked for.
    ///
    /// # Errors
    /// When it is not one.
    pub fn environment(&self) -> Result<Option<Environment>, Invalid> {
        given(self.environment.as_deref()).map(str::parse).transpose()
    }

    /// The key asked for.
    ///
    /// # Errors
    /// When it can't be a key's id.
    pub fn key(&self) -> Result<Option<KeyId>, Invalid> {
        let key = given(self.key.as_deref()).map(str::parse).transpose();
        key.map_err(|e: Invalid| Invalid { field: "key", ..e })
    }
}

/// A filter's value; a blank one is no filter.
fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn live() -> Environment {
    Environment::Live
}

fn yes() -> bool {
    true
}

/// An amount that a budget can have.
///
/// # Errors
/// When it is zero or less: what may cost nothing at all is forbidden by disabling keys.
pub fn amount(amount: Money) -> Result<Money, Invalid> {
    if amount > Money::ZERO {
        return Ok(amount);
    }
    Err(Invalid::new("amount", "Give an amount above zero. To let nothing be spent, disable the keys."))
}
