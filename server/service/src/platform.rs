//! Answers kept for requests that may be repeated, and the upkeep of the database.

use std::time::Duration;

use domain::{
    ErrorCode, Timestamp,
    budgets::{Period, Window},
    secrets::SecretHash,
    usage::BUCKET,
};
use store::platform::{Replay, ReplayKey};

use crate::{Actor, Core, Error, Result};

/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// How long changes are kept for gateways that were away; older ones resynchronise.
const CHANGES_KEPT: Duration = Duration::from_secs(3600);

/// How far back the figures go that stand beside keys.
const FIGURES: Duration = Duration::from_secs(30 * 86_400);

/// What to do with a request that carries an `Idempotency-Key`.
#[derive(Debug)]
pub enum Claim {
    /// It is the first: run it, then [`Replays::finish`].
    First,
    /// It was answered before, with this status and body.
    Answered(u16, Vec<u8>),
}

/// Requests with an `Idempotency-Key`: run once, answered as often as asked.
#[derive(Debug, Clone)]
pub struct Replays {
    core: Core,
}

impl Replays {
    /// The handle.
    pub fn new(core: Core) -> Self {
        Self { core }
    }

    /// Claims the key for a request with this body.
    ///
    /// # Errors
    /// When the key is too long, came with another body, or its first request still runs.
    pub async fn claim(&self, actor: &Actor, route: &str, key: &str, body: &[u8]) -> Result<Claim> {
        if key.is_empty() || key.len() > 255 {
            let error = Error::new(ErrorCode::InvalidRequest, "An Idempotency-Key has 1 to 255 characters.");
            return Err(Error { param: Some("Idempotency-Key"), ..error });
        }
        let fingerprint = fingerprint(body);
        let name = owner(actor);
        let mut tx = self.core.db.begin().await?;
        let known =
            tx.platform().claim_replay(ReplayKey { actor: &name, route, key }, &fingerprint, self.core.now()).await?;
        tx.commit().await?;
        match known {
            None => Ok(Claim::First),
            Some(known) if known.fingerprint != fingerprint => Err(Error::new(
                ErrorCode::IdempotencyMismatch,
                "This Idempotency-Key came with another body before. Use a new key for a new request.",
            )),
            Some(Replay { status: Some(status), body, .. }) => {
                Ok(Claim::Answered(u16::try_from(status).unwrap_or(200), body.unwrap_or_default()))
            }
            Some(_) => Err(Error::new(
                ErrorCode::IdempotencyInProgress,
                "A request with this Idempotency-Key is still running, or ended without an answer. Look whether it had its effect.",
            )),
        }
    }

    /// Keeps the first answer. `body` must not contain a secret.
    pub async fn finish(&self, actor: &Actor, route: &str, key: &str, status: u16, body: &[u8]) -> Result<()> {
        let name = owner(actor);
        let mut tx = self.core.db.begin().await?;
        tx.platform().finish_replay(ReplayKey { actor: &name, route, key }, i64::from(status), body).await?;
        Ok(tx.commit().await?)
    }

    /// Gives the key back: the request came to nothing that should be answered again, so it may be
    /// sent once more.
    pub async fn release(&self, actor: &Actor, route: &str, key: &str) -> Result<()> {
        let name = owner(actor);
        let mut tx = self.core.db.begin().await?;
        tx.platform().release_replay(ReplayKey { actor: &name, route, key }).await?;
        Ok(tx.commit().await?)
    }
}

/// Whose key it is. A person may belong to several organizations, and an answer is one's own.
fn owner(actor: &Actor) -> String {
    format!("{} {}", actor.organization, actor.audit_name())
}

fn fingerprint(body: &[u8]) -> [u8; 32] {
    *SecretHash::of_bytes(body).as_bytes()
}

/// Forgets what is no longer needed: ended sessions, old answers, changes that every gateway knows, what keys
/// did before the last thirty days, results of jobs that were over long ago.
pub async fn tidy(core: &Core) -> Result<()> {
    let now = core.now();
    let mut tx = core.db.begin().await?;
    tx.platform().prune_replays(now.minus(KEPT)).await?;
    tx.changes().prune(now.minus(CHANGES_KEPT)).await?;
    tx.identity().prune_sessions(now, now.minus(Duration::from_secs(30 * 86_400))).await?;
    tx.commit().await?;
    let mut tx = core.db.begin().await?;
    tx.usage().begin_figures(now.minus(FIGURES).floor(BUCKET)).await?;
    tx.commit().await?;
    crate::jobs::tidy(core).await?;
    prepare_months(core, now).await?;
    forget_events(core, now).await
}

/// Makes the tables of this month's usage events and of the next two's, where months have tables.
async fn prepare_months(core: &Core, now: Timestamp) -> Result<()> {
    let mut at = now;
    for _ in 0..3 {
        let month = month(at);
        let Some(end) = month.end else { return Ok(()) };
        let name = month.start.to_string().get(..7).unwrap_or_default().replace('-', "_");
        let mut tx = core.db.begin().await?;
        tx.usage().prepare_month(&name, month.start, end).await?;
        tx.commit().await?;
        at = end;
    }
    Ok(())
}

/// Forgets usage events that the operator does not keep. What they add up to is kept.
async fn forget_events(core: &Core, now: Timestamp) -> Result<()> {
    if core.settings.usage_events_months == 0 {
        return Ok(());
    }
    let mut first = month(now).start;
    for _ in 0..core.settings.usage_events_months {
        first = month(first.minus(Duration::from_secs(1))).start;
    }
    loop {
        let mut tx = core.db.begin().await?;
        let more = tx.usage().forget_before(first).await?;
        tx.commit().await?;
        if !more {
            return Ok(());
        }
    }
}

/// The month that `at` is in.
fn month(at: Timestamp) -> Window {
    Period::Month.window(at, "UTC", at)
}
