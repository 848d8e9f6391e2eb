//! What a worker does with jobs.

use std::time::Duration;

use domain::{JobId, Timestamp, WorkerId, jobs::Progress};
use sqlx::QueryBuilder;

use super::{Job, Jobs, columns};
use crate::{
    Result,
    dialect::{Now, SkipLocked},
};

/// Appends the condition of a job that is there to be taken.
macro_rules! free {
    ($q:ident, $kinds:expr) => {
        // The words of the index on jobs under way.
        $q.push("(state = 'waiting' OR state = 'running') AND (leased_until IS NULL OR leased_until < ");
        $q.push(DB::NOW).push(") AND kind IN (");
        let mut list = $q.separated(", ");
        for kind in $kinds {
            list.push_bind(*kind);
        }
        $q.push(")");
    };
}

impl Jobs<'_> {
    /// Whether there is a job of one of these kinds that nobody works on.
    pub async fn has_free(&mut self, kinds: &[&str]) -> Result<bool> {
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new("SELECT count(*) FROM (SELECT id FROM jobs WHERE ");
            free!(q, kinds);
            q.push(" LIMIT 1) AS free");
            let free: i64 = q.build_query_scalar().fetch_one(c).await?;
            Ok(free > 0)
        })
    }

    /// Takes the oldest job of one of these kinds that nobody works on, for so long.
    pub async fn claim(
        &mut self,
        worker: WorkerId,
        kinds: &[&str],
        lease: Duration,
        at: Timestamp,
    ) -> Result<Option<Job>> {
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new(
                "UPDATE jobs SET state = 'running', attempts = attempts + 1, started_at = COALESCE(started_at, ",
            );
            q.push_bind(at).push("), worker_id = ").push_bind(worker);
            q.push(", leased_until = ").push(DB::NOW).push(" + ").push_bind(micros(lease));
            q.push(" WHERE id = (SELECT id FROM jobs WHERE ");
            free!(q, kinds);
            q.push(" ORDER BY id LIMIT 1").push(DB::SKIP_LOCKED).push(") RETURNING ").push(columns!());
            Ok(q.build_query_as().fetch_optional(c).await?)
        })
    }

    /// Begins a transaction of a worker: false when the job is not theirs any more. Otherwise it is for so
    /// long, and nobody takes or ends it before the commit.
    pub async fn renew(&mut self, id: JobId, worker: WorkerId, lease: Duration) -> Result<bool> {
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new("UPDATE jobs SET leased_until = ");
            q.push(DB::NOW).push(" + ").push_bind(micros(lease));
            q.push(" WHERE id = ").push_bind(id).push(" AND worker_id = ").push_bind(worker);
            Ok(q.build().execute(c).await?.rows_affected() == 1)
        })
    }

    /// The job got so much further.
    pub async fn advance(&mut self, id: JobId, by: Progress) -> Result<()> {
        const SQL: &str = "UPDATE jobs SET done = done + $2, skipped = skipped + $3, failed = failed + $4, attempts = 0
            WHERE id = $1";
        run!(self.0, |c| {
            let advance = sqlx::query(SQL).bind(id).bind(by.done as i64).bind(by.skipped as i64);
            advance.bind(by.failed as i64).execute(c).await?;
            Ok(())
        })
    }

    /// Gives up a worker's jobs, or all of them where no other process can have any: whoever is next goes
    /// on with them.
    pub async fn release(&mut self, worker: Option<WorkerId>) -> Result<u64> {
        const SQL: &str = "UPDATE jobs SET worker_id = NULL, leased_until = NULL
            WHERE worker_id IS NOT NULL AND ($1 IS NULL OR worker_id = $1)";
        run!(self.0, |c| Ok(sqlx::query(SQL).bind(worker).execute(c).await?.rows_affected()))
    }

    /// Leaves a job alone for a while: it could not be worked on.
    pub async fn postpone(&mut self, id: JobId, worker: WorkerId, by: Duration) -> Result<()> {
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new("UPDATE jobs SET worker_id = NULL, leased_until = ");
            q.push(DB::NOW).push(" + ").push_bind(micros(by));
            q.push(" WHERE id = ").push_bind(id).push(" AND worker_id = ").push_bind(worker);
            q.build().execute(c).await?;
            Ok(())
        })
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX / 4)
}
