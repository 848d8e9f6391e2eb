//! Jobs: what is to be done, how far it is, and who works on it.
//!
//! A job is one worker's at a time. The worker's lease has an end, by the database's clock; it is renewed,
//! and with it proven, at the start of each transaction that gets the job further ([`Jobs::renew`]). So
//! what a transaction of a worker who lost the job has done is undone with it.

mod items;
mod run;
mod secrets;

use domain::{
    JobId, OrganizationId, RequestId, Timestamp, UserId, WorkerId,
    jobs::{JobState, Progress},
};
use sqlx::QueryBuilder;

pub use items::{Item, ItemOutcome, ItemRow, NewItem};
pub use secrets::{SealedSecret, TakenSecret, secret_place};

use crate::{Result, db::Conn, dialect::ForUpdate};

/// A job.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Job {
    /// Its identity.
    pub id: JobId,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// What kind of work it is.
    pub kind: String,
    /// What else there is to know of the work, as JSON text.
    pub parameters: String,
    /// Who asked for it: an audit actor such as `user:usr_…`.
    pub created_by: String,
    /// The person behind.
    pub user_id: UserId,
    /// By which request.
    pub request_id: RequestId,
    /// From which address.
    pub ip: Option<String>,
    /// With which program.
    pub user_agent: Option<String>,
    /// Where it is in its life.
    pub state: JobState,
    /// How many items it has.
    pub total: i64,
    /// How many were changed.
    pub done: i64,
    /// In how many there was nothing to do.
    pub skipped: i64,
    /// How many could not be changed.
    pub failed: i64,
    /// Since when.
    pub created_at: Timestamp,
    /// When the work began.
    pub started_at: Option<Timestamp>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// Who works on it.
    pub worker_id: Option<WorkerId>,
    /// How often it was taken up since it last got further.
    pub attempts: i64,
    /// Why it was given up, for people.
    pub error: Option<String>,
    /// Which job it takes back.
    pub undoes: Option<JobId>,
    /// When the secrets of what it made were downloaded last.
    pub secrets_taken_at: Option<Timestamp>,
}

impl Job {
    /// How far it is.
    pub fn progress(&self) -> Progress {
        let [total, done, skipped, failed] = [self.total, self.done, self.skipped, self.failed].map(i64::unsigned_abs);
        Progress { total, done, skipped, failed }
    }
}

/// Which jobs a list shows. Always one organization's.
#[derive(Debug, Clone, Copy, Default)]
pub struct JobFilter {
    /// Only those that this person asked for.
    pub user: Option<UserId>,
    /// Only those in this state.
    pub state: Option<JobState>,
    /// Only what comes after this job in the list, whose order is newest first.
    pub before: Option<JobId>,
}

/// The columns of [`Job`].
macro_rules! columns {
    () => {
        "id, organization_id, kind, parameters, created_by, user_id, request_id, ip, user_agent, state, total, done,
        skipped, failed, created_at, started_at, ended_at, worker_id, attempts, error, undoes,
        secrets_taken_at"
    };
}
use columns;

/// The repository.
#[derive(Debug)]
pub struct Jobs<'c>(pub(crate) Conn<'c>);

impl Jobs<'_> {
    /// Adds a job, without any item.
    pub async fn insert(&mut self, job: &Job) -> Result<()> {
        const SQL: &str = concat!(
            "INSERT INTO jobs (",
            columns!(),
            ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
            $22)"
        );
        let j = job;
        run!(self.0, |c| {
            let insert = sqlx::query(SQL).bind(j.id).bind(j.organization_id).bind(&j.kind).bind(&j.parameters);
            let insert = insert.bind(&j.created_by).bind(j.user_id).bind(j.request_id).bind(&j.ip);
            let insert = insert.bind(&j.user_agent).bind(j.state).bind(j.total).bind(j.done).bind(j.skipped);
            let insert = insert.bind(j.failed).bind(j.created_at).bind(j.started_at).bind(j.ended_at);
            let insert = insert.bind(j.worker_id).bind(j.attempts).bind(&j.error).bind(j.undoes);
            insert.bind(j.secrets_taken_at).execute(c).await?;
            Ok(())
        })
    }

    /// The organization's job with this identity.
    pub async fn get(&mut self, organization: OrganizationId, id: JobId) -> Result<Option<Job>> {
        const SQL: &str = concat!("SELECT ", columns!(), " FROM jobs WHERE organization_id = $1 AND id = $2");
        run!(self.0, |c| Ok(sqlx::query_as(SQL).bind(organization).bind(id).fetch_optional(c).await?))
    }

    /// As [`Jobs::get`], for a transaction that is going to change the job: its worker waits meanwhile.
    pub async fn get_for_update(&mut self, organization: OrganizationId, id: JobId) -> Result<Option<Job>> {
        const SQL: &str = concat!("SELECT ", columns!(), " FROM jobs WHERE organization_id = ");
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new(SQL);
            q.push_bind(organization).push(" AND id = ").push_bind(id).push(DB::FOR_UPDATE);
            Ok(q.build_query_as().fetch_optional(c).await?)
        })
    }

    /// At most `limit` of the organization's jobs, the newest first.
    pub async fn list(&mut self, organization: OrganizationId, filter: &JobFilter, limit: i64) -> Result<Vec<Job>> {
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new(concat!("SELECT ", columns!(), " FROM jobs WHERE organization_id = "));
            q.push_bind(organization);
            if let Some(user) = filter.user {
                q.push(" AND user_id = ").push_bind(user);
            }
            if let Some(state) = filter.state {
                q.push(" AND state = ").push_bind(state);
            }
            if let Some(before) = filter.before {
                q.push(" AND id < ").push_bind(before);
            }
            q.push(" ORDER BY id DESC LIMIT ").push_bind(limit);
            Ok(q.build_query_as().fetch_all(c).await?)
        })
    }

    /// The jobs that take these back, each with the one it takes back, the oldest first.
    pub async fn undoing(&mut self, jobs: &[JobId]) -> Result<Vec<(JobId, JobId, JobState)>> {
        if jobs.is_empty() {
            return Ok(Vec::new());
        }
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new("SELECT undoes, id, state FROM jobs WHERE undoes IN (");
            let mut list = q.separated(", ");
            for job in jobs {
                list.push_bind(*job);
            }
            q.push(") ORDER BY id");
            Ok(q.build_query_as().persistent(false).fetch_all(c).await?)
        })
    }

    /// Ends a job, whoever works on it: they notice at their next transaction.
    pub async fn end(&mut self, id: JobId, state: JobState, error: Option<&str>, at: Timestamp) -> Result<()> {
        const SQL: &str = "UPDATE jobs SET state = $2, error = $3, ended_at = $4, worker_id = NULL, leased_until = NULL
            WHERE id = $1";
        run!(self.0, |c| {
            sqlx::query(SQL).bind(id).bind(state).bind(error).bind(at).execute(c).await?;
            Ok(())
        })
    }

    /// Lets a job that is over begin again with its failed items, and those that were never reached.
    pub async fn begin_again(&mut self, id: JobId) -> Result<()> {
        const ITEMS: &str = "UPDATE job_items SET outcome = 'waiting', reason = NULL, at = NULL
            WHERE job_id = $1 AND outcome = 'failed'";
        const JOB: &str = "UPDATE jobs SET state = 'waiting', failed = 0, ended_at = NULL, error = NULL, attempts = 0,
            worker_id = NULL, leased_until = NULL WHERE id = $1";
        run!(self.0, |c| {
            sqlx::query(ITEMS).bind(id).execute(&mut *c).await?;
            sqlx::query(JOB).bind(id).execute(c).await?;
            Ok(())
        })
    }
}
