use std::time::Duration;

use store::Db;

use crate::support::World;

contract! {
    a_dropped_transaction_leaves_nothing
    a_refused_statement_undoes_what_was_before_it
    readers_see_what_is_committed_and_nothing_else
    a_cancelled_writer_leaves_the_database_usable
    writers_queue
}

async fn a_dropped_transaction_leaves_nothing(db: &Db) {
    let world = World::new(1);
    let mut tx = db.begin().await.unwrap();
    tx.organizations().insert(&world.organization("Dropped")).await.unwrap();
    drop(tx);
    assert_eq!(count(db).await, 0);
    let mut tx = db.begin().await.unwrap();
    tx.organizations().insert(&world.organization("Kept")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(count(db).await, 1);
}

async fn a_refused_statement_undoes_what_was_before_it(db: &Db) {
    let world = World::new(2);
    let twin = world.organization("Twin");
    let insert_twice = async || {
        let mut tx = db.begin().await.unwrap();
        tx.organizations().insert(&twin).await?;
        tx.organizations().insert(&twin).await?;
        tx.commit().await
    };
    assert!(insert_twice().await.unwrap_err().is_duplicate());
    assert_eq!(count(db).await, 0);
}

async fn readers_see_what_is_committed_and_nothing_else(db: &Db) {
    let world = World::new(3);
    for n in 0..20 {
        let mut tx = db.begin().await.unwrap();
        tx.organizations().insert(&world.organization("New")).await.unwrap();
        assert_eq!(tx.organizations().count().await.unwrap(), n + 1, "a writer sees its own");
        assert_eq!(count(db).await, n, "a reader neither waits nor sees what may be undone");
        tx.commit().await.unwrap();
        assert_eq!(count(db).await, n + 1, "at once after the commit");
    }
}

/// A client that hangs up drops the future that serves it, wherever that stands. The connection
/// it held, SQLite's only one for writing, must come back clean.
async fn a_cancelled_writer_leaves_the_database_usable(db: &Db) {
    let world = World::new(4);
    for round in 0..200 {
        let organization = world.organization("Cancelled");
        let write = async {
            let mut tx = db.begin().await.unwrap();
            tx.organizations().insert(&organization).await.unwrap();
            tx.commit().await.unwrap();
        };
        let finished = tokio::time::timeout(Duration::from_micros(round * 10), write).await.is_ok();
        let mut tx = tokio::time::timeout(Duration::from_secs(5), db.begin()).await.expect("to get through").unwrap();
        let found = tx.organizations().get(organization.id).await.unwrap();
        assert!(found.is_some() || !finished, "what was said to be committed is there");
        let whole = tx.audit().append(world.entry(&organization, "organization.created")).await.is_ok();
        assert_eq!(whole, found.is_some(), "an organization and its log come together or not at all");
    }
}

async fn writers_queue(db: &Db) {
    let world = World::new(5);
    let write = |_| {
        let (db, organization) = (db.clone(), world.organization("Queued"));
        tokio::spawn(async move {
            let mut tx = db.begin().await.unwrap();
            tx.organizations().insert(&organization).await.unwrap();
            tokio::time::sleep(Duration::from_millis(2)).await;
            tx.commit().await.unwrap();
        })
    };
    let tasks: Vec<_> = (0..60).map(write).collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(count(db).await, 60);
}

async fn count(db: &Db) -> i64 {
    db.read().await.unwrap().organizations().count().await.unwrap()
}
