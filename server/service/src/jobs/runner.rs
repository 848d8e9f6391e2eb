use std::time::Duration;

use domain::{
    ErrorCode, WorkerId,
    jobs::{JobState, Work},
};
use store::jobs::Job;
use tokio::task::JoinSet;

use super::step::{LEASE, Step, pass, step};
use crate::{Core, Error, Result};

/// How many items a transaction holds: enough to be quick, and few enough that nobody who waits for the
/// one writer of a file notices.
const CHUNK: usize = 500;
/// How many jobs a process works on at once, so that a short one need not wait for a long one.
const TOGETHER: usize = 2;
/// How often a process looks for jobs that it was not told of.
const POLL: Duration = Duration::from_secs(1);
/// How long a job is left alone that could not be worked on.
const PAUSE: Duration = Duration::from_secs(5);
/// How often a job is taken up without getting any further before it is given up.
const MOST_ATTEMPTS: i64 = 10;

/// Works on the jobs of all organizations.
///
/// A job is one runner's at a time, on all nodes together. One that ends in the middle, however it ends,
/// leaves every item either done, with its audit entry and its outcome, or untouched; the next runner goes
/// on with those.
#[derive(Debug, Clone)]
pub struct Runner {
    core: Core,
    worker: WorkerId,
}

impl Runner {
    /// A runner of its own, whatever else this process is.
    pub fn new(core: Core) -> Self {
        let worker = WorkerId::mint(core.now(), &core.entropy);
        Self { core, worker }
    }

    /// Works until it is dropped.
    pub async fn run(self) {
        if let Err(error) = self.take_over().await {
            tracing::warn!(source = ?error.source, "jobs of the process before this one could not be taken over");
        }
        let mut loops = JoinSet::new();
        for _ in 0..TOGETHER {
            let runner = self.clone();
            loops.spawn(async move { runner.work().await });
        }
        while loops.join_next().await.is_some() {}
    }

    /// Where a file holds the books, this is the only process that works, so whoever else has jobs is gone.
    async fn take_over(&self) -> Result<()> {
        if self.core.db.is_shared() {
            return Ok(());
        }
        let mut tx = self.core.db.begin().await?;
        tx.jobs().release(None).await?;
        Ok(tx.commit().await?)
    }

    async fn work(&self) {
        loop {
            if let Err(error) = self.work_off().await {
                tracing::warn!(%error, source = ?error.source, "jobs could not be looked for");
            }
            let _ = tokio::time::timeout(POLL, self.core.jobs.notified()).await;
        }
    }

    /// Works on every job that is there to be taken, until there is none.
    ///
    /// # Errors
    /// When the database can't be asked.
    pub async fn work_off(&self) -> Result<()> {
        while let Some(job) = self.claim().await? {
            let (id, runner) = (job.id, self.clone());
            // A task of its own, so that a panic is one job's.
            let mut task = JoinSet::new();
            task.spawn(async move { runner.work_on(&job).await });
            let failure = match task.join_next().await {
                Some(Ok(Ok(()))) | None => continue,
                Some(Ok(Err(error))) => format!("{error} {:?}", error.source),
                Some(Err(panic)) => panic.to_string(),
            };
            tracing::error!(job = %id, failure, "a job could not be worked on, and is taken up again later");
            let mut tx = self.core.db.begin().await?;
            tx.jobs().postpone(id, self.worker, PAUSE).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn claim(&self) -> Result<Option<Job>> {
        // Most of the time there is none, which is no reason to hold up the file's one writer.
        if !self.core.db.read().await?.jobs().has_free(Work::KINDS).await? {
            return Ok(None);
        }
        let mut tx = self.core.db.begin().await?;
        let job = tx.jobs().claim(self.worker, Work::KINDS, LEASE, self.core.now()).await?;
        tx.commit().await?;
        Ok(job)
    }

    async fn work_on(&self, job: &Job) -> Result<()> {
        if job.attempts > MOST_ATTEMPTS {
            return self.give_up(job, "It was begun 10 times without getting any further. Retry it later.").await;
        }
        let Ok(work) = Work::read(&job.kind, &job.parameters) else {
            return self.give_up(job, "This version of Turnpike can't do it. Begin another one.").await;
        };
        tracing::info!(job = %job.id, kind = job.kind, items = job.total, "a job is worked on");
        while self.chunk(job, &work).await? == Step::More {}
        tracing::info!(job = %job.id, "a job is left");
        Ok(())
    }

    /// The next items together, or one by one when one of them breaks.
    async fn chunk(&self, job: &Job, work: &Work) -> Result<Step> {
        match step(&self.core, self.worker, job, work, CHUNK).await {
            Err(error) if is_broken(&error) => {
                tracing::warn!(job = %job.id, source = ?error.source, "items break, and are done one by one");
                self.one_by_one(job, work).await
            }
            other => other,
        }
    }

    async fn one_by_one(&self, job: &Job, work: &Work) -> Result<Step> {
        for _ in 0..CHUNK {
            let next = match step(&self.core, self.worker, job, work, 1).await {
                Err(error) if is_broken(&error) => {
                    tracing::error!(job = %job.id, source = ?error.source, "an item could not be done");
                    pass(&self.core, self.worker, job).await?
                }
                other => other?,
            };
            if next != Step::More {
                return Ok(next);
            }
        }
        Ok(Step::More)
    }

    async fn give_up(&self, job: &Job, why: &str) -> Result<()> {
        let mut tx = self.core.db.begin().await?;
        if tx.jobs().renew(job.id, self.worker, LEASE).await? {
            tx.jobs().end(job.id, JobState::Failed, Some(why), self.core.now()).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Leaves the jobs that it works on to whoever is next, at once. Call it when it was dropped.
    ///
    /// # Errors
    /// When the database can't be asked; then they are free when their lease ends.
    pub async fn leave(&self) -> Result<()> {
        let mut tx = self.core.db.begin().await?;
        tx.jobs().release(Some(self.worker)).await?;
        Ok(tx.commit().await?)
    }
}

/// Whether it may be an item's own fault, and not that of a database that can't be reached.
fn is_broken(error: &Error) -> bool {
    error.code == ErrorCode::Internal
}
