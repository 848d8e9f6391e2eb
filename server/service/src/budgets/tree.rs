use std::collections::BTreeMap;

use domain::{
    budgets::{BudgetView, Scope},
    identity::Permission,
    keys::Environment,
};
use store::budgets::StoredBudget;

use super::{Budgets, subjects::Subjects};
use crate::{Actor, Result};

/// A budget in its place among the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// Below how many others it lies.
    pub depth: u8,
    /// The budget.
    pub budget: BudgetView,
}

impl Budgets {
    /// All budgets of the organization, each below those that bound it too: the organization's, its
    /// teams', its people's, its keys'.
    pub async fn tree(&self, actor: &Actor) -> Result<Vec<Placed>> {
        actor.require(Permission::BudgetsRead)?;
        let mut reader = self.core.db.read().await?;
        let budgets = reader.budgets().list(actor.organization).await?;
        let subjects = Subjects::of(&mut reader, actor, budgets.iter().map(|budget| budget.budget.scope)).await?;
        let mut placed = Vec::with_capacity(budgets.len());
        for (depth, budget) in in_order(budgets, &subjects) {
            placed.push(Placed { depth, budget: self.view(&mut reader, actor, &subjects, &budget).await? });
        }
        Ok(placed)
    }
}

/// Where a scope stands beside others below the same one: by kind, by name, and apart from its like.
type Place = (u8, String, Scope);

fn place(scope: Scope, subjects: &Subjects) -> Place {
    let kind = match scope {
        Scope::Organization(_) => 0,
        Scope::Team(_) => 1,
        Scope::User(_) => 2,
        Scope::Key(_) => 3,
    };
    (kind, subjects.name(scope).to_lowercase(), scope)
}

/// The budgets from the top down, each with its depth. What lies in nothing that has a budget stands at
/// the top.
fn in_order(budgets: Vec<StoredBudget>, subjects: &Subjects) -> Vec<(u8, StoredBudget)> {
    let mut by_scope: BTreeMap<Place, Vec<StoredBudget>> = BTreeMap::new();
    for budget in budgets {
        by_scope.entry(place(budget.budget.scope, subjects)).or_default().push(budget);
    }
    let scopes: Vec<Scope> = by_scope.keys().map(|(_, _, scope)| *scope).collect();
    let mut below: BTreeMap<Option<Scope>, Vec<Place>> = BTreeMap::new();
    for at in by_scope.keys() {
        let above = subjects.above(at.2).into_iter().find(|above| scopes.contains(above));
        below.entry(above).or_default().push(at.clone());
    }
    let mut out = Vec::new();
    descend(None, 0, &below, &mut by_scope, &mut out);
    out
}

/// The organization is above teams and people, those above keys, and a team above a team: that ends.
fn descend(
    above: Option<Scope>,
    depth: u8,
    below: &BTreeMap<Option<Scope>, Vec<Place>>,
    by_scope: &mut BTreeMap<Place, Vec<StoredBudget>>,
    out: &mut Vec<(u8, StoredBudget)>,
) {
    for at in below.get(&above).into_iter().flatten() {
        let mut own = by_scope.remove(at).unwrap_or_default();
        own.sort_by_key(|budget| (budget.budget.environment == Environment::Test, budget.budget.period));
        out.extend(own.into_iter().map(|budget| (depth, budget)));
        descend(Some(at.2), depth.saturating_add(1), below, by_scope, out);
    }
}
