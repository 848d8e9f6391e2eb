use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use store::Db;

use crate::{scratch::number, support::World};

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
    let mut observer = match db {
        Db::Sqlite { .. } => None,
        Db::Postgres(pool) => Some(pool.acquire().await.unwrap()),
    };
    let (mut polls, mut finished) = (0, 0);
    while finished < 3 {
        let organization = world.organization("Cancelled");
        let write = async {
            let mut tx = db.begin().await.unwrap();
            tx.organizations().insert(&organization).await.unwrap();
            tx.commit().await.unwrap();
        };
        let done = Cancelled { future: Box::pin(write), polls }.await.is_some();
        finished += u32::from(done);
        polls += 1;
        if let Some(observer) = &mut observer {
            await_no_open_transaction(observer).await;
        }
        let mut tx = tokio::time::timeout(Duration::from_secs(5), db.begin()).await.expect("to get through").unwrap();
        let found = tx.organizations().get(organization.id).await.unwrap();
        assert!(found.is_some() || !done, "what was said to be committed is there");
        drop(tx);
        let halves =
            number(db, "SELECT (SELECT count(*) FROM audit_heads) - (SELECT count(*) FROM organizations)").await;
        assert_eq!(halves, 0, "an organization and its log come together or not at all");
    }
}

/// A transaction that nobody ends holds its locks and keeps the server from cleaning up. What is
/// still being undone has a moment to end.
async fn await_no_open_transaction(observer: &mut sqlx::PgConnection) {
    const OPEN: &str = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let open: i64 = sqlx::query_scalar(OPEN).fetch_one(&mut *observer).await.unwrap();
        if open == 0 {
            return;
        }
    }
    panic!("a connection is kept in a transaction that nobody ends");
}

/// Polls a future so many times and then drops it.
struct Cancelled<F> {
    future: Pin<Box<F>>,
    polls: u32,
}

impl<F: Future> Future for Cancelled<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(left) = self.polls.checked_sub(1) else { return Poll::Ready(None) };
        self.polls = left;
        match self.future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            // The last one allowed is not waited for: what was asked for is left under way.
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
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
