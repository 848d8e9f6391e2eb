#[cfg(feature = "ssr")]
use domain::Invalid;
use domain::{BudgetId, budgets::Period, keys::Environment};
use serde::{Deserialize, Serialize};

use super::row::BudgetRow;
#[cfg(feature = "ssr")]
use crate::bearers::{named_key, scoped};
use crate::{bearers::Bearers, prelude::*, problem::Problem};

/// All budgets of the organization.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BudgetTree {
    /// From the top down.
    pub rows: Vec<BudgetRow>,
    /// Whether the viewer may make and change them.
    pub manageable: bool,
    /// The sign of the currency.
    pub symbol: String,
}

/// What the page that makes a budget begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetStart {
    /// What a budget can be for.
    pub bearers: Bearers,
    /// The sign of the currency.
    pub symbol: String,
}

/// All budgets of the organization, each below those that bound it too.
#[server(prefix = "/fn", endpoint = "budgets_tree")]
pub async fn load_budgets(
    /// Only those of this environment.
    #[server(default)]
    environment: Option<String>,
) -> Result<BudgetTree, Problem> {
    use crate::server::{Calendar, actor, handle};
    let actor = actor()?;
    let calendar = Calendar::of(&actor).await?;
    let budgets: service::budgets::Budgets = handle()?;
    let placed = budgets.tree(&actor, crate::server::environment(environment.as_deref())).await?;
    Ok(BudgetTree {
        rows: placed.iter().map(|placed| super::row::row(&placed.item, placed.depth, &calendar)).collect(),
        manageable: actor.may(domain::identity::Permission::BudgetsManage),
        symbol: crate::ui::format::symbol(budgets.currency().code()),
    })
}

/// What the page that makes a budget begins with.
#[server(prefix = "/fn", endpoint = "budget_start")]
pub async fn start_budget(
    /// The key that it is for.
    #[server(default)]
    key: Option<String>,
) -> Result<BudgetStart, Problem> {
    use crate::server::{actor, handle};
    let budgets: service::budgets::Budgets = handle()?;
    let key = named_key(key)?;
    let bearers = budgets.bearers(&actor()?, key).await?;
    Ok(BudgetStart {
        bearers: Bearers::offered(bearers, key),
        symbol: crate::ui::format::symbol(budgets.currency().code()),
    })
}

/// Makes a budget, and leads to the list of all.
#[server(prefix = "/fn", endpoint = "budget_create")]
pub async fn create_budget(
    /// What it is for: an id.
    scope: String,
    /// Of which keys.
    environment: Environment,
    /// How long it lasts until it begins anew.
    period: Period,
    /// How much may be spent.
    amount: String,
    /// Whether calls are refused that might exceed it.
    hard: bool,
) -> Result<(), Problem> {
    use crate::server::{Wrong, actor, handle};
    let mut wrong = Wrong::default();
    let (scope, amount) = (wrong.check("scope", scoped(&scope)), wrong.check("amount", money(&amount)));
    let (Some(scope), Some(amount)) = (scope, amount) else { return Err(wrong.problem()) };
    let new = domain::budgets::NewBudget { scope, environment, period, amount, hard };
    handle::<service::budgets::Budgets>()?.create(&actor()?, new).await?;
    leptos_axum::redirect("/budgets");
    Ok(())
}

/// Changes how much may be spent, and whether that holds.
#[server(prefix = "/fn", endpoint = "budget_change")]
pub async fn change_budget(
    /// The budget.
    id: BudgetId,
    /// How much may be spent.
    amount: String,
    /// Whether calls are refused that might exceed it.
    hard: bool,
) -> Result<(), Problem> {
    use crate::server::{actor, handle};
    let changes = domain::budgets::BudgetChanges { amount: Some(money(&amount)?), hard: Some(hard) };
    handle::<service::budgets::Budgets>()?.update(&actor()?, id, changes).await?;
    back();
    Ok(())
}

/// Takes a budget out of force.
#[server(prefix = "/fn", endpoint = "budget_delete")]
pub async fn delete_budget(
    /// The budget.
    id: BudgetId,
) -> Result<(), Problem> {
    use crate::server::{actor, handle};
    handle::<service::budgets::Budgets>()?.delete(&actor()?, id).await?;
    back();
    Ok(())
}

/// Without WASM the question was asked by the address, which would ask it again.
#[cfg(feature = "ssr")]
fn back() {
    if crate::server::is_plain_form() {
        leptos_axum::redirect("/budgets");
    }
}

/// An amount as a person writes it.
#[cfg(feature = "ssr")]
fn money(text: &str) -> Result<domain::Money, Invalid> {
    domain::budgets::amount(text.parse()?)
}
