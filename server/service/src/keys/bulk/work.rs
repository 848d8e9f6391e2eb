use std::collections::{HashMap, HashSet};

use domain::{
    KeyId, OrganizationId, TeamId, Timestamp, UserId,
    jobs::{Outcome, Reason, Work},
    keys::{BulkAction, KeyFields, KeyPatch, KeyStatus, Verdict},
    templates::Recipe,
};
use store::{
    Tx,
    audit::NewEntry,
    changes::Change,
    jobs::{Item, ItemOutcome},
    keys::Key,
};

use super::{
    super::{
        bounds::{BoundChanges, Bounds},
        view::audited,
    },
    bounds_for, fields, needs,
};
use crate::{
    Actor, Core, Error, Result,
    audit::Did,
    jobs::{Worked, not_done},
};

/// Does to keys that there are what a job is to do.
pub(in crate::keys) async fn work(
    core: &Core,
    tx: &mut Tx,
    actor: &Actor,
    work: &Work,
    items: &[Item],
) -> Result<Worked> {
    let action = match work {
        Work::Keys(action) | Work::UndoKeys(action) => Some(action),
        Work::CreateKeys(_) | Work::UndoCreateKeys => None,
    };
    if action.and_then(needs).is_some_and(|permission| !actor.may(permission)) {
        return Ok(not_done(items, Reason::NoLongerAllowed));
    }
    let recipe = match work {
        Work::Keys(BulkAction::ApplyTemplate { template_id, version: Some(version) }) => {
            let of = tx.templates().version(actor.organization, *template_id, i64::from(*version)).await?;
            of.map(|of| of.recipe)
        }
        _ => None,
    };
    let mut ids: Vec<KeyId> = items.iter().map(|item| item.subject).collect();
    ids.sort_unstable();
    let keys = tx.keys().many_for_update(actor.organization, &ids).await?;
    let bounds = bounds_for!(tx, actor, action.is_some_and(BulkAction::is_about_bounds), &ids);
    let with_fields = |key: Key| (key.id, (fields(&key, &bounds), key));
    let keys: HashMap<KeyId, (KeyFields, Key)> = keys.into_iter().map(with_fields).collect();
    let verdicts = decide((core, actor), (work, recipe.as_ref()), items, &keys);
    let places = Places::of(tx, actor.organization, &verdicts).await?;
    let mut done = Done::new(core, actor);
    for (item, verdict) in items.iter().zip(verdicts) {
        let Some((was, key)) = keys.get(&item.subject) else {
            done.skip(item, None, Reason::NotFound);
            continue;
        };
        match places.checked(key, verdict) {
            Verdict::Change(is) => done.change(item, (key, &bounds), was, &is)?,
            Verdict::Remove => done.remove(item, key)?,
            Verdict::Skip(reason) => done.skip(item, Some(key), reason),
        }
    }
    done.write(tx).await
}

fn decide(
    (core, actor): (&Core, &Actor),
    (work, recipe): (&Work, Option<&Recipe>),
    items: &[Item],
    keys: &HashMap<KeyId, (KeyFields, Key)>,
) -> Vec<Verdict> {
    let (rights, now) = (actor.rights(), core.now());
    let patch = |json: &Option<String>| -> KeyPatch {
        json.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
    };
    let decide = |item: &Item| match (keys.get(&item.subject), work) {
        (None, _) => Verdict::Skip(Reason::NotFound),
        (Some((is, _)), Work::Keys(action)) => action.decide(is, &rights, recipe, now),
        // Whatever uses it by now would stand still.
        (Some((_, key)), Work::UndoCreateKeys) if key.last_used_at.is_some() => Verdict::Skip(Reason::UsedSince),
        (Some((is, _)), _) => is.undo(&patch(&item.before_json), &patch(&item.after_json), &rights),
    };
    items.iter().map(decide).collect()
}

/// The people and teams that keys are to be given to, as far as the organization has them now.
struct Places {
    members: HashSet<UserId>,
    teams: HashSet<TeamId>,
}

impl Places {
    async fn of(tx: &mut Tx, organization: OrganizationId, verdicts: &[Verdict]) -> Result<Self> {
        let changed =
            || verdicts.iter().filter_map(|v| if let Verdict::Change(fields) = v { Some(fields) } else { None });
        let owners: HashSet<UserId> = changed().filter_map(|fields| fields.owner_id).collect();
        let owners: Vec<UserId> = owners.into_iter().collect();
        let members = tx.identity().members(organization, &owners).await?.into_iter().collect();
        let teams = match changed().any(|fields| fields.team_id.is_some()) {
            true => tx.organizations().teams(organization).await?.into_iter().map(|team| team.id).collect(),
            false => HashSet::new(),
        };
        Ok(Self { members, teams })
    }

    /// Passes over a key that would come to somebody who is not there any more.
    fn checked(&self, key: &Key, verdict: Verdict) -> Verdict {
        let Verdict::Change(fields) = &verdict else { return verdict };
        let owner = fields.owner_id.filter(|_| fields.owner_id != key.owner_id);
        let team = fields.team_id.filter(|_| fields.team_id != key.team_id);
        match () {
            () if owner.is_some_and(|owner| !self.members.contains(&owner)) => Verdict::Skip(Reason::NoSuchOwner),
            () if team.is_some_and(|team| !self.teams.contains(&team)) => Verdict::Skip(Reason::NoSuchTeam),
            () => verdict,
        }
    }
}

/// What a step does, collected to be written in a few statements.
struct Done<'a> {
    core: &'a Core,
    actor: &'a Actor,
    now: Timestamp,
    changed: Vec<Key>,
    /// Those of them whose labels are others now.
    relabelled: Vec<Key>,
    removed: Vec<KeyId>,
    bounds: BoundChanges<'a>,
    entries: Vec<NewEntry>,
    worked: Worked,
}

impl<'a> Done<'a> {
    fn new(core: &'a Core, actor: &'a Actor) -> Self {
        let worked = Worked::default();
        let (changed, relabelled, removed, entries) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let bounds = BoundChanges::new(core, actor);
        Self { core, actor, now: core.now(), changed, relabelled, removed, bounds, entries, worked }
    }

    fn change(&mut self, item: &Item, (key, bounds): (&Key, &Bounds), was: &KeyFields, to: &KeyFields) -> Result<()> {
        let revoked_at = (to.status == KeyStatus::Revoked).then_some(self.now);
        let changed = Key {
            status: to.status,
            owner_id: to.owner_id,
            team_id: to.team_id,
            labels: to.labels.clone(),
            expires_at: to.expires_at,
            rules: to.rules.clone(),
            template_id: to.template.map(|(id, _)| id),
            template_version: to.template.map(|(_, version)| i64::from(version)),
            rotation_due_at: to.rotation_due_at,
            revoked_at: key.revoked_at.or(revoked_at),
            ..key.clone()
        };
        let patches = (json(&was.unlike(to))?, json(&to.unlike(was))?);
        self.settle(item, Some(key), Outcome::Done, None, Some(patches));
        if was.limits != to.limits {
            self.bounds.limits(key, bounds, &to.limits)?;
        }
        if was.budgets != to.budgets {
            self.bounds.budgets(key, bounds, &to.budgets)?;
        }
        if changed == *key {
            return Ok(());
        }
        let (before, after) = (json(&audited(key))?, json(&audited(&changed))?);
        self.note(action(was, to), key.id.to_string(), Some(before), Some(after));
        self.worked.changes.push(Change::Key(key.secret_hash));
        if changed.labels != key.labels {
            self.relabelled.push(changed.clone());
        }
        self.changed.push(changed);
        Ok(())
    }

    fn remove(&mut self, item: &Item, key: &Key) -> Result<()> {
        self.note("key.deleted", key.id.to_string(), Some(json(&audited(key))?), None);
        self.settle(item, Some(key), Outcome::Done, None, None);
        self.worked.changes.push(Change::Key(key.secret_hash));
        self.removed.push(key.id);
        Ok(())
    }

    fn skip(&mut self, item: &Item, key: Option<&Key>, reason: Reason) {
        self.settle(item, key, Outcome::Skipped, Some(reason), None);
    }

    fn settle(
        &mut self,
        item: &Item,
        key: Option<&Key>,
        outcome: Outcome,
        reason: Option<Reason>,
        patches: Option<(String, String)>,
    ) {
        let (before_json, after_json) = patches.unzip();
        let name = key.map(|key| key.name.to_string());
        let position = item.position;
        self.worked.outcomes.push(ItemOutcome { position, name, outcome, reason, before_json, after_json });
    }

    /// Writes down that whoever asked for the job did this, by the request by which they asked.
    fn note(&mut self, action: &'static str, target: String, before: Option<String>, after: Option<String>) {
        self.entries.push(self.core.entry(self.actor, Did { action, target, before, after }));
    }

    async fn write(mut self, tx: &mut Tx) -> Result<Worked> {
        let organization = self.actor.organization;
        tx.keys().update_many(&self.changed).await?;
        tx.keys().relabel(&self.relabelled).await?;
        if !self.removed.is_empty() {
            self.forget_bounds(tx).await?;
            tx.keys().delete_many(organization, &self.removed).await?;
        }
        let (changes, entries) = self.bounds.write(tx).await?;
        self.worked.changes.extend(changes);
        self.entries.extend(entries);
        tx.audit().append_all(organization, self.entries).await?;
        Ok(self.worked)
    }

    /// Budgets and limits of keys that are deleted go with them: they bound nothing any more.
    async fn forget_bounds(&mut self, tx: &mut Tx) -> Result<()> {
        let organization = self.actor.organization;
        let budgets = tx.budgets().delete_of_keys(organization, &self.removed).await?;
        let limits = tx.limits().delete_of_keys(organization, &self.removed).await?;
        if !budgets.is_empty() {
            self.worked.changes.push(Change::Budgets(organization));
        }
        if !limits.is_empty() {
            self.worked.changes.push(Change::Limits(organization));
        }
        let budgets = budgets.into_iter().map(|(id, key)| ("budget.deleted", id.to_string(), key));
        let limits = limits.into_iter().map(|(id, key)| ("limit.deleted", id.to_string(), key));
        for (action, target, key) in budgets.chain(limits) {
            self.note(action, target, Some(json(&serde_json::json!({ "key": key }))?), None);
        }
        Ok(())
    }
}

/// What the audit log calls a change.
fn action(was: &KeyFields, is: &KeyFields) -> &'static str {
    match is.status {
        _ if was.status == is.status => "key.updated",
        KeyStatus::Active => "key.enabled",
        KeyStatus::Disabled => "key.disabled",
        KeyStatus::Revoked => "key.revoked",
    }
}

fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}
