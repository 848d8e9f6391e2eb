use store::{Db, Error};

use crate::{
    scratch::{execute, number},
    support::World,
};

const APPLIED: &str = "SELECT count(*) FROM _sqlx_migrations";

mod with_a_schema {
    use super::*;

    contract! {
        migrating_again_changes_nothing
        a_newer_database_is_refused_in_a_sentence
        a_changed_migration_is_refused
    }

    async fn migrating_again_changes_nothing(db: &Db) {
        let tenant = World::new(1).tenant(db, "Acme").await;
        let applied = number(db, APPLIED).await;
        assert!(applied > 0);
        db.migrate().await.unwrap();
        assert_eq!(number(db, APPLIED).await, applied);
        let mut read = db.read().await.unwrap();
        assert_eq!(read.organizations().get(tenant.organization.id).await.unwrap(), Some(tenant.organization));
    }

    async fn a_newer_database_is_refused_in_a_sentence(db: &Db) {
        const NEWER: &str = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
            SELECT 9999, 'from the future', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1";
        let applied = number(db, APPLIED).await;
        execute(db, NEWER).await.unwrap();
        let Err(Error::Refused(sentence)) = db.migrate().await else { panic!("a newer database was accepted") };
        assert!(sentence.contains("9999") && sentence.contains("Run the newer turnpike"), "{sentence}");
        assert_eq!(number(db, APPLIED).await, applied + 1, "nothing was touched");
    }

    async fn a_changed_migration_is_refused(db: &Db) {
        let other = match db {
            Db::Sqlite { .. } => "UPDATE _sqlx_migrations SET checksum = X'00'",
            Db::Postgres(_) => "UPDATE _sqlx_migrations SET checksum = '\\x00'",
        };
        execute(db, other).await.unwrap();
        db.migrate().await.unwrap_err();
    }
}

mod without_a_schema {
    use super::*;

    contract! { empty:
        what_is_missing_is_applied
        nodes_may_migrate_at_once
    }

    async fn what_is_missing_is_applied(db: &Db) {
        let missing = db.read().await.unwrap().organizations().count().await.unwrap_err();
        assert!(!missing.is_duplicate());
        db.migrate().await.unwrap();
        assert_eq!(db.read().await.unwrap().organizations().count().await.unwrap(), 0);
    }

    async fn nodes_may_migrate_at_once(db: &Db) {
        let nodes: Vec<_> = (0..4)
            .map(|_| {
                let db = db.clone();
                tokio::spawn(async move { db.migrate().await.unwrap() })
            })
            .collect();
        for node in nodes {
            node.await.unwrap();
        }
        assert_eq!(number(db, "SELECT generation FROM change_counter").await, 0);
    }
}
