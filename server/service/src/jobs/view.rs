use std::collections::HashMap;

use domain::{
    JobId, Timestamp, TokenId, UserId,
    jobs::{JobItemView, JobState, JobView, Reason, Work},
};
use store::{
    Reader,
    jobs::{ItemRow, Job},
};

use super::{ITEMS_KEPT, secrets, undo_ends};
use crate::{Actor, Result, keys::MANAGING};

/// A job, the one it takes back and its state.
type Undoing = (JobId, JobId, JobState);

/// Adds to each job who asked for it, and what can be done with it.
pub(super) async fn views(reader: &mut Reader, actor: &Actor, jobs: Vec<Job>, now: Timestamp) -> Result<Vec<JobView>> {
    let ids: Vec<JobId> = jobs.iter().map(|job| job.id).collect();
    let undoing = reader.jobs().undoing(&ids).await?;
    let askers = askers(reader, actor, &jobs).await?;
    let sealed: HashMap<JobId, i64> = reader.jobs().count_secrets(&ids).await?.into_iter().collect();
    let view = |job: Job| {
        let sealed = sealed.get(&job.id).map_or(0, |sealed| sealed.unsigned_abs());
        view(job, &undoing, &askers, sealed, actor, now)
    };
    Ok(jobs.into_iter().map(view).collect())
}

fn view(
    job: Job,
    undoing: &[Undoing],
    askers: &HashMap<String, String>,
    sealed: u64,
    actor: &Actor,
    now: Timestamp,
) -> JobView {
    let undone: Vec<Undoing> = undoing.iter().copied().filter(|(of, ..)| *of == job.id).collect();
    let work = Work::read(&job.kind, &job.parameters).ok();
    let may = MANAGING.iter().any(|permission| actor.may(*permission));
    let undoable = |work: &Work| may && why_no_undo(&job, work, &undone, now).is_none();
    let progress = job.progress();
    let secrets = work.as_ref().and_then(|work| secrets::standing(&job, work, sealed, actor, now));
    JobView {
        title: work.as_ref().map_or_else(|| job.kind.clone(), |work| work.title(progress.total)),
        can_cancel: may && !job.state.is_over(),
        can_retry: may && why_no_retry(&job, !undone.is_empty(), now).is_none(),
        undo_until: job.ended_at.filter(|_| work.as_ref().is_some_and(undoable)).map(undo_ends),
        undone_by: undone.last().map(|(_, by, _)| *by),
        created_by: askers.get(&job.created_by).cloned().unwrap_or_else(|| "Turnpike".to_owned()),
        id: job.id,
        kind: job.kind,
        state: job.state,
        progress,
        created_at: job.created_at,
        started_at: job.started_at,
        ended_at: job.ended_at,
        error: job.error,
        undoes: job.undoes,
        secrets,
    }
}

/// Why the failed items of a job can't be tried again.
pub(super) fn why_no_retry(job: &Job, was_undone: bool, now: Timestamp) -> Option<&'static str> {
    let left = job.total - job.done - job.skipped - job.failed;
    match job.state {
        JobState::Waiting | JobState::Running => Some("The job is not over yet. Wait for its end, or cancel it."),
        JobState::Cancelled => Some("The job was cancelled. Begin another one for the rest."),
        JobState::Done | JobState::Failed if was_undone => Some("The job was undone. Begin another one instead."),
        JobState::Done if job.failed == 0 => Some("Nothing failed, so there is nothing to try again."),
        JobState::Failed if job.failed + left == 0 => Some("Nothing is left to try again."),
        JobState::Done | JobState::Failed => {
            let forgotten = job.ended_at.is_some_and(|end| end.plus(ITEMS_KEPT) <= now);
            forgotten.then_some("The job was over 30 days ago, and its results are forgotten.")
        }
    }
}

/// Why a job can't be undone, when these have taken it back or tried to.
pub(super) fn why_no_undo(job: &Job, work: &Work, undone: &[Undoing], now: Timestamp) -> Option<&'static str> {
    if let Some(sentence) = work.is_final() {
        return Some(sentence);
    }
    let Some(end) = job.ended_at.filter(|_| job.state.is_over()) else {
        return Some("The job is not over yet. Cancel it first, or wait for its end.");
    };
    let again = undone.iter().all(|(.., state)| matches!(state, JobState::Failed | JobState::Cancelled));
    match () {
        () if undo_ends(end) <= now => Some("A job can be undone for 24 hours after its end, and that is over."),
        () if !again => Some("The job was undone already."),
        () if job.done == 0 => Some("The job changed nothing, so there is nothing to undo."),
        () => None,
    }
}

pub(super) fn item(item: ItemRow) -> JobItemView {
    JobItemView {
        position: item.position.unsigned_abs(),
        key_id: item.subject,
        name: item.name,
        outcome: item.outcome,
        message: item.reason.map(Reason::sentence).map(str::to_owned),
        reason: item.reason,
        at: item.at,
    }
}

/// The names of whoever asked for these jobs, by how the audit log spells them.
async fn askers(reader: &mut Reader, actor: &Actor, jobs: &[Job]) -> Result<HashMap<String, String>> {
    let token = |job: &Job| job.created_by.strip_prefix("token:").and_then(|id| id.parse().ok());
    let mut tokens: Vec<TokenId> = jobs.iter().filter_map(token).collect();
    let mut users: Vec<UserId> = jobs.iter().map(|job| job.user_id).collect();
    tokens.sort_unstable();
    tokens.dedup();
    users.sort_unstable();
    users.dedup();
    let users = reader.identity().user_names(&users).await?;
    let tokens = reader.identity().token_names(actor.organization, &tokens).await?;
    let users = users.into_iter().map(|(id, name)| (format!("user:{id}"), name.to_string()));
    let tokens = tokens.into_iter().map(|(id, name)| (format!("token:{id}"), format!("{name} (token)")));
    Ok(users.chain(tokens).collect())
}
