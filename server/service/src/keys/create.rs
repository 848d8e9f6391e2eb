use domain::{
    KeyId, Money,
    identity::Permission,
    keys::{CreatedKey, KeyDraft, KeyStatus, NewKey, rotation_due},
    secrets::Secret,
};
use store::{Tx, changes::Change, keys::Key};

use super::{
    Keys, MANAGING,
    bounds::{BoundChanges, Bounds},
    future, lookup, view,
};
use crate::{Actor, Core, Result, audit::created, templates};

impl Keys {
    /// Makes a key, which the actor owns unless another owner is named; with its own limits and budget, from a
    /// template or as they are given. Its secret is in the answer and nowhere else.
    ///
    /// # Errors
    /// When the expiry is in the past; when the owner is no member or the team none of the organization,
    /// or not the actor's to name; when the template is not theirs to use, locks what is given, or wants what is
    /// not; when limits or a budget are given, the template does not leave them open, and they are not the
    /// actor's to set.
    pub async fn create(&self, actor: &Actor, draft: KeyDraft) -> Result<CreatedKey> {
        actor.require_any(MANAGING)?;
        let mut tx = self.core.db.begin().await?;
        let new = self.planned(&mut tx, actor, draft).await?;
        let secret = Secret::mint(new.environment.key_prefix(), &self.core.entropy);
        let id = KeyId::mint(self.core.now(), &self.core.entropy);
        let key = key(&self.core, actor, id, &new, &secret);
        lookup::check_place(&mut tx, actor, None, &key).await?;
        tx.keys().insert(&key).await?;
        self.core.audit(&mut tx, actor, created("key.created", key.id.to_string(), &view::audited(&key))).await?;
        // Somebody may have tried the secret of a restored backup: the gateways forget that it was unknown.
        let mut changes = vec![Change::Key(key.secret_hash)];
        changes.extend(self.bound(&mut tx, actor, &key, &new).await?);
        self.core.commit_changes(tx, &changes).await?;
        let key = self.view_one(actor, key).await?;
        Ok(CreatedKey { key, secret: Some(secret.expose().to_owned()) })
    }

    /// What is to be made of a draft.
    async fn planned(&self, tx: &mut Tx, actor: &Actor, draft: KeyDraft) -> Result<NewKey> {
        let now = self.core.now();
        let new = match draft.template_id {
            Some(id) => {
                let template = templates::usable(tx, actor, id).await?;
                template.recipe.apply(id, templates::number(template.version), draft, now)?
            }
            None => {
                let new = draft.plain()?;
                // A template stands in for these permissions: who made it decided what it leaves open.
                if !new.limits.is_empty() {
                    actor.require(Permission::LimitsManage)?;
                }
                if new.budget.is_some() {
                    actor.require(Permission::BudgetsManage)?;
                }
                new
            }
        };
        future(new.expires_at, now)?;
        Ok(new)
    }

    /// Gives a new key its own limits and budget; answers what the gateways must hear of.
    async fn bound(&self, tx: &mut Tx, actor: &Actor, key: &Key, new: &NewKey) -> Result<Vec<Change>> {
        let (mut bounds, nothing) = (BoundChanges::new(&self.core, actor), Bounds::default());
        let budget: Vec<_> = new.budget.map(|budget| budget.from(self.core.now())).into_iter().collect();
        bounds.limits(key, &nothing, &new.limits)?;
        bounds.budgets(key, &nothing, &budget)?;
        let (changes, entries) = bounds.write(tx).await?;
        tx.audit().append_all(actor.organization, entries).await?;
        Ok(changes)
    }
}

/// A new key, which the actor makes.
pub(super) fn key(core: &Core, actor: &Actor, id: KeyId, new: &NewKey, secret: &Secret) -> Key {
    let now = core.now();
    Key {
        id,
        organization_id: actor.organization,
        team_id: new.team_id,
        owner_id: Some(new.owner_id.unwrap_or(actor.user)),
        created_by: actor.audit_name(),
        name: new.name.clone(),
        description: new.description.clone(),
        environment: new.environment,
        status: KeyStatus::Active,
        secret_hash: secret.hash(),
        last_four: secret.last_four(),
        labels: new.labels.clone(),
        rules: new.rules.clone(),
        created_at: now,
        expires_at: new.expires_at,
        last_used_at: None,
        revoked_at: None,
        calls: 0,
        errors: 0,
        cost: Money::ZERO,
        template_id: new.template.map(|(id, _)| id),
        template_version: new.template.map(|(_, version)| i64::from(version)),
        secret_made_at: now,
        rotation_due_at: rotation_due(now, new.rotate_every_days),
    }
}
