use domain::{
    jobs::{Outcome, Reason},
    keys::{KeyPatch, KeyRow, KeyStatus, ManyKeys},
    secrets::Secret,
    templates::Recipe,
};
use store::{
    Tx,
    changes::Change,
    jobs::{Item, ItemOutcome},
    keys::Key,
};

use super::{
    super::{
        bounds::{BoundChanges, Bounds},
        bulk, create,
        view::audited,
    },
    making::{Making, once},
};
use crate::{
    Actor, Core, Error, Result,
    audit::Did,
    jobs::{Worked, not_done},
    templates,
};

/// Makes the keys of these items, each with its own limits and budget, and their secrets.
pub(in crate::keys) async fn make(
    core: &Core,
    tx: &mut Tx,
    actor: &Actor,
    many: &ManyKeys,
    items: &[Item],
) -> Result<Worked> {
    let recipe = recipe(tx, actor, many).await?;
    if many.template_id.is_some() && recipe.is_none() {
        return Ok(not_done(items, Reason::NoSuchTemplate));
    }
    let rows: Vec<KeyRow> = items.iter().map(row).collect::<Result<_>>()?;
    let owners = once(rows.iter().filter_map(|row| row.owner_id).chain(many.owner_id));
    let members = tx.identity().members(actor.organization, &owners).await?;
    let teams = tx.organizations().teams(actor.organization).await?.into_iter().map(|team| team.id).collect();
    let Ok(making) = Making::new(actor, many, recipe.as_ref(), (members, teams), core.now()) else {
        return Ok(not_done(items, Reason::NoLongerAllowed));
    };
    let mut made = Made { core, actor, keys: Vec::new(), worked: Worked::default() };
    let mut one = None;
    for (item, row) in items.iter().zip(&rows) {
        match making.key(row) {
            Ok(new) => {
                let secret = Secret::mint(new.environment.key_prefix(), &core.entropy);
                made.add(item, create::key(core, actor, item.subject, &new, &secret), secret)?;
                one = Some(new);
            }
            Err(refused) => made.skip(item, refused.reason),
        }
    }
    // What bounds one of them bounds each: it is no row's own.
    let mut bounds = BoundChanges::new(core, actor);
    if let Some(new) = one {
        let budget: Vec<_> = new.budget.map(|budget| budget.from(core.now())).into_iter().collect();
        for key in &made.keys {
            bounds.limits(key, &Bounds::default(), &new.limits)?;
            bounds.budgets(key, &Bounds::default(), &budget)?;
        }
    }
    made.write(tx, bounds).await
}

/// The recipe of the version that was settled; nothing when the actor may not use the template any more.
async fn recipe(tx: &mut Tx, actor: &Actor, many: &ManyKeys) -> Result<Option<Recipe>> {
    let Some((id, version)) = many.template_id.zip(many.template_version) else { return Ok(None) };
    let template = tx.templates().get(actor.organization, id).await?;
    if templates::usable_one(actor, template).is_err() {
        return Ok(None);
    }
    let of = tx.templates().version(actor.organization, id, i64::from(version)).await?;
    Ok(of.map(|of| of.recipe))
}

fn row(item: &Item) -> Result<KeyRow> {
    let json = item.input_json.as_deref().ok_or_else(|| Error::internal("an item that says nothing of its key"))?;
    serde_json::from_str(json).map_err(Error::internal)
}

/// What a step makes, collected to be written in a few statements.
struct Made<'a> {
    core: &'a Core,
    actor: &'a Actor,
    keys: Vec<Key>,
    worked: Worked,
}

impl Made<'_> {
    /// An undo revokes the key where it is still as it is now.
    fn add(&mut self, item: &Item, key: Key, secret: Secret) -> Result<()> {
        let revoked = KeyPatch { status: Some(KeyStatus::Revoked), ..KeyPatch::default() };
        let (before, after) = (json(&revoked)?, json(&KeyPatch::from(bulk::fields(&key, &Bounds::default())))?);
        self.settle(item, Outcome::Done, None, Some((before, after)));
        self.worked.secrets.push((item.position, secret));
        // Somebody may have tried the secret of a restored backup: the gateways forget that it was unknown.
        self.worked.changes.push(Change::Key(key.secret_hash));
        self.keys.push(key);
        Ok(())
    }

    fn skip(&mut self, item: &Item, reason: Reason) {
        self.settle(item, Outcome::Skipped, Some(reason), None);
    }

    fn settle(&mut self, item: &Item, outcome: Outcome, reason: Option<Reason>, patches: Option<(String, String)>) {
        let (before_json, after_json) = patches.unzip();
        let (position, name) = (item.position, None);
        self.worked.outcomes.push(ItemOutcome { position, name, outcome, reason, before_json, after_json });
    }

    async fn write(mut self, tx: &mut Tx, bounds: BoundChanges<'_>) -> Result<Worked> {
        let mut entries = Vec::with_capacity(self.keys.len());
        for key in &self.keys {
            let (action, target, after) = ("key.created", key.id.to_string(), json(&audited(key))?);
            entries.push(self.core.entry(self.actor, Did { action, target, before: None, after: Some(after) }));
        }
        tx.keys().insert_many(&self.keys).await?;
        let (changes, of_bounds) = bounds.write(tx).await?;
        self.worked.changes.extend(changes);
        entries.extend(of_bounds);
        tx.audit().append_all(self.actor.organization, entries).await?;
        Ok(self.worked)
    }
}

fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}
