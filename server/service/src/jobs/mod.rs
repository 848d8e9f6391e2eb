//! Work in the background: what was asked for, how far it is, what came of it.
//!
//! [`Runner`] does the work; the room that asks for it knows what it is (`keys::bulk`).

mod asker;
mod runner;
mod secrets;
mod step;
mod view;

use std::time::Duration;

use domain::{
    ErrorCode, JobId, Page, PageQuery, Timestamp,
    identity::Permission,
    jobs::{ItemQuery, JobItemView, JobQuery, JobSecrets, JobState, JobView, Outcome, Work},
};
use serde_json::json;
use store::{
    Tx,
    jobs::{Job, JobFilter},
};

pub use self::runner::Runner;
pub(crate) use self::step::{Worked, not_done};
use crate::{
    Actor, Core, Error, Result,
    audit::{Deed, created},
    keys::MANAGING,
};

/// How long after its end a job can be undone.
const UNDOABLE: Duration = Duration::from_secs(24 * 3600);
/// How long after a job's end the outcomes of its items are kept.
const ITEMS_KEPT: Duration = Duration::from_secs(30 * 86_400);
/// How many items an export reads at a time.
const EXPORT_PAGE: i64 = 1_000;

/// Jobs.
#[derive(Debug, Clone)]
pub struct Jobs {
    core: Core,
}

impl Jobs {
    /// The handle.
    pub fn new(core: Core) -> Self {
        Self { core }
    }

    /// Jobs of the organization, the newest first: all for those who manage every key, otherwise one's own.
    pub async fn list(&self, actor: &Actor, query: &JobQuery, page: &PageQuery) -> Result<Page<JobView>> {
        actor.require(Permission::JobsRead)?;
        let limit = page.limit()?;
        let user = (!actor.may(Permission::KeysManage)).then_some(actor.user);
        let filter = JobFilter { user, state: query.state()?, before: page.after()? };
        let mut reader = self.core.db.read().await?;
        let rows = reader.jobs().list(actor.organization, &filter, i64::from(limit) + 1).await?;
        let page = Page::cut(rows, limit, |job| job.id.to_string());
        let data = view::views(&mut reader, actor, page.data, self.core.now()).await?;
        Ok(Page { data, next_cursor: page.next_cursor })
    }

    /// One job.
    pub async fn get(&self, actor: &Actor, id: JobId) -> Result<JobView> {
        actor.require(Permission::JobsRead)?;
        self.seen(actor, id).await?;
        self.view_one(actor, id).await
    }

    /// What became of a job's items, in their order.
    pub async fn items(
        &self,
        actor: &Actor,
        id: JobId,
        query: &ItemQuery,
        page: &PageQuery,
    ) -> Result<Page<JobItemView>> {
        actor.require(Permission::JobsRead)?;
        let (limit, outcome) = (page.limit()?, query.outcome()?);
        let after: u32 = page.after()?.unwrap_or(0);
        self.seen(actor, id).await?;
        let mut reader = self.core.db.read().await?;
        let rows = reader.jobs().items(actor.organization, id, outcome, i64::from(after), i64::from(limit) + 1).await?;
        Ok(Page::cut(rows, limit, |item| item.position.to_string()).map(view::item))
    }

    /// The items after a place, a page of an export; empty at the end.
    pub async fn export(
        &self,
        actor: &Actor,
        id: JobId,
        outcome: Option<Outcome>,
        after: u64,
    ) -> Result<Vec<JobItemView>> {
        actor.require(Permission::JobsRead)?;
        self.seen(actor, id).await?;
        let mut reader = self.core.db.read().await?;
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        let rows = reader.jobs().items(actor.organization, id, outcome, after, EXPORT_PAGE).await?;
        Ok(rows.into_iter().map(view::item).collect())
    }

    /// Ends a job that is not over. What it has done stays done.
    ///
    /// # Errors
    /// When it is over.
    pub async fn cancel(&self, actor: &Actor, id: JobId) -> Result<JobView> {
        let mut tx = self.core.db.begin().await?;
        let job = owned(&mut tx, actor, id).await?;
        if job.state.is_over() {
            return Err(Error::new(ErrorCode::Conflict, "The job is over already, so there is nothing to cancel."));
        }
        tx.jobs().end(id, JobState::Cancelled, None, self.core.now()).await?;
        let (before, after) = (json!({ "state": job.state }), json!({ "state": JobState::Cancelled }));
        let deed = Deed { action: "job.cancelled", target: id.to_string(), before: Some(&before), after: Some(&after) };
        self.core.audit(&mut tx, actor, deed).await?;
        tx.commit().await?;
        self.view_one(actor, id).await
    }

    /// Tries the failed items of a job again, for whoever asked for it at first.
    ///
    /// # Errors
    /// When it is not over or was undone, or nothing failed.
    pub async fn retry_failed(&self, actor: &Actor, id: JobId) -> Result<JobView> {
        let mut tx = self.core.db.begin().await?;
        let job = owned(&mut tx, actor, id).await?;
        let undone = tx.jobs().undoing(&[id]).await?;
        if let Some(refusal) = view::why_no_retry(&job, !undone.is_empty(), self.core.now()) {
            return Err(Error::new(ErrorCode::Conflict, refusal));
        }
        // They are not to be had for longer because others come to them.
        if job.ended_at.is_some_and(|end| end.plus(JobSecrets::KEPT) <= self.core.now()) {
            tx.jobs().delete_secrets(id).await?;
        }
        tx.jobs().begin_again(id).await?;
        let (before, after) = (json!({ "state": job.state }), json!({ "state": JobState::Waiting }));
        let deed = Deed { action: "job.retried", target: id.to_string(), before: Some(&before), after: Some(&after) };
        self.core.audit(&mut tx, actor, deed).await?;
        tx.commit().await?;
        self.core.jobs.notify_one();
        self.view_one(actor, id).await
    }

    /// Makes a job that takes back what this one did, as far as nobody has changed it since.
    ///
    /// # Errors
    /// When it is not over, or is for longer than a day; when it was undone, or is what can't be.
    pub async fn undo(&self, actor: &Actor, id: JobId) -> Result<JobView> {
        let now = self.core.now();
        let mut tx = self.core.db.begin().await?;
        let undone = owned(&mut tx, actor, id).await?;
        let work = Work::read(&undone.kind, &undone.parameters)?;
        let undoing = tx.jobs().undoing(&[id]).await?;
        if let Some(refusal) = view::why_no_undo(&undone, &work, &undoing, now) {
            return Err(Error::new(ErrorCode::Conflict, refusal));
        }
        let work = match work {
            Work::Keys(action) => Work::UndoKeys(action),
            Work::CreateKeys(_) => Work::UndoCreateKeys,
            Work::UndoKeys(_) | Work::UndoCreateKeys => return Err(Error::internal("an undo of an undo")),
        };
        let job = Job { undoes: Some(id), ..asked_for(&self.core, actor, &work) };
        tx.jobs().insert(&job).await?;
        let total = tx.jobs().insert_undoing(job.id, id).await?;
        self.begin(tx, actor, Job { total, ..job }).await
    }

    /// Commits a job that was just made, with all its items, and lets it begin.
    pub(crate) async fn begin(&self, mut tx: Tx, actor: &Actor, job: Job) -> Result<JobView> {
        tx.jobs().set_total(job.id, job.total).await?;
        let parameters: serde_json::Value = serde_json::from_str(&job.parameters).map_err(Error::internal)?;
        let after = json!({ "kind": job.kind, "parameters": parameters, "items": job.total, "undoes": job.undoes });
        self.core.audit(&mut tx, actor, created("job.created", job.id.to_string(), &after)).await?;
        tx.commit().await?;
        self.core.jobs.notify_one();
        self.view_one(actor, job.id).await
    }

    /// Refuses a job that the actor may not see as one that there is not.
    async fn seen(&self, actor: &Actor, id: JobId) -> Result<()> {
        let job = self.core.db.read().await?.jobs().get(actor.organization, id).await?;
        job.filter(|job| sees(actor, job)).map(drop).ok_or_else(nothing)
    }

    async fn view_one(&self, actor: &Actor, id: JobId) -> Result<JobView> {
        let mut reader = self.core.db.read().await?;
        let job = reader.jobs().get(actor.organization, id).await?.ok_or_else(nothing)?;
        let views = view::views(&mut reader, actor, vec![job], self.core.now()).await?;
        views.into_iter().next().ok_or_else(nothing)
    }
}

/// Forgets the secrets of jobs that were over an hour ago, and what became of the items of jobs that have been over for long.
pub(crate) async fn tidy(core: &Core) -> Result<()> {
    let mut tx = core.db.begin().await?;
    tx.jobs().forget_secrets(core.now().minus(JobSecrets::KEPT)).await?;
    tx.commit().await?;
    loop {
        let mut tx = core.db.begin().await?;
        let more = tx.jobs().forget_items(core.now().minus(ITEMS_KEPT)).await?;
        tx.commit().await?;
        if !more {
            return Ok(());
        }
    }
}

/// A job that the actor asks for, without any item.
pub(crate) fn asked_for(core: &Core, actor: &Actor, work: &Work) -> Job {
    let now = core.now();
    Job {
        id: JobId::mint(now, &core.entropy),
        organization_id: actor.organization,
        kind: work.kind().to_owned(),
        parameters: work.parameters(),
        created_by: actor.audit_name(),
        user_id: actor.user,
        request_id: actor.meta.request_id,
        ip: actor.meta.ip.clone(),
        user_agent: actor.meta.user_agent.clone(),
        state: JobState::Waiting,
        total: 0,
        done: 0,
        skipped: 0,
        failed: 0,
        created_at: now,
        started_at: None,
        ended_at: None,
        worker_id: None,
        attempts: 0,
        error: None,
        undoes: None,
        secrets_taken_at: None,
    }
}

/// A job that the actor may end, begin again or take back, which its worker waits for until the commit.
async fn owned(tx: &mut Tx, actor: &Actor, id: JobId) -> Result<Job> {
    actor.require_any(MANAGING)?;
    let job = tx.jobs().get_for_update(actor.organization, id).await?;
    job.filter(|job| sees(actor, job)).ok_or_else(nothing)
}

fn sees(actor: &Actor, job: &Job) -> bool {
    job.user_id == actor.user || actor.may(Permission::KeysManage)
}

/// Since when a job that ended at `end` can't be undone.
fn undo_ends(end: Timestamp) -> Timestamp {
    end.plus(UNDOABLE)
}

fn nothing() -> Error {
    Error::not_found("job")
}
