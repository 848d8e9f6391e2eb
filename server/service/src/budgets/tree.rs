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

#[cfg(test)]
mod tests {
    use domain::{
        BudgetId, KeyId, Money, OrganizationId, TeamId, Timestamp, UserId,
        budgets::{Budget, Period},
        keys::KeyStatus,
        secrets::SecretHash,
    };
    use store::{
        keys::Key,
        organizations::{Organization, Team},
    };
    use uuid::Uuid;

    use super::*;

    const AT: Timestamp = Timestamp::from_micros(0);

    fn id(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    fn team(n: u128, parent: Option<u128>, name: &str) -> Team {
        Team {
            id: TeamId::from_uuid(id(n)),
            organization_id: OrganizationId::from_uuid(id(1)),
            parent_id: parent.map(|parent| TeamId::from_uuid(id(parent))),
            name: name.parse().unwrap(),
            created_at: AT,
        }
    }

    fn key(n: u128, team: Option<u128>, owner: Option<u128>, name: &str) -> (KeyId, Key) {
        let key = Key {
            id: KeyId::from_uuid(id(n)),
            organization_id: OrganizationId::from_uuid(id(1)),
            team_id: team.map(|team| TeamId::from_uuid(id(team))),
            owner_id: owner.map(|owner| UserId::from_uuid(id(owner))),
            created_by: "system:test".to_owned(),
            name: name.parse().unwrap(),
            environment: Environment::Live,
            status: KeyStatus::Active,
            secret_hash: SecretHash::from_bytes(&[0; 32]).unwrap(),
            last_four: "abcd".to_owned(),
            labels: domain::keys::Labels::default(),
            created_at: AT,
            expires_at: None,
            last_used_at: None,
            revoked_at: None,
        };
        (key.id, key)
    }

    /// An organization with Search above Ranking, beside Checkout; with Mara; and with keys of all.
    fn subjects() -> Subjects {
        Subjects {
            organization: Organization {
                id: OrganizationId::from_uuid(id(1)),
                name: "Acme".parse().unwrap(),
                time_zone: "UTC".parse().unwrap(),
                created_at: AT,
            },
            teams: vec![team(2, None, "Search"), team(3, Some(2), "Ranking"), team(4, None, "checkout")],
            users: [(UserId::from_uuid(id(5)), "Mara".parse().unwrap())].into(),
            keys: [
                key(6, Some(3), Some(5), "of-mara"),
                key(7, Some(3), None, "of-ranking"),
                key(8, None, None, "of-nobody"),
            ]
            .into(),
        }
    }

    fn shown(scopes: &[(&str, u128, Environment, Period)]) -> Vec<String> {
        let subjects = subjects();
        let budget = |(n, (kind, subject, environment, period)): (usize, &(&str, u128, Environment, Period))| {
            let budget = Budget {
                id: BudgetId::from_uuid(id(n as u128)),
                scope: Scope::from_parts(kind, id(*subject)).unwrap(),
                environment: *environment,
                period: *period,
                amount: Money::from_nanos(1),
                hard: true,
                since: AT,
            };
            StoredBudget {
                organization: subjects.organization.id,
                budget,
                created_at: AT,
                created_by: String::new(),
                crossed_at: None,
            }
        };
        let budgets = scopes.iter().enumerate().map(budget).collect();
        let line = |(depth, stored): (u8, StoredBudget)| {
            let budget = stored.budget;
            format!("{depth} {} {} {}", subjects.name(budget.scope), budget.environment, budget.period)
        };
        in_order(budgets, &subjects).into_iter().map(line).collect()
    }

    #[test]
    fn each_stands_below_those_that_bound_it_too() {
        use {Environment::*, Period::*};
        let all = [
            ("key", 6, Live, Day),
            ("key", 7, Live, Day),
            ("key", 8, Live, Day),
            ("user", 5, Live, Month),
            ("team", 3, Live, Month),
            ("team", 2, Live, Month),
            ("team", 4, Live, Month),
            ("organization", 1, Test, Day),
            ("organization", 1, Live, Month),
            ("organization", 1, Live, Week),
        ];
        let expected = [
            "0 Acme live week",
            "0 Acme live month",
            "0 Acme test day",
            "1 checkout live month",
            "1 Search live month",
            "2 Ranking live month",
            "3 of-ranking live day",
            "1 Mara live month",
            "2 of-mara live day",
            "1 of-nobody live day",
        ];
        assert_eq!(shown(&all), expected);
    }

    #[test]
    fn what_lies_in_nothing_that_has_a_budget_stands_at_the_top() {
        use {Environment::*, Period::*};
        let some = [("key", 7, Live, Day), ("key", 8, Live, Day), ("team", 2, Live, Month)];
        assert_eq!(shown(&some), ["0 Search live month", "1 of-ranking live day", "0 of-nobody live day"]);
    }
}
