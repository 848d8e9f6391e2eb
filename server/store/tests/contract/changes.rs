use std::time::Duration;

use domain::{Timestamp, secrets::SecretHash};
use store::{
    Db,
    changes::{Change, Since},
};

use crate::support::World;

contract! {
    a_new_log_is_empty
    changes_come_back_in_their_order
    concurrent_appends_are_numbered_without_a_gap
    a_reader_that_follows_along_misses_nothing
    what_was_undone_takes_no_number
    a_reader_of_what_was_forgotten_must_resynchronise
    forgetting_leaves_no_hole_when_clocks_differ
}

fn key(name: &str) -> Change {
    Change::Key(SecretHash::of(name))
}

async fn a_new_log_is_empty(db: &Db) {
    let mut read = db.read().await.unwrap();
    assert_eq!(read.changes().latest().await.unwrap(), 0);
    assert_eq!(read.changes().since(0, 10).await.unwrap(), Since::Changes(vec![]));
    append(db, &[], World::new(0).now()).await;
    assert_eq!(db.read().await.unwrap().changes().latest().await.unwrap(), 0);
}

async fn changes_come_back_in_their_order(db: &Db) {
    let world = World::new(1);
    let acme = world.organization("Acme").id;
    let (budgets, limits) = (Change::Budgets(acme), Change::Limits(acme));
    append(db, &[key("a"), Change::Catalog], world.now()).await;
    append(db, &[key("b"), budgets, limits], world.now()).await;
    let mut read = db.read().await.unwrap();
    let mut changes = read.changes();
    assert_eq!(changes.latest().await.unwrap(), 5);
    let all = [(1, key("a")), (2, Change::Catalog), (3, key("b")), (4, budgets), (5, limits)];
    for after in 0..=5 {
        for limit in 1..6 {
            let expected: Vec<_> = all[after..].iter().copied().take(limit).collect();
            assert_eq!(changes.since(after as i64, limit as i64).await.unwrap(), Since::Changes(expected));
        }
    }
}

async fn concurrent_appends_are_numbered_without_a_gap(db: &Db) {
    let world = World::new(2);
    let at = world.now();
    for writer in writers(db, 8, 6, at) {
        writer.await.unwrap();
    }
    let Since::Changes(changes) = since(db, 0, 1000).await else { panic!("nothing was forgotten") };
    assert_eq!(changes.iter().map(|(generation, _)| *generation).collect::<Vec<_>>(), Vec::from_iter(1..=96));
    for pair in changes.chunks(2) {
        assert_eq!(pair[1].1, Change::Catalog, "one transaction's changes stand together");
    }
}

/// Reads while others write: a generation never appears after a later one was seen.
async fn a_reader_that_follows_along_misses_nothing(db: &Db) {
    let world = World::new(3);
    let writers = writers(db, 8, 6, world.now());
    let mut seen = 0;
    while seen < 96 {
        let Since::Changes(changes) = since(db, seen, 10).await else { panic!("nothing was forgotten") };
        for (generation, _) in changes {
            assert_eq!(generation, seen + 1);
            seen = generation;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    for writer in writers {
        writer.await.unwrap();
    }
}

async fn what_was_undone_takes_no_number(db: &Db) {
    let world = World::new(4);
    let mut undone = db.begin().await.unwrap();
    undone.changes().append(&[key("undone")], world.now()).await.unwrap();
    drop(undone);
    append(db, &[key("kept")], world.now()).await;
    assert_eq!(since(db, 0, 10).await, Since::Changes(vec![(1, key("kept"))]));
}

async fn a_reader_of_what_was_forgotten_must_resynchronise(db: &Db) {
    let world = World::new(5);
    let times: Vec<Timestamp> = (0..5).map(|_| world.now()).collect();
    for at in &times {
        append(db, &[Change::Catalog], *at).await;
    }
    assert_eq!(prune(db, times[0]).await, 0, "as old as that is not older");
    assert_eq!(prune(db, times[2]).await, 2);
    assert_eq!(since(db, 0, 10).await, Since::Resync(5));
    assert_eq!(since(db, 1, 10).await, Since::Resync(5));
    assert_eq!(since(db, 2, 1).await, Since::Changes(vec![(3, Change::Catalog)]));
    assert_eq!(since(db, 5, 10).await, Since::Changes(vec![]));
    assert_eq!(since(db, 9, 10).await, Since::Resync(5), "the database was put back to an earlier state");
    assert_eq!(prune(db, world.now()).await, 3);
    assert_eq!(since(db, 4, 10).await, Since::Resync(5));
    assert_eq!(since(db, 5, 10).await, Since::Changes(vec![]), "who has seen all needs nothing of it");
    append(db, &[key("next")], world.now()).await;
    assert_eq!(since(db, 5, 10).await, Since::Changes(vec![(6, key("next"))]), "the count goes on");
}

async fn forgetting_leaves_no_hole_when_clocks_differ(db: &Db) {
    let world = World::new(6);
    let [early, middle, late] = [world.now(), world.now(), world.now()];
    for at in [early, late, early, late] {
        append(db, &[Change::Catalog], at).await;
    }
    assert_eq!(prune(db, middle).await, 1, "only the log's beginning");
    let Since::Changes(changes) = since(db, 1, 10).await else { panic!("the log reaches back that far") };
    assert_eq!(changes.iter().map(|(generation, _)| *generation).collect::<Vec<_>>(), [2, 3, 4]);
}

/// Tasks that each commit `rounds` transactions of two changes.
fn writers(db: &Db, tasks: u32, rounds: u32, at: Timestamp) -> Vec<tokio::task::JoinHandle<()>> {
    let write = move |db: Db, task: u32| async move {
        for round in 0..rounds {
            append(&db, &[key(&format!("{task}-{round}")), Change::Catalog], at).await;
        }
    };
    (0..tasks).map(|task| tokio::spawn(write(db.clone(), task))).collect()
}

async fn append(db: &Db, changes: &[Change], at: Timestamp) {
    let mut tx = db.begin().await.unwrap();
    tx.changes().append(changes, at).await.unwrap();
    tx.commit().await.unwrap();
}

async fn since(db: &Db, generation: i64, limit: i64) -> Since {
    db.read().await.unwrap().changes().since(generation, limit).await.unwrap()
}

async fn prune(db: &Db, before: Timestamp) -> u64 {
    let mut tx = db.begin().await.unwrap();
    let gone = tx.changes().prune(before).await.unwrap();
    tx.commit().await.unwrap();
    gone
}
