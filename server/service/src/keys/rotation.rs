use domain::{
    KeyId, Timestamp,
    keys::{CreatedKey, KeyStatus, KeyView, Overlap},
    secrets::{Secret, SecretHash},
};
use store::{
    Tx,
    changes::Change,
    keys::{Key, OldSecret},
};

use super::{Keys, lookup, revoked};
use crate::{Actor, Result, audit::Deed};

/// What the audit log keeps of a change of secrets.
#[derive(serde::Serialize)]
struct Secrets<'a> {
    last_four: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_last_four: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_ends_at: Option<Timestamp>,
}

impl<'a> Secrets<'a> {
    fn of(last_four: &'a str, old: Option<&'a OldSecret>) -> Self {
        let (old_last_four, old_ends_at) = (old.map(|old| old.last_four.as_str()), old.map(|old| old.ends_at));
        Self { last_four, old_last_four, old_ends_at }
    }
}

impl Keys {
    /// Gives a key a new secret, which is in the answer and nowhere else. The old one is good until the
    /// overlap is over; the one before that ends now. The rotation is not due any more: the next is when the key's
    /// template wants it. All else of the key stays.
    ///
    /// # Errors
    /// When the key was revoked.
    pub async fn rotate(&self, actor: &Actor, id: KeyId, overlap: Overlap) -> Result<CreatedKey> {
        let mut tx = self.core.db.begin().await?;
        let mut key = lookup::manageable(&mut tx, actor, id).await?;
        if key.status == KeyStatus::Revoked {
            return Err(revoked());
        }
        let now = self.core.now();
        let before = tx.keys().old_secrets(&[id], now).await?.into_iter().next();
        let secret = Secret::mint(key.environment.key_prefix(), &self.core.entropy);
        let old = OldSecret {
            secret_hash: key.secret_hash,
            key_id: id,
            last_four: std::mem::replace(&mut key.last_four, secret.last_four()),
            ends_at: now.plus(overlap.length()),
            last_used_at: None,
        };
        (key.secret_hash, key.secret_made_at) = (secret.hash(), now);
        key.rotation_due_at = next_due(&mut tx, actor, &key).await?;
        let ended = tx.keys().replace_secret(&key, &old, now).await?;
        let (was, is) = (Secrets::of(&old.last_four, before.as_ref()), Secrets::of(&key.last_four, Some(&old)));
        let deed = Deed { action: "key.rotated", target: id.to_string(), before: Some(&was), after: Some(&is) };
        self.core.audit(&mut tx, actor, deed).await?;
        let changed = [&[old.secret_hash, key.secret_hash], ended.as_slice()].concat();
        self.core.commit_changes(tx, &changes(&changed)).await?;
        let key = self.view_one(actor, key).await?;
        Ok(CreatedKey { key, secret: Some(secret.expose().to_owned()) })
    }

    /// Ends a key's old secret now. Where there is none that is good, nothing changes.
    pub async fn end_rotation(&self, actor: &Actor, id: KeyId) -> Result<KeyView> {
        let mut tx = self.core.db.begin().await?;
        let key = lookup::manageable(&mut tx, actor, id).await?;
        let now = self.core.now();
        let old = tx.keys().old_secrets(&[id], now).await?.into_iter().next();
        let ended = tx.keys().end_old_secrets(id, now).await?;
        match old {
            Some(old) => {
                let was = Secrets::of(&key.last_four, Some(&old));
                let ends_now = OldSecret { ends_at: now, ..old.clone() };
                let is = Secrets::of(&key.last_four, Some(&ends_now));
                let (action, target) = ("key.rotation_ended", id.to_string());
                let deed = Deed { action, target, before: Some(&was), after: Some(&is) };
                self.core.audit(&mut tx, actor, deed).await?;
                self.core.commit_changes(tx, &changes(&ended)).await?;
            }
            None => tx.commit().await?,
        }
        self.view_one(actor, key).await
    }
}

/// When a secret that a key has now is due to be changed: by the version of the template that the key is by.
async fn next_due(tx: &mut Tx, actor: &Actor, key: &Key) -> Result<Option<Timestamp>> {
    let Some((template, version)) = key.template_id.zip(key.template_version) else { return Ok(None) };
    let of = tx.templates().version(actor.organization, template, version).await?;
    Ok(of.and_then(|of| of.recipe.rotation_due(key.secret_made_at)))
}

/// What gateways must hear: each secret that stands for something else now.
pub(super) fn changes(secrets: &[SecretHash]) -> Vec<Change> {
    secrets.iter().copied().map(Change::Key).collect()
}
