//! The items of a job.

use domain::{
    JobId, KeyId, OrganizationId, Timestamp,
    jobs::{Outcome, Reason},
};
use sqlx::QueryBuilder;

use super::Jobs;
use crate::Result;

/// How many items one statement writes. Only statements of this length stay prepared.
const CHUNK: usize = 500;

/// An item that has no outcome yet.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Item {
    /// Its place in the job, from 1.
    pub position: i64,
    /// What it is about.
    pub subject: KeyId,
    /// What another job changed, which this one takes back: what was, as JSON text.
    pub before_json: Option<String>,
    /// What the other job left.
    pub after_json: Option<String>,
    /// What it is to be made of, where the job makes it: JSON text.
    pub input_json: Option<String>,
}

/// An item of a job that makes its subjects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewItem {
    /// What it is about, once it is made.
    pub subject: KeyId,
    /// What that is to be called.
    pub name: String,
    /// What it is to be made of, as JSON text.
    pub input_json: String,
}

/// What became of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemOutcome {
    /// Its place in the job.
    pub position: i64,
    /// What the subject was called.
    pub name: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was not done.
    pub reason: Option<Reason>,
    /// What was changed: what was, as JSON text.
    pub before_json: Option<String>,
    /// What is.
    pub after_json: Option<String>,
}

/// An item as it is listed.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ItemRow {
    /// Its place in the job, from 1.
    pub position: i64,
    /// What it is about.
    pub subject: KeyId,
    /// What that was called at its outcome, or is called before that.
    pub name: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was not done.
    pub reason: Option<Reason>,
    /// When it had its outcome.
    pub at: Option<Timestamp>,
}

impl Jobs<'_> {
    /// Adds items without an outcome, in places from `first` on.
    pub async fn insert_items(&mut self, job: JobId, first: i64, subjects: &[KeyId]) -> Result<()> {
        for (chunk, start) in subjects.chunks(CHUNK).zip((first..).step_by(CHUNK)) {
            run!(self.0, |c| {
                let mut q = QueryBuilder::<DB>::new("INSERT INTO job_items (job_id, position, subject, outcome) ");
                q.push_values(chunk.iter().zip(start..), |mut row, (subject, position)| {
                    row.push_bind(job).push_bind(position).push_bind(*subject).push("'waiting'");
                });
                q.build().persistent(chunk.len() == CHUNK).execute(c).await?;
            });
        }
        Ok(())
    }

    /// Adds items whose subjects the job is to make, in places from 1 on.
    pub async fn insert_new(&mut self, job: JobId, items: &[NewItem]) -> Result<()> {
        for (chunk, start) in items.chunks(CHUNK).zip((1_i64..).step_by(CHUNK)) {
            run!(self.0, |c| {
                let mut q = QueryBuilder::<DB>::new(
                    "INSERT INTO job_items (job_id, position, subject, name, input_json, outcome) ",
                );
                q.push_values(chunk.iter().zip(start..), |mut row, (item, position)| {
                    row.push_bind(job).push_bind(position).push_bind(item.subject);
                    row.push_bind(&item.name).push_bind(&item.input_json).push("'waiting'");
                });
                q.build().persistent(chunk.len() == CHUNK).execute(c).await?;
            });
        }
        Ok(())
    }

    /// Adds to `job` an item for each that `undone` has changed; answers how many.
    pub async fn insert_undoing(&mut self, job: JobId, undone: JobId) -> Result<i64> {
        const SQL: &str = "INSERT INTO job_items (job_id, position, subject, name, outcome, before_json, after_json)
            SELECT $1, row_number() OVER (ORDER BY position), subject, name, 'waiting', before_json, after_json
            FROM job_items WHERE job_id = $2 AND outcome = 'done'";
        run!(self.0, |c| {
            let inserted = sqlx::query(SQL).bind(job).bind(undone).execute(c).await?.rows_affected();
            Ok(i64::try_from(inserted).unwrap_or(i64::MAX))
        })
    }

    /// Sets how many items the job has.
    pub async fn set_total(&mut self, job: JobId, total: i64) -> Result<()> {
        run!(self.0, |c| {
            sqlx::query("UPDATE jobs SET total = $2 WHERE id = $1").bind(job).bind(total).execute(c).await?;
            Ok(())
        })
    }

    /// At most `limit` items without an outcome, in order.
    pub async fn next_items(&mut self, job: JobId, limit: i64) -> Result<Vec<Item>> {
        const SQL: &str = "SELECT position, subject, before_json, after_json, input_json FROM job_items
            WHERE job_id = $1 AND outcome = 'waiting' ORDER BY position LIMIT $2";
        run!(self.0, |c| Ok(sqlx::query_as(SQL).bind(job).bind(limit).fetch_all(c).await?))
    }

    /// Writes what became of items.
    pub async fn settle_items(&mut self, job: JobId, items: &[ItemOutcome], at: Timestamp) -> Result<()> {
        for chunk in items.chunks(CHUNK) {
            run!(self.0, |c| {
                let mut q = QueryBuilder::<DB>::new(
                    "UPDATE job_items SET outcome = s.column2, reason = s.column3, name = COALESCE(s.column4, name),
                    before_json = s.column5, after_json = s.column6, at = ",
                );
                q.push_bind(at).push(" FROM (");
                q.push_values(chunk, |mut row, item| {
                    row.push_bind(item.position).push_bind(item.outcome).push_bind(item.reason);
                    row.push_bind(&item.name).push_bind(&item.before_json).push_bind(&item.after_json);
                });
                q.push(") AS s WHERE job_id = ").push_bind(job).push(" AND position = s.column1");
                q.build().persistent(chunk.len() == CHUNK).execute(c).await?;
            });
        }
        Ok(())
    }

    /// At most `limit` items of the organization's job after a place, in order, with this outcome only.
    pub async fn items(
        &mut self,
        organization: OrganizationId,
        job: JobId,
        outcome: Option<Outcome>,
        after: i64,
        limit: i64,
    ) -> Result<Vec<ItemRow>> {
        // Somebody may have named the key of another organization: what that is called is not theirs to know.
        const SQL: &str = "SELECT i.position, i.subject, COALESCE(i.name, k.name) AS name, i.outcome, i.reason, i.at
            FROM job_items i JOIN jobs j ON j.id = i.job_id
            LEFT JOIN api_keys k ON k.id = i.subject AND k.organization_id = j.organization_id
            WHERE i.job_id = ";
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new(SQL);
            q.push_bind(job).push(" AND j.organization_id = ").push_bind(organization);
            q.push(" AND i.position > ").push_bind(after);
            if let Some(outcome) = outcome {
                q.push(" AND i.outcome = ").push_bind(outcome);
            }
            q.push(" ORDER BY i.position LIMIT ").push_bind(limit);
            Ok(q.build_query_as().fetch_all(c).await?)
        })
    }

    /// Forgets the items of one job that was over before then; says whether there was one.
    pub async fn forget_items(&mut self, before: Timestamp) -> Result<bool> {
        const SQL: &str = "DELETE FROM job_items WHERE job_id = (SELECT j.id FROM jobs j WHERE j.ended_at < $1
            AND EXISTS (SELECT 1 FROM job_items i WHERE i.job_id = j.id) LIMIT 1)";
        run!(self.0, |c| Ok(sqlx::query(SQL).bind(before).execute(c).await?.rows_affected() > 0))
    }
}
