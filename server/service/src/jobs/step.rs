//! One transaction of a job: a chunk of its items, their changes, audit entries and outcomes, and how far
//! the job is. All of it is in the database, or nothing.

use std::time::Duration;

use domain::{
    WorkerId,
    jobs::{JobState, Outcome, Progress, Reason, Work},
    secrets::Secret,
};
use store::{
    changes::Change,
    jobs::{Item, ItemOutcome, Job},
};

use super::{asker::asker, secrets};
use crate::{Core, Result, keys};

/// How long a job is a worker's after each step. A step takes some ten milliseconds.
pub(super) const LEASE: Duration = Duration::from_secs(15);

/// What a room has done to items.
#[derive(Default)]
pub(crate) struct Worked {
    /// What became of each.
    pub(crate) outcomes: Vec<ItemOutcome>,
    /// What the gateways must hear of.
    pub(crate) changes: Vec<Change>,
    /// The secrets of what was made, each with its item's place.
    pub(crate) secrets: Vec<(i64, Secret)>,
}

/// How a job goes on after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// There is more to do.
    More,
    /// It is over.
    Over,
    /// It is another worker's, or was cancelled.
    Lost,
}

/// Does the next items of a job, at most so many.
pub(super) async fn step(core: &Core, worker: WorkerId, job: &Job, work: &Work, most: usize) -> Result<Step> {
    let mut tx = core.db.begin().await?;
    if !tx.jobs().renew(job.id, worker, LEASE).await? {
        return Ok(Step::Lost);
    }
    let items = tx.jobs().next_items(job.id, most as i64).await?;
    let worked = match asker(core, &mut tx, job).await? {
        Some(actor) => keys::work(core, &mut tx, &actor, work, &items).await?,
        None => not_done(&items, Reason::NoLongerAllowed),
    };
    let now = core.now();
    tx.jobs().settle_items(job.id, &worked.outcomes, now).await?;
    secrets::keep(core, &mut tx, job.id, &worked.secrets).await?;
    tx.jobs().advance(job.id, progress(&worked.outcomes)).await?;
    let over = items.len() < most;
    if over {
        tx.jobs().end(job.id, JobState::Done, None, now).await?;
    }
    match worked.changes.is_empty() {
        true => tx.commit().await?,
        false => core.commit_changes(tx, &worked.changes).await?,
    }
    Ok(if over { Step::Over } else { Step::More })
}

/// Passes over the next item, which can't be done.
pub(super) async fn pass(core: &Core, worker: WorkerId, job: &Job) -> Result<Step> {
    let mut tx = core.db.begin().await?;
    if !tx.jobs().renew(job.id, worker, LEASE).await? {
        return Ok(Step::Lost);
    }
    let items = tx.jobs().next_items(job.id, 1).await?;
    let outcomes = not_done(&items, Reason::Broken).outcomes;
    tx.jobs().settle_items(job.id, &outcomes, core.now()).await?;
    tx.jobs().advance(job.id, progress(&outcomes)).await?;
    tx.commit().await?;
    Ok(Step::More)
}

/// Items that fail for this reason.
pub(crate) fn not_done(items: &[Item], reason: Reason) -> Worked {
    let failed = |item: &Item| ItemOutcome {
        position: item.position,
        name: None,
        outcome: Outcome::Failed,
        reason: Some(reason),
        before_json: item.before_json.clone(),
        after_json: item.after_json.clone(),
    };
    Worked { outcomes: items.iter().map(failed).collect(), ..Worked::default() }
}

fn progress(outcomes: &[ItemOutcome]) -> Progress {
    let count = |wanted| outcomes.iter().filter(|item| item.outcome == wanted).count() as u64;
    Progress { total: 0, done: count(Outcome::Done), skipped: count(Outcome::Skipped), failed: count(Outcome::Failed) }
}
