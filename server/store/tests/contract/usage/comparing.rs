use domain::Money;
use store::{Db, usage::Mismatch};

use super::{Traffic, record};
use crate::scratch::{execute, number};

contract! {
    books_that_are_the_sums_of_their_events_differ_in_nothing
    every_wrong_rollup_is_found_and_mended
}

async fn compare(db: &Db, repair: bool) -> Vec<Mismatch> {
    let mut tx = db.begin().await.unwrap();
    let found = tx.usage().mismatches(repair).await.unwrap();
    tx.commit().await.unwrap();
    found
}

async fn books_that_are_the_sums_of_their_events_differ_in_nothing(db: &Db) {
    assert_eq!(compare(db, false).await, []);
    let traffic = Traffic::new(db, 21).await;
    let mut events = traffic.events(300);
    events.push(traffic.neighbours_event());
    record(db, &events).await;
    assert_eq!(compare(db, true).await, []);
    assert_eq!(db.read().await.unwrap().usage().count().await.unwrap(), 301);
}

async fn every_wrong_rollup_is_found_and_mended(db: &Db) {
    let traffic = Traffic::new(db, 22).await;
    let events = traffic.events(200);
    record(db, &events).await;
    let rollups = number(db, "SELECT count(*) FROM usage_rollups").await;
    let calls = number(db, "SELECT CAST(sum(calls) AS BIGINT) FROM usage_rollups").await;
    // One has a cost that is wrong, one is missing, and one belongs to no event.
    execute(
        db,
        "UPDATE usage_rollups SET cost = cost + 5 WHERE id IN (SELECT id FROM usage_rollups ORDER BY id LIMIT 1)",
    )
    .await
    .unwrap();
    execute(db, "DELETE FROM usage_rollups WHERE id IN (SELECT id FROM usage_rollups ORDER BY id DESC LIMIT 1)")
        .await
        .unwrap();
    execute(db, "UPDATE usage_rollups SET bucket = bucket + 90000000000000 WHERE id IN (SELECT id FROM usage_rollups ORDER BY id LIMIT 1 OFFSET 3)")
        .await
        .unwrap();
    let found = compare(db, false).await;
    // What was moved is missing in one place and too much in another.
    assert_eq!(found.len(), 4, "{found:?}");
    let dearer = |m: &&Mismatch| m.booked.cost == m.events.cost.plus(Money::from_nanos(5)).unwrap();
    assert_eq!(found.iter().filter(dearer).count(), 1);
    assert_eq!(found.iter().filter(|m| m.booked == Default::default()).count(), 2);
    assert_eq!(found.iter().filter(|m| m.events == Default::default()).count(), 1);
    assert!(!compare(db, true).await.is_empty(), "mending says what was found");
    assert_eq!(compare(db, false).await, []);
    assert_eq!(number(db, "SELECT count(*) FROM usage_rollups").await, rollups);
    assert_eq!(number(db, "SELECT CAST(sum(calls) AS BIGINT) FROM usage_rollups").await, calls);
}
