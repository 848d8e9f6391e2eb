//! The secrets of what a job made: sealed until whoever asked for the job downloads them, once.

use domain::{
    ErrorCode, JobId, Timestamp,
    jobs::{JobSecrets, MadeSecret, SecretsState, Work},
    secrets::Secret,
};
use serde_json::json;
use store::{
    Tx,
    jobs::{Job, SealedSecret, TakenSecret, secret_place},
};

use super::{Jobs, nothing, sees};
use crate::{Actor, Core, Error, Result, audit::Deed, keys::MANAGING};

/// Keeps the secrets of items in the transaction that made what they are of.
pub(super) async fn keep(core: &Core, tx: &mut Tx, job: JobId, secrets: &[(i64, Secret)]) -> Result<()> {
    let seal = |(position, secret): &(i64, Secret)| {
        let sealed = core.vault.seal(secret_place(job, *position), secret.expose().as_bytes());
        Ok(SealedSecret { position: *position, sealed: sealed.map_err(store::Error::from)? })
    };
    let sealed: Vec<SealedSecret> = secrets.iter().map(seal).collect::<Result<_>>()?;
    Ok(tx.jobs().insert_secrets(job, &sealed).await?)
}

/// Where the secrets of a job are, of which so many are kept; nothing for a job that makes none.
pub(super) fn standing(job: &Job, work: &Work, sealed: u64, actor: &Actor, now: Timestamp) -> Option<JobSecrets> {
    if !matches!(work, Work::CreateKeys(_)) {
        return None;
    }
    let ended_at = job.ended_at.filter(|_| job.state.is_over());
    let made = job.done.unsigned_abs();
    JobSecrets::of(ended_at, (made, sealed), job.secrets_taken_at, job.user_id == actor.user, now)
}

impl Jobs {
    /// Takes the secrets of the keys that a job made: with this answer they are here and nowhere else, whether it arrives
    /// or not.
    ///
    /// # Errors
    /// When the actor is not who asked for the job; when it is not over, made no keys, or its secrets are gone.
    pub async fn download_secrets(&self, actor: &Actor, id: JobId) -> Result<Vec<MadeSecret>> {
        actor.require_any(MANAGING)?;
        let now = self.core.now();
        let mut tx = self.core.db.begin().await?;
        let job = tx.jobs().get_for_update(actor.organization, id).await?;
        let job = job.filter(|job| sees(actor, job)).ok_or_else(nothing)?;
        if job.user_id != actor.user {
            let message =
                "Only whoever asked for the job can download the secrets of its keys. Rotate a key to get one.";
            return Err(Error::new(ErrorCode::Forbidden, message));
        }
        let work = Work::read(&job.kind, &job.parameters)?;
        let sealed = tx.jobs().count_secrets(&[id]).await?.first().map_or(0, |(_, count)| count.unsigned_abs());
        if let Some(refusal) = why_not(standing(&job, &work, sealed, actor, now)) {
            return Err(refusal);
        }
        let taken = tx.jobs().take_secrets(id, now).await?;
        let secrets = taken.into_iter().map(|secret| self.opened(id, secret)).collect::<Result<Vec<_>>>()?;
        let after = json!({ "keys": secrets.len() });
        let deed = Deed { action: "job.secrets_downloaded", target: id.to_string(), before: None, after: Some(&after) };
        self.core.audit(&mut tx, actor, deed).await?;
        tx.commit().await?;
        Ok(secrets)
    }

    fn opened(&self, job: JobId, taken: TakenSecret) -> Result<MadeSecret> {
        let TakenSecret { position, subject, name, sealed } = taken;
        let secret = self.core.vault.open(secret_place(job, position), &sealed).map_err(store::Error::from)?;
        Ok(MadeSecret { key: subject, name, secret: String::from_utf8(secret).map_err(Error::internal)? })
    }
}

/// Why secrets that stand like this can't be downloaded.
fn why_not(secrets: Option<JobSecrets>) -> Option<Error> {
    let (code, message) = match secrets.map(|secrets| secrets.state) {
        Some(SecretsState::Ready) => return None,
        None => (ErrorCode::Conflict, "This job made no keys, so there are no secrets to download."),
        Some(SecretsState::Waiting) => {
            (ErrorCode::Conflict, "The job is not over yet. Wait for its end, or cancel it.")
        }
        Some(SecretsState::Downloaded) => {
            (ErrorCode::Gone, "The secrets were downloaded, and are kept nowhere. Rotate a key whose secret is lost.")
        }
        Some(SecretsState::Expired) => (
            ErrorCode::Gone,
            "The secrets were kept for an hour after the job's end, and are gone. Rotate the keys whose secret nobody has.",
        ),
    };
    Some(Error::new(code, message))
}
