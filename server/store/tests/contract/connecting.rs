//! What only one of the engines has: opening a file, and the rights of its connections.

use store::{Db, Error};

use crate::{
    scratch::{Scratch, number},
    support::World,
};

#[tokio::test]
async fn other_urls_are_refused_in_a_sentence() {
    for url in ["", "turnpike.db", "mysql://localhost/turnpike", "sqlite:turnpike.db", "SQLITE://turnpike.db"] {
        let Err(Error::Refused(sentence)) = Db::connect(url).await else { panic!("{url:?} was accepted") };
        assert!(sentence.contains("sqlite://") && sentence.contains("postgres://"), "{sentence}");
    }
    assert!(Db::connect("postgres://localhost:notaport/turnpike").await.is_err());
}

#[tokio::test]
async fn a_file_in_a_folder_that_is_missing_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("missing/turnpike.db").display());
    assert!(Db::connect(&url).await.is_err());
}

#[tokio::test]
async fn a_reader_of_a_file_cannot_write() {
    let scratch = Scratch::sqlite().await.migrated().await;
    scratch
        .run(|db| async move {
            let Db::Sqlite { read, .. } = &db else { unreachable!("it is a file") };
            for sql in ["INSERT INTO settings VALUES ('a', 'b')", "DELETE FROM settings", "CREATE TABLE t (id INT)"] {
                let refused = sqlx::raw_sql(sql).execute(read).await.unwrap_err();
                assert!(refused.to_string().contains("readonly"), "{sql}: {refused}");
            }
            let world = World::new(1);
            let mut reader = db.read().await.unwrap();
            let refused = reader.organizations().insert(&world.organization("Acme")).await.unwrap_err();
            assert!(refused.to_string().contains("readonly"), "{refused}");
        })
        .await;
}

#[tokio::test]
async fn every_connection_to_a_file_has_the_same_settings() {
    let scratch = Scratch::sqlite().await.empty().await;
    scratch
        .run(|db| async move {
            let Db::Sqlite { read, write } = &db else { unreachable!("it is a file") };
            for pool in [read, write] {
                let keys: i64 = sqlx::query_scalar("PRAGMA foreign_keys").fetch_one(pool).await.unwrap();
                let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(pool).await.unwrap();
                assert_eq!((keys, &*journal), (1, "wal"));
            }
        })
        .await;
}

/// A transaction that reads before it writes would fail for having read too early, if it did not
/// take the file's lock at its start.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_write_one_file_by_turns() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("turnpike.db").display());
    let (one, two) = (Db::connect(&url).await.unwrap(), Db::connect(&url).await.unwrap());
    one.migrate().await.unwrap();
    let write = |db: &Db, seed| {
        let (db, world) = (db.clone(), World::new(seed));
        tokio::spawn(async move {
            for _ in 0..40 {
                let mut tx = db.begin().await.unwrap();
                let count = tx.organizations().count().await.unwrap();
                tx.organizations().insert(&world.organization(&format!("{count}"))).await.unwrap();
                tx.commit().await.unwrap();
            }
        })
    };
    let (first, second) = tokio::join!(write(&one, 1), write(&two, 2));
    first.unwrap();
    second.unwrap();
    assert_eq!(number(&one, "SELECT count(DISTINCT name) FROM organizations").await, 80);
}

/// As a second process would: the portal runs, and someone runs a command beside it.
#[tokio::test]
async fn a_file_can_be_opened_twice_and_again() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("a folder's %20 file?.db").display());
    let (one, two) = (Db::connect(&url).await.unwrap(), Db::connect(&url).await.unwrap());
    let (first, second) = tokio::join!(one.migrate(), two.migrate());
    first.unwrap();
    second.unwrap();
    let world = World::new(2);
    for (n, db) in [&one, &two, &one, &two].into_iter().enumerate() {
        let mut tx = db.begin().await.unwrap();
        tx.organizations().insert(&world.organization("Acme")).await.unwrap();
        tx.commit().await.unwrap();
        for reader in [&one, &two] {
            assert_eq!(number(reader, "SELECT count(*) FROM organizations").await, n as i64 + 1);
        }
    }
    one.close().await;
    two.close().await;
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap().file_name()).collect();
    assert_eq!(files, ["a folder's %20 file?.db"], "closing leaves one file, which can be copied");
    let again = Db::connect(&url).await.unwrap();
    assert_eq!(again.read().await.unwrap().organizations().count().await.unwrap(), 4);
    again.close().await;
}
