//! The secrets of what a job made, on their way to whoever asked for it.

use domain::{JobId, KeyId, Timestamp, secrets::SecretHash};
use sqlx::QueryBuilder;
use uuid::Uuid;

use super::Jobs;
use crate::{Result, vault::Place};

/// How many secrets one statement writes. Only statements of this length stay prepared.
const CHUNK: usize = 500;

/// A secret as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedSecret {
    /// The place of its item in the job.
    pub position: i64,
    /// The secret, sealed for [`secret_place`] by [`crate::vault::Vault`].
    pub sealed: Vec<u8>,
}

/// A secret that was taken away, still sealed.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct TakenSecret {
    /// The place of its item in the job.
    pub position: i64,
    /// Whose secret it is.
    pub subject: KeyId,
    /// What that was called when it was made.
    pub name: String,
    /// The secret, sealed.
    pub sealed: Vec<u8>,
}

/// Where the secret of a job's item is sealed for: a sealed one that is copied to another job or place does not open.
pub fn secret_place(job: JobId, position: i64) -> Place {
    let mut named = job.uuid().as_bytes().to_vec();
    named.extend(position.to_be_bytes());
    let mut row = [0; 16];
    row.copy_from_slice(&SecretHash::of_bytes(&named).as_bytes()[..16]);
    Place { table: "job_secrets", column: "sealed", row: Uuid::from_bytes(row) }
}

impl Jobs<'_> {
    /// Keeps the secrets of what a job made.
    pub async fn insert_secrets(&mut self, job: JobId, secrets: &[SealedSecret]) -> Result<()> {
        for chunk in secrets.chunks(CHUNK) {
            run!(self.0, |c| {
                let mut q = QueryBuilder::<DB>::new("INSERT INTO job_secrets (job_id, position, sealed) ");
                q.push_values(chunk, |mut row, secret| {
                    row.push_bind(job).push_bind(secret.position).push_bind(&secret.sealed);
                });
                q.build().persistent(chunk.len() == CHUNK).execute(c).await?;
            });
        }
        Ok(())
    }

    /// How many secrets are kept of each of these jobs that has any.
    pub async fn count_secrets(&mut self, jobs: &[JobId]) -> Result<Vec<(JobId, i64)>> {
        if jobs.is_empty() {
            return Ok(Vec::new());
        }
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new("SELECT job_id, count(*) FROM job_secrets WHERE job_id IN (");
            let mut list = q.separated(", ");
            for job in jobs {
                list.push_bind(*job);
            }
            q.push(") GROUP BY job_id");
            Ok(q.build_query_as().persistent(false).fetch_all(c).await?)
        })
    }

    /// Takes a job's secrets away, and notes when: with the commit they are here and nowhere else.
    pub async fn take_secrets(&mut self, job: JobId, at: Timestamp) -> Result<Vec<TakenSecret>> {
        const READ: &str = "SELECT s.position, i.subject, COALESCE(i.name, '') AS name, s.sealed
            FROM job_secrets s JOIN job_items i ON i.job_id = s.job_id AND i.position = s.position
            WHERE s.job_id = $1 ORDER BY s.position";
        const NOTE: &str = "UPDATE jobs SET secrets_taken_at = $2 WHERE id = $1";
        let secrets = run!(self.0, |c| {
            let secrets = sqlx::query_as(READ).bind(job).fetch_all(&mut *c).await?;
            sqlx::query(NOTE).bind(job).bind(at).execute(c).await?;
            secrets
        });
        self.delete_secrets(job).await?;
        Ok(secrets)
    }

    /// Forgets the secrets of a job.
    pub async fn delete_secrets(&mut self, job: JobId) -> Result<()> {
        run!(self.0, |c| {
            sqlx::query("DELETE FROM job_secrets WHERE job_id = $1").bind(job).execute(c).await?;
            Ok(())
        })
    }

    /// Forgets the secrets of all jobs that were over at `before` or earlier; answers how many.
    pub async fn forget_secrets(&mut self, before: Timestamp) -> Result<u64> {
        const SQL: &str = "DELETE FROM job_secrets WHERE job_id IN
            (SELECT j.id FROM jobs j WHERE j.ended_at <= $1 AND j.id IN (SELECT job_id FROM job_secrets))";
        run!(self.0, |c| Ok(sqlx::query(SQL).bind(before).execute(c).await?.rows_affected()))
    }
}
