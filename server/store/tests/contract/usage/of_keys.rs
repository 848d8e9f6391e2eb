use domain::{EventId, Money, usage::BUCKET};
use store::{Db, keys::Key};

use super::{Traffic, plain_sum, record};
use crate::scratch::execute;

contract! {
    a_key_has_the_sums_of_its_events
    what_is_older_is_taken_off
    several_who_take_off_the_same_do_it_once
    an_adjustment_is_added
}

async fn a_key_has_the_sums_of_its_events(db: &Db) {
    let traffic = traffic(db, 21).await;
    let events = traffic.events(120);
    record(db, &events[..80]).await;
    record(db, &events[40..]).await;
    for key in &traffic.keys {
        let of_key: Vec<_> = events.iter().filter(|event| event.attribution.key == key.id).collect();
        let sum = plain_sum(of_key.iter().copied());
        let read = read(db, key).await;
        assert_eq!((read.calls, read.errors, read.cost.nanos()), (sum.calls, sum.errors, sum.cost));
        assert_eq!(read.last_used_at, of_key.iter().map(|event| event.at).max());
    }
}

async fn what_is_older_is_taken_off(db: &Db) {
    let traffic = traffic(db, 22).await;
    let events = traffic.events(120);
    let since = events[60].at.floor(BUCKET).plus(BUCKET);
    // The second half comes when the figures have moved on already.
    record(db, &events[..90]).await;
    let begin = async || {
        let mut tx = db.begin().await.unwrap();
        let changed = tx.usage().begin_figures(since).await.unwrap();
        tx.commit().await.unwrap();
        changed
    };
    assert!(begin().await > 0);
    assert_eq!(begin().await, 0, "and only once");
    record(db, &events).await;
    let mut late = events[0].clone();
    late.id = EventId::mint(late.at, &traffic.world.entropy);
    record(db, &[late]).await;
    for key in &traffic.keys {
        let newer = |event: &&domain::usage::UsageEvent| event.attribution.key == key.id && event.at >= since;
        let sum = plain_sum(events.iter().filter(newer));
        let read = read(db, key).await;
        assert_eq!((read.calls, read.errors, read.cost.nanos()), (sum.calls, sum.errors, sum.cost));
    }
}

/// Each node looks after the database now and then, all of them at the same time too.
async fn several_who_take_off_the_same_do_it_once(db: &Db) {
    let traffic = traffic(db, 24).await;
    let events = traffic.events(120);
    record(db, &events).await;
    let since = events[60].at.floor(BUCKET).plus(BUCKET);
    let tasks: Vec<_> = (0..6)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move {
                let mut tx = db.begin().await.unwrap();
                let changed = tx.usage().begin_figures(since).await.unwrap();
                tx.commit().await.unwrap();
                changed
            })
        })
        .collect();
    let mut changed = Vec::new();
    for task in tasks {
        changed.push(task.await.unwrap());
    }
    assert_eq!(changed.iter().filter(|changed| **changed > 0).count(), 1, "{changed:?}");
    for key in &traffic.keys {
        let newer = |event: &&domain::usage::UsageEvent| event.attribution.key == key.id && event.at >= since;
        let sum = plain_sum(events.iter().filter(newer));
        let read = read(db, key).await;
        assert_eq!((read.calls, read.cost.nanos()), (sum.calls, sum.cost));
    }
}

async fn an_adjustment_is_added(db: &Db) {
    let traffic = traffic(db, 23).await;
    let event = traffic.event(&traffic.keys[0]);
    record(db, std::slice::from_ref(&event)).await;
    let before = read(db, &traffic.keys[0]).await;
    let mut tx = db.begin().await.unwrap();
    let adjustment = EventId::mint(traffic.world.now(), &traffic.world.entropy);
    tx.usage().adjust(event.id, adjustment, Money::from_nanos(-7)).await.unwrap();
    tx.commit().await.unwrap();
    let after = read(db, &traffic.keys[0]).await;
    assert_eq!((after.calls, after.cost.nanos()), (before.calls, before.cost.nanos() - 7));
}

/// A traffic whose figures begin before it.
async fn traffic(db: &Db, seed: u64) -> Traffic {
    execute(db, "UPDATE settings SET value = '0' WHERE name = 'figures_since'").await.unwrap();
    Traffic::new(db, seed).await
}

async fn read(db: &Db, key: &Key) -> Key {
    db.read().await.unwrap().keys().get(key.organization_id, key.id).await.unwrap().unwrap()
}
