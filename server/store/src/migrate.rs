//! One migrations folder for both engines. A block between `-- only: ENGINE` and `-- end` is left
//! out on the other engine, before checksums are taken.

use std::borrow::Cow;

use sqlx::{
    AssertSqlSafe, SqlSafeStr, SqlitePool,
    error::BoxDynError,
    migrate::{MigrateError, Migration, MigrationSource, MigrationType, Migrator},
};

use crate::{Db, Error, Result};

/// Every migration: number, name, text. The order is the number's.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "foundation", include_str!("../../../migrations/0001_foundation.sql")),
    (2, "budgets", include_str!("../../../migrations/0002_budgets.sql")),
    (3, "limits", include_str!("../../../migrations/0003_limits.sql")),
    (4, "nodes", include_str!("../../../migrations/0004_nodes.sql")),
    (5, "limit leases", include_str!("../../../migrations/0005_limit_leases.sql")),
    (6, "left_answers", include_str!("../../../migrations/0006_left_answers.sql")),
    (7, "partitions", include_str!("../../../migrations/0007_partitions.sql")),
    (8, "models of rollups", include_str!("../../../migrations/0008_models_of_rollups.sql")),
    (9, "keys workspace", include_str!("../../../migrations/0009_keys_workspace.sql")),
    (10, "jobs", include_str!("../../../migrations/0010_jobs.sql")),
    (11, "key rules", include_str!("../../../migrations/0011_key_rules.sql")),
    (12, "key secrets", include_str!("../../../migrations/0012_key_secrets.sql")),
    (13, "key templates", include_str!("../../../migrations/0013_key_templates.sql")),
    (14, "saved views", include_str!("../../../migrations/0014_saved_views.sql")),
    (15, "many keys", include_str!("../../../migrations/0015_many_keys.sql")),
    (16, "key rotation due", include_str!("../../../migrations/0016_key_rotation_due.sql")),
    (17, "finding", include_str!("../../../migrations/0017_finding.sql")),
    (18, "audit of keys", include_str!("../../../migrations/0018_audit_of_keys.sql")),
];

#[derive(Debug)]
struct For(&'static str);

impl MigrationSource<'static> for For {
    fn resolve(
        self,
    ) -> std::pin::Pin<Box<dyn Future<Output = std::result::Result<Vec<Migration>, BoxDynError>> + Send>> {
        Box::pin(async move {
            let make = |(version, name, text): &(i64, &'static str, &str)| {
                let sql = AssertSqlSafe(keep_for(self.0, text)).into_sql_str();
                Migration::new(*version, Cow::Borrowed(*name), MigrationType::Simple, sql, false)
            };
            Ok(MIGRATIONS.iter().map(make).collect())
        })
    }
}

/// The text without the blocks that are marked for another engine.
fn keep_for(engine: &str, text: &str) -> String {
    let mut skip = false;
    let mut kept = String::with_capacity(text.len());
    for line in text.lines() {
        match line.trim().strip_prefix("-- only: ") {
            Some(only) => skip = only != engine,
            None if line.trim() == "-- end" => skip = false,
            None if !skip => {
                kept.push_str(line);
                kept.push('\n');
            }
            None => {}
        }
    }
    kept
}

/// Applies what is missing.
pub(crate) async fn run(db: &Db) -> Result<()> {
    let outcome = match db {
        Db::Sqlite { write, .. } => run_in_one_transaction(write).await,
        Db::Postgres(pool) => Migrator::new(For("postgres")).await?.run(pool).await,
    };
    outcome.map_err(|error| match error {
        MigrateError::VersionMissing(version) => Error::Refused(format!(
            "The database is at schema {version}, newer than this turnpike knows. Run the newer turnpike, or restore a backup."
        )),
        other => other.into(),
    })
}

/// The migrator keeps other processes out on PostgreSQL only. In one transaction that holds the
/// file's lock from its start, two that start at once don't both find the same thing missing.
async fn run_in_one_transaction(write: &SqlitePool) -> std::result::Result<(), MigrateError> {
    let mut tx = write.begin_with("BEGIN IMMEDIATE").await?;
    Migrator::new(For("sqlite")).await?.run_direct(None, &mut *tx, false).await?;
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_kept_for_its_engine_only() {
        let text = "a\n-- only: postgres\nb\n-- end\nc\n";
        assert_eq!(keep_for("postgres", text), "a\nb\nc\n");
        assert_eq!(keep_for("sqlite", text), "a\nc\n");
    }
}
