use domain::{
    BudgetId, Money, Timestamp,
    budgets::{Budget, Period, Scope, Window},
    keys::Environment,
    usage::UsageEvent,
};
use store::{Db, budgets::StoredBudget};

use crate::support::{BEGINNING, Tenant, World};

contract! {
    every_field_of_a_budget_comes_back
    there_is_one_budget_for_a_scope_and_a_period
    what_was_spent_is_the_sum_of_the_events_in_scope
}

impl World {
    fn budget(&self, tenant: &Tenant, scope: Scope, period: Period) -> StoredBudget {
        let at = self.now();
        StoredBudget {
            organization: tenant.organization.id,
            budget: Budget {
                id: BudgetId::mint(at, &self.entropy),
                scope,
                environment: Environment::Live,
                period,
                amount: Money::from_nanos(self.below(i64::MAX as u64) as i64 + 1),
                hard: self.below(2) == 0,
                since: at,
            },
            created_at: at,
            created_by: format!("user:{}", tenant.owner.id),
            crossed_at: (self.below(2) == 0).then_some(at),
        }
    }
}

fn scopes(tenant: &Tenant) -> [Scope; 5] {
    [
        Scope::Organization(tenant.organization.id),
        Scope::Team(tenant.department.id),
        Scope::Team(tenant.team.id),
        Scope::User(tenant.owner.id),
        Scope::Key(tenant.key.id),
    ]
}

async fn insert(db: &Db, budget: &StoredBudget) -> store::Result<()> {
    let mut tx = db.begin().await?;
    tx.budgets().insert(budget).await?;
    tx.commit().await
}

async fn every_field_of_a_budget_comes_back(db: &Db) {
    let world = World::new(1);
    let (acme, other) = (world.tenant(db, "Acme").await, world.tenant(db, "Other").await);
    assert_eq!(db.read().await.unwrap().budgets().organizations().await.unwrap(), []);
    let mut made = Vec::new();
    for scope in scopes(&acme) {
        for period in Period::ALL {
            let budget = world.budget(&acme, scope, period);
            insert(db, &budget).await.unwrap();
            made.push(budget);
        }
    }
    let mut tx = db.begin().await.unwrap();
    let mut budgets = tx.budgets();
    assert_eq!(budgets.list(acme.organization.id).await.unwrap(), made);
    assert_eq!(budgets.list(other.organization.id).await.unwrap(), []);
    assert_eq!(budgets.organizations().await.unwrap(), [acme.organization.id]);
    assert_eq!(budgets.zone(acme.organization.id).await.unwrap(), acme.organization.time_zone);
    let id = made[3].budget.id;
    assert_eq!(budgets.get(acme.organization.id, id).await.unwrap().as_ref(), Some(&made[3]));
    assert_eq!(budgets.get_for_update(acme.organization.id, id).await.unwrap().as_ref(), Some(&made[3]));
    assert_eq!(budgets.get(other.organization.id, id).await.unwrap(), None, "another organization's");
    assert_eq!(budgets.get_for_update(other.organization.id, id).await.unwrap(), None, "another organization's");
    budgets.update(id, Money::from_nanos(7), !made[3].budget.hard).await.unwrap();
    let changed = budgets.get(acme.organization.id, id).await.unwrap().unwrap();
    assert_eq!((changed.budget.amount.nanos(), changed.budget.hard), (7, !made[3].budget.hard));
    assert_eq!((changed.budget.scope, changed.created_at), (made[3].budget.scope, made[3].created_at));
    let passed = world.now();
    budgets.cross(id, passed).await.unwrap();
    let crossed = budgets.get(acme.organization.id, id).await.unwrap().unwrap();
    assert_eq!((crossed.crossed_at, crossed.budget), (Some(passed), changed.budget));
    budgets.delete(id).await.unwrap();
    assert_eq!(budgets.get(acme.organization.id, id).await.unwrap(), None);
    assert_eq!(budgets.list(acme.organization.id).await.unwrap().len(), made.len() - 1);
}

async fn there_is_one_budget_for_a_scope_and_a_period(db: &Db) {
    let world = World::new(2);
    let acme = world.tenant(db, "Acme").await;
    let scope = Scope::Key(acme.key.id);
    insert(db, &world.budget(&acme, scope, Period::Day)).await.unwrap();
    insert(db, &world.budget(&acme, scope, Period::Week)).await.unwrap();
    let mut test = world.budget(&acme, scope, Period::Day);
    test.budget.environment = Environment::Test;
    insert(db, &test).await.unwrap();
    let refused = insert(db, &world.budget(&acme, scope, Period::Day)).await.unwrap_err();
    assert!(refused.is_duplicate(), "{refused}");
}

async fn what_was_spent_is_the_sum_of_the_events_in_scope(db: &Db) {
    let world = World::new(3);
    let acme = world.tenant(db, "Acme").await;
    let other = world.tenant(db, "Other").await;
    let offer = world.offer(db, world.connection("one", Environment::Live), "gpt-5").await;
    let loose = domain_key(&world, &acme);
    let mut events: Vec<UsageEvent> = Vec::new();
    for number in 0..120 {
        let tenant = if number % 5 == 0 { &other } else { &acme };
        let key = if number % 3 == 0 { &loose } else { &tenant.key };
        let mut event = world.event(tenant, key, &offer);
        event.environment = if number % 7 == 0 { Environment::Test } else { Environment::Live };
        events.push(event);
    }
    let mut tx = db.begin().await.unwrap();
    tx.keys().insert(&loose).await.unwrap();
    tx.usage().record(&events).await.unwrap();
    tx.commit().await.unwrap();
    const QUARTER: i64 = 900_000_000;
    let at = |quarters: i64| Timestamp::from_micros(BEGINNING + quarters * QUARTER);
    let windows = [
        Window { start: at(0), end: Some(at(3)) },
        Window { start: at(3), end: Some(at(8)) },
        Window { start: at(2), end: None },
        Window { start: at(9), end: None },
    ];
    for window in windows {
        for scope in scopes(&acme) {
            for environment in [Environment::Test, Environment::Live] {
                let counts = |event: &&UsageEvent| {
                    let a = &event.attribution;
                    let inside = match scope {
                        Scope::Organization(_) => true,
                        Scope::Team(team) => a.team == Some(team) || a.parent_team == Some(team),
                        Scope::User(user) => a.user == Some(user),
                        Scope::Key(key) => a.key == key,
                    };
                    let own = a.organization == acme.organization.id;
                    own && inside && event.environment == environment && window.contains(event.at)
                };
                let plain: i64 = events.iter().filter(counts).map(|event| event.cost.nanos()).sum();
                let mut read = db.read().await.unwrap();
                let spent = read.budgets().spent(acme.organization.id, scope, environment, window).await.unwrap();
                assert_eq!(spent.nanos(), plain, "{scope} {environment} {window:?}");
                let events = read.budgets().spent_by_events(acme.organization.id, scope, environment, window).await;
                assert_eq!(events.unwrap(), spent);
            }
        }
    }
}

/// A key without a team.
fn domain_key(world: &World, tenant: &Tenant) -> store::keys::Key {
    store::keys::Key { team_id: None, ..world.key(&tenant.organization, "loose") }
}
