use std::time::Duration;

use domain::{
    OrganizationId,
    identity::Permission,
    keys::{Environment, KeyStatus, LeakOutcome, LeakView, LeakedKey},
    secrets::{SecretHash, is_well_formed},
};
use store::{Tx, changes::Change, keys::Key};

use super::{Keys, MANAGING, rotation::changes, view::audited};
use crate::{Actor, RequestMeta, Result, audit::Deed, throttle::Allowance};

/// Reports of secrets that nobody has, by one person.
const UNKNOWN: Allowance = Allowance { burst: 20, each: Duration::from_secs(30) };

/// Who the audit log of another organization names: it is not told who found its secret.
const FINDER: &str = "system:leak-report";

impl Keys {
    /// Ends a secret that was found where it should not be, whosever key it is: who has the whole secret has
    /// proved that it leaked. The key is revoked; where the secret is one that the key had before, only that
    /// secret ends, and the key goes on with its new one.
    ///
    /// The key is named in the answer where it is one of the actor's organization that they may see. Of another
    /// organization's key nothing is said but that its secret is refused from now on, and that
    /// organization's audit log does not say who reported it.
    ///
    /// # Errors
    /// When the actor reported too many secrets that nobody has.
    pub async fn report_leak(&self, actor: &Actor, secret: &str) -> Result<LeakView> {
        actor.require_any(MANAGING)?;
        let (subject, now) = (actor.user.to_string(), self.core.now());
        self.leaks.check(&subject, UNKNOWN, now)?;
        let secret = secret.trim();
        let is_key = Environment::ALL.iter().any(|e| is_well_formed(e.key_prefix(), secret));
        let ended = if is_key { self.end_leaked(actor, &SecretHash::of(secret)).await? } else { None };
        match ended {
            Some(key) => Ok(LeakView { outcome: LeakOutcome::Revoked, key }),
            None => {
                self.leaks.failed(&subject, UNKNOWN, now);
                Ok(LeakView { outcome: LeakOutcome::Unknown, key: None })
            }
        }
    }

    /// Ends a secret; nothing when nobody has it. The answer holds what the actor may know of the key.
    async fn end_leaked(&self, actor: &Actor, hash: &SecretHash) -> Result<Option<Option<LeakedKey>>> {
        let mut tx = self.core.db.begin().await?;
        let Some((organization, id)) = tx.keys().holder_of(hash).await? else { return Ok(None) };
        let Some(key) = tx.keys().get_for_update(organization, id).await? else { return Ok(None) };
        let old_secret = key.secret_hash != *hash;
        match old_secret {
            true => self.end_old(actor, tx, &key, hash).await?,
            false => self.end_key(actor, tx, key.clone()).await?,
        }
        if organization != actor.organization || !actor.may(Permission::KeysRead) {
            return Ok(Some(None));
        }
        let view = self.view_one(actor, key).await?;
        let named = LeakedKey { id, name: view.name, owner_name: view.owner_name, old_secret };
        Ok(Some(Some(named)))
    }

    /// Revokes a key, unless it is revoked.
    async fn end_key(&self, actor: &Actor, mut tx: Tx, before: Key) -> Result<()> {
        let mut key = before.clone();
        if key.status == KeyStatus::Revoked {
            return Ok(tx.commit().await?);
        }
        (key.status, key.revoked_at) = (KeyStatus::Revoked, Some(self.core.now()));
        tx.keys().update(&key).await?;
        let (was, is) = (audited(&before), audited(&key));
        let deed =
            Deed { action: "key.leak_revoked", target: key.id.to_string(), before: Some(&was), after: Some(&is) };
        self.audit_leak(&mut tx, actor, key.organization_id, deed).await?;
        self.core.commit_changes(tx, &[Change::Key(key.secret_hash)]).await
    }

    /// Ends a secret that a key had before, unless it has ended.
    async fn end_old(&self, actor: &Actor, mut tx: Tx, key: &Key, hash: &SecretHash) -> Result<()> {
        let now = self.core.now();
        let old = tx.keys().old_secrets(&[key.id], now).await?.into_iter().find(|old| old.secret_hash == *hash);
        let Some(old) = old else { return Ok(tx.commit().await?) };
        let ended = tx.keys().end_old_secrets(key.id, now).await?;
        let after = serde_json::json!({ "old_last_four": old.last_four, "old_ends_at": now });
        let deed =
            Deed { action: "key.leak_rotation_ended", target: key.id.to_string(), before: None, after: Some(&after) };
        self.audit_leak(&mut tx, actor, key.organization_id, deed).await?;
        self.core.commit_changes(tx, &changes(&ended)).await
    }

    /// Writes it into the log of the key's organization; the actor is named only in their own.
    async fn audit_leak(&self, tx: &mut Tx, actor: &Actor, owner: OrganizationId, deed: Deed<'_>) -> Result<()> {
        if owner == actor.organization {
            return self.core.audit(tx, actor, deed).await;
        }
        let reported = Deed {
            action: "key.leak_reported",
            target: actor.organization.to_string(),
            before: None,
            after: Some(&"a key of another organization"),
        };
        self.core.audit(tx, actor, reported).await?;
        let meta = RequestMeta { request_id: actor.meta.request_id, ip: None, user_agent: None };
        self.core.audit_as(tx, FINDER.to_owned(), owner, &meta, deed).await
    }
}
