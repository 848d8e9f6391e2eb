use std::time::Duration;

use domain::{
    BudgetId, Money, NodeId, Timestamp,
    budgets::{Budget, Period, Scope},
    keys::Environment,
};
use store::{
    Db,
    budgets::StoredBudget,
    leases::{Draw, Leased},
    nodes::Retirement,
};
use uuid::Uuid;

use crate::support::World;

contract! {
    a_node_is_one_process_and_known_by_its_beats
    only_a_node_that_has_vanished_for_long_is_retired
    leases_belong_to_a_node_and_a_period
    a_budget_takes_its_leases_with_it
}

pub(crate) const LONG: Duration = Duration::from_secs(600);

fn money(nanos: i64) -> Money {
    Money::from_nanos(nanos)
}

fn draw(budget: BudgetId, start: Timestamp, amount: i64) -> Draw {
    Draw { budget, start, amount: money(amount), held: money(1) }
}

pub(crate) async fn begin(db: &Db, world: &World, name: &str, lifetime: Duration) -> (NodeId, Uuid) {
    let (id, incarnation) =
        (NodeId::mint(world.now(), &world.entropy), Uuid::from_u128(u128::from(world.below(1 << 40))));
    let mut tx = db.begin().await.unwrap();
    tx.nodes().begin(id, incarnation, name, lifetime).await.unwrap();
    tx.commit().await.unwrap();
    (id, incarnation)
}

async fn budget(db: &Db, world: &World) -> BudgetId {
    let tenant = world.tenant(db, "Acme").await;
    let id = BudgetId::mint(world.now(), &world.entropy);
    let budget = Budget {
        id,
        scope: Scope::Organization(tenant.organization.id),
        environment: Environment::Live,
        period: Period::Day,
        amount: money(1_000),
        hard: true,
        since: world.now(),
    };
    let (organization, created_by) = (tenant.organization.id, "test".to_owned());
    let stored = StoredBudget { organization, budget, created_at: world.now(), created_by, crossed_at: None };
    let mut tx = db.begin().await.unwrap();
    tx.budgets().insert(&stored).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn a_node_is_one_process_and_known_by_its_beats(db: &Db) {
    let world = World::new(1);
    let (one, first) = begin(db, &world, "one", LONG).await;
    let (two, other) = begin(db, &world, "two", LONG).await;
    let mut tx = db.begin().await.unwrap();
    assert_eq!(tx.nodes().beat(one, first, LONG).await.unwrap(), Some(2));
    assert_eq!(tx.nodes().beat(two, first, LONG).await.unwrap(), None, "another process");
    tx.nodes().begin(one, Uuid::from_u128(7), "one again", LONG).await.unwrap();
    assert_eq!(tx.nodes().beat(one, first, LONG).await.unwrap(), None, "the process before");
    let nodes = tx.nodes().list().await.unwrap();
    let told: Vec<_> = nodes.iter().map(|n| (n.id, n.name.as_str(), n.vanished, n.leased)).collect();
    assert_eq!(told, [(one, "one again", false, Money::ZERO), (two, "two", false, Money::ZERO)]);
    assert!(nodes.iter().all(|n| n.started_at <= n.seen_at && n.seen_at < n.deadline));
    tx.nodes().end(two).await.unwrap();
    assert_eq!(tx.nodes().beat(two, other, LONG).await.unwrap(), None, "it has ended");
    assert_eq!(tx.nodes().beat(one, Uuid::from_u128(7), LONG).await.unwrap(), Some(1));
}

async fn only_a_node_that_has_vanished_for_long_is_retired(db: &Db) {
    let world = World::new(2);
    let budget = budget(db, &world).await;
    let (gone, _) = begin(db, &world, "gone", Duration::ZERO).await;
    let (alive, beat) = begin(db, &world, "alive", LONG).await;
    let start = Timestamp::from_micros(0);
    tokio::time::sleep(Duration::from_millis(5)).await;
    let mut tx = db.begin().await.unwrap();
    for node in [gone, alive] {
        tx.leases().set(node, budget, start, money(100), Money::ZERO, start).await.unwrap();
    }
    assert_eq!(tx.nodes().beat(alive, beat, LONG).await.unwrap(), Some(1), "what vanished does not count");
    let nodes = tx.nodes().list().await.unwrap();
    assert_eq!(nodes.iter().map(|n| (n.vanished, n.leased.nanos())).collect::<Vec<_>>(), [(true, 100), (false, 100)]);
    assert_eq!(tx.nodes().retire(alive).await.unwrap(), Retirement::TooEarly);
    assert_eq!(tx.nodes().retire(gone).await.unwrap(), Retirement::Retired(money(100)));
    assert_eq!(tx.nodes().retire(gone).await.unwrap(), Retirement::Unknown);
    let leased = tx.leases().of_budget(gone, budget, start).await.unwrap();
    assert_eq!(leased, Leased { here: Money::ZERO, elsewhere: money(100) });
}

async fn leases_belong_to_a_node_and_a_period(db: &Db) {
    let world = World::new(3);
    let budget = budget(db, &world).await;
    let ((one, _), (two, _)) = (begin(db, &world, "one", LONG).await, begin(db, &world, "two", LONG).await);
    let (today, tomorrow) = (Timestamp::from_micros(0), Timestamp::from_micros(86_400_000_000));
    let mut tx = db.begin().await.unwrap();
    let mut leases = tx.leases();
    assert_eq!(leases.of_budget(one, budget, today).await.unwrap(), Leased::default());
    leases.set(one, budget, today, money(60), money(5), today).await.unwrap();
    leases.set(two, budget, today, money(30), money(7), today).await.unwrap();
    assert_eq!(leases.of_budget(one, budget, today).await.unwrap(), Leased { here: money(60), elsewhere: money(30) });
    assert_eq!(leases.held(budget, today).await.unwrap(), money(12));
    leases.draw(one, &[draw(budget, today, 25), draw(budget, tomorrow, 9)]).await.unwrap();
    assert_eq!(leases.of_budget(two, budget, today).await.unwrap(), Leased { here: money(30), elsewhere: money(35) });
    assert_eq!(leases.held(budget, today).await.unwrap(), money(8), "each says what its calls hold");
    // More than there is leaves nothing, rather than holding up the books.
    leases.draw(one, &[draw(budget, today, 40)]).await.unwrap();
    assert_eq!(leases.of_budget(one, budget, today).await.unwrap(), Leased { here: money(0), elsewhere: money(30) });
    leases.set(two, budget, tomorrow, money(8), Money::ZERO, tomorrow).await.unwrap();
    assert_eq!(leases.of_budget(two, budget, today).await.unwrap(), Leased::default(), "that period is over");
    leases.end(two, budget).await.unwrap();
    assert_eq!(leases.of_budget(two, budget, tomorrow).await.unwrap(), Leased::default());
    tx.leases().set(one, budget, today, money(60), money(5), today).await.unwrap();
    tx.nodes().begin(one, Uuid::from_u128(9), "one", LONG).await.unwrap();
    assert_eq!(
        tx.leases().of_budget(one, budget, today).await.unwrap(),
        Leased::default(),
        "a process begins with none"
    );
}

async fn a_budget_takes_its_leases_with_it(db: &Db) {
    let world = World::new(4);
    let budget = budget(db, &world).await;
    let (one, _) = begin(db, &world, "one", LONG).await;
    let mut tx = db.begin().await.unwrap();
    tx.leases()
        .set(one, budget, Timestamp::from_micros(0), money(60), money(5), Timestamp::from_micros(0))
        .await
        .unwrap();
    tx.budgets().delete(budget).await.unwrap();
    assert_eq!(tx.nodes().list().await.unwrap()[0].leased, Money::ZERO);
    tx.leases().draw(one, &[draw(budget, Timestamp::from_micros(0), 5)]).await.unwrap();
}
