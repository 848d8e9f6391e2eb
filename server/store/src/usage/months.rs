//! Forgetting old events, month by month.
//!
//! On PostgreSQL each month's events have a table of their own, which is made before the month begins and
//! dropped when its events are forgotten. Rollups are kept: what was used and spent stays known.

use domain::{EventId, Timestamp};
use sqlx::{AssertSqlSafe, SqlSafeStr};

use super::{Usage, read::first_id};
use crate::{Result, db::Conn};

/// How many events SQLite forgets at a time, so that calls need not wait long for their turn to be written.
const CHUNK: i64 = 10_000;

/// The name of the setting that says from when on there are events.
const KEPT_FROM: &str = "usage_events_from";

impl Usage<'_> {
    /// Makes the table of a month, where months have tables and it is missing. `start` and `end` are the
    /// month's, and `name` is how it is called, as in `2026_11`.
    ///
    /// # Errors
    /// Also when events of that month have come already, and are where those of no month are.
    pub async fn prepare_month(&mut self, name: &str, start: Timestamp, end: Timestamp) -> Result<()> {
        let Conn::Postgres(connection) = &mut self.0 else { return Ok(()) };
        let exists: bool = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
            .bind(format!("usage_events_{name}"))
            .fetch_one(&mut **connection)
            .await?;
        if exists || self.is_past(first_id(start)).await? {
            return Ok(());
        }
        let [from, to] = [start, end].map(|at| first_id(at).uuid());
        let sql = format!(
            "CREATE TABLE usage_events_{name} PARTITION OF usage_events FOR VALUES FROM ('{from}') TO ('{to}')"
        );
        self.execute_ddl(sql).await
    }

    /// Whether the table of all that came before months had tables takes this event.
    async fn is_past(&mut self, id: EventId) -> Result<bool> {
        let months = self.months().await?;
        Ok(months.iter().any(|(name, end)| name == "usage_events_past" && id.uuid() < *end))
    }

    /// Forgets events from before `before`, which begins a month. Answers whether there are more to forget.
    pub async fn forget_before(&mut self, before: Timestamp) -> Result<bool> {
        const SQL: &str =
            "DELETE FROM usage_events WHERE id IN (SELECT id FROM usage_events WHERE id < $1 ORDER BY id LIMIT $2)";
        let first = first_id(before);
        self.note_kept_from(before).await?;
        if let Conn::Sqlite(connection) = &mut self.0 {
            let deleted = sqlx::query(SQL).bind(first).bind(CHUNK).execute(&mut **connection).await?;
            return Ok(deleted.rows_affected() == CHUNK as u64);
        }
        for (name, end) in self.months().await? {
            if end <= first.uuid() {
                self.execute_ddl(format!("DROP TABLE {name}")).await?;
            }
        }
        Ok(false)
    }

    /// From when on there are events. Books from before can't be compared with them.
    pub async fn kept_from(&mut self) -> Result<Option<Timestamp>> {
        const SQL: &str = "SELECT value FROM settings WHERE name = $1";
        let value: Option<String> = run!(self.0, |c| sqlx::query_scalar(SQL).bind(KEPT_FROM).fetch_optional(c).await?);
        Ok(value.and_then(|text| text.parse().ok()))
    }

    async fn note_kept_from(&mut self, from: Timestamp) -> Result<()> {
        const SQL: &str = "INSERT INTO settings (name, value) VALUES ($1, $2)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        // What was forgotten does not come back when the policy does.
        if self.kept_from().await?.is_some_and(|kept| kept >= from) {
            return Ok(());
        }
        run!(self.0, |c| {
            sqlx::query(SQL).bind(KEPT_FROM).bind(from.to_string()).execute(c).await?;
            Ok(())
        })
    }

    /// The tables of months, and before which identity each ends.
    async fn months(&mut self) -> Result<Vec<(String, uuid::Uuid)>> {
        const SQL: &str = "SELECT name, CAST(ends AS UUID) FROM (
            SELECT CAST(c.relname AS TEXT) AS name,
                substring(pg_get_expr(c.relpartbound, c.oid) from 'TO \\(''([0-9a-f-]+)''\\)') AS ends
            FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = CAST('usage_events' AS regclass)) AS months WHERE ends IS NOT NULL ORDER BY ends";
        let Conn::Postgres(connection) = &mut self.0 else { return Ok(Vec::new()) };
        Ok(sqlx::query_as(SQL).fetch_all(&mut **connection).await?)
    }

    /// The text is made of names and identities that are made here.
    async fn execute_ddl(&mut self, sql: String) -> Result<()> {
        let Conn::Postgres(connection) = &mut self.0 else { return Ok(()) };
        sqlx::raw_sql(AssertSqlSafe(sql).into_sql_str()).execute(&mut **connection).await?;
        Ok(())
    }
}
