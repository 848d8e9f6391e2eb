//! API keys: making, finding, changing, ending.

mod bounds;
mod bulk;
mod create;
mod export;
mod holders;
mod leaks;
mod lookup;
mod many;
mod order;
mod reminders;
mod rotation;
mod suggest;
mod trail;
mod view;

use domain::{
    ErrorCode, KeyId, Page, PageQuery,
    identity::Permission,
    jobs::{Reason, Work},
    keys::{Asked, KeyChanges, KeyCursor, KeyFilter, KeyQuery, KeyStatus, KeyView, SortQuery},
};
use store::{
    Reader, Tx,
    changes::Change,
    jobs::Item,
    keys::{Key, KeyPage},
};

pub use self::{export::KeyExport, holders::Holders, trail::TRACING};
use crate::{
    Actor, Core, Error, Result,
    audit::Deed,
    jobs::{Worked, not_done},
    throttle::Throttle,
};

/// The permissions that let someone change keys, each further than the one before.
pub const MANAGING: &[Permission] = &[Permission::KeysOwn, Permission::KeysTeam, Permission::KeysManage];

/// API keys.
#[derive(Debug, Clone)]
pub struct Keys {
    core: Core,
    /// Slows down who reports secrets that nobody has.
    leaks: Throttle,
}

impl Keys {
    /// The handle.
    pub fn new(core: Core) -> Self {
        Self { core, leaks: Throttle::new() }
    }

    /// A page of the organization's keys that match.
    ///
    /// # Errors
    /// When a filter, the order or the cursor is none.
    pub async fn list(
        &self,
        actor: &Actor,
        query: &KeyQuery,
        sort: &SortQuery,
        page: &PageQuery,
    ) -> Result<Page<KeyView>> {
        actor.require(Permission::KeysRead)?;
        let (filter, sort, limit) = (query.filter()?, sort.of_keys()?, page.limit()?);
        let after = page.given().map(|cursor| KeyCursor::read(cursor, sort)).transpose()?;
        let mut reader = self.core.db.read().await?;
        let asked = self.asked(&mut reader, actor, &filter).await?;
        let groups = order::groups(&mut reader, actor, sort, after.as_ref()).await?;
        let limit_and_one = i64::from(limit) + 1;
        let wanted = KeyPage { filter: &filter, asked: &asked, sort, groups: &groups, after, limit: limit_and_one };
        let rows = reader.keys().list(actor.organization, &wanted).await?;
        drop(reader);
        let page = Page::cut(rows, limit, |key| key.cursor(sort).to_string());
        let next_cursor = page.next_cursor.clone();
        Ok(Page { data: self.views(actor, page.data).await?, next_cursor })
    }

    /// How many of the organization's keys match.
    ///
    /// # Errors
    /// When a filter is none.
    pub async fn count(&self, actor: &Actor, query: &KeyQuery) -> Result<u64> {
        actor.require(Permission::KeysRead)?;
        let filter = query.filter()?;
        let mut reader = self.core.db.read().await?;
        let asked = self.asked(&mut reader, actor, &filter).await?;
        Ok(reader.keys().count(actor.organization, &filter, &asked).await?.unsigned_abs())
    }

    /// What a filter must know beside the keys.
    async fn asked(&self, reader: &mut Reader, actor: &Actor, filter: &KeyFilter) -> Result<Asked> {
        let people = match filter.text {
            Some(_) => reader.identity().people(actor.organization).await?,
            None => Vec::new(),
        };
        let people = people.into_iter().map(|(id, name)| (id, name.to_string())).collect();
        let models = match filter.model {
            Some(_) => reader.catalog().reachable(actor.organization).await?,
            None => Vec::new(),
        };
        let asked = Asked::new(self.core.now(), actor.user);
        let zone = match filter.near_limit {
            Some(_) => reader.budgets().zone(actor.organization).await?,
            None => asked.zone,
        };
        Ok(Asked { people, models, zone, ..asked })
    }

    /// One key.
    pub async fn get(&self, actor: &Actor, id: KeyId) -> Result<KeyView> {
        actor.require(Permission::KeysRead)?;
        let key = self.core.db.read().await?.keys().get(actor.organization, id).await?;
        self.view_one(actor, key.ok_or_else(|| Error::not_found("key"))?).await
    }

    /// Changes name, description, owner, team, labels, expiry or rules.
    ///
    /// # Errors
    /// When the key was revoked; when the expiry is in the past; when the owner is no member or the team none
    /// of the organization, or not the actor's to name.
    pub async fn update(&self, actor: &Actor, id: KeyId, changes: KeyChanges) -> Result<KeyView> {
        if let Some(end) = changes.expires_at {
            future(end, self.core.now())?;
        }
        self.change(actor, id, "key.updated", |key| {
            if key.status == KeyStatus::Revoked {
                return Err(revoked());
            }
            key.name = changes.name.unwrap_or_else(|| key.name.clone());
            key.description = changes.description.unwrap_or_else(|| key.description.clone());
            key.owner_id = changes.owner_id.unwrap_or(key.owner_id);
            key.team_id = changes.team_id.unwrap_or(key.team_id);
            key.labels = changes.labels.unwrap_or_else(|| key.labels.clone());
            key.expires_at = changes.expires_at.unwrap_or(key.expires_at);
            key.rules = changes.rules.unwrap_or_else(|| key.rules.clone());
            Ok(())
        })
        .await
    }

    /// Switches a key off until it is enabled again.
    pub async fn disable(&self, actor: &Actor, id: KeyId) -> Result<KeyView> {
        self.move_to(actor, id, KeyStatus::Disabled, "key.disabled").await
    }

    /// Switches a key on again.
    pub async fn enable(&self, actor: &Actor, id: KeyId) -> Result<KeyView> {
        self.move_to(actor, id, KeyStatus::Active, "key.enabled").await
    }

    /// Ends a key for good.
    pub async fn revoke(&self, actor: &Actor, id: KeyId) -> Result<KeyView> {
        self.move_to(actor, id, KeyStatus::Revoked, "key.revoked").await
    }

    async fn move_to(&self, actor: &Actor, id: KeyId, next: KeyStatus, action: &'static str) -> Result<KeyView> {
        let now = self.core.now();
        self.change(actor, id, action, |key| {
            if !key.status.may_become(next) {
                return Err(revoked());
            }
            if next == KeyStatus::Revoked && key.revoked_at.is_none() {
                key.revoked_at = Some(now);
            }
            key.status = next;
            Ok(())
        })
        .await
    }

    /// Changes a key that the actor may manage, writes it down and tells the gateways. A change
    /// that changes nothing is neither written nor told.
    async fn change(
        &self,
        actor: &Actor,
        id: KeyId,
        action: &'static str,
        apply: impl FnOnce(&mut Key) -> Result<()>,
    ) -> Result<KeyView> {
        let mut tx = self.core.db.begin().await?;
        let before = lookup::manageable(&mut tx, actor, id).await?;
        let mut key = before.clone();
        apply(&mut key)?;
        if key != before {
            lookup::check_place(&mut tx, actor, Some(&before), &key).await?;
            tx.keys().update(&key).await?;
            let (was, is) = (view::audited(&before), view::audited(&key));
            let deed = Deed { action, target: id.to_string(), before: Some(&was), after: Some(&is) };
            self.core.audit(&mut tx, actor, deed).await?;
            self.core.commit_changes(tx, &[Change::Key(key.secret_hash)]).await?;
        } else {
            tx.commit().await?;
        }
        self.view_one(actor, key).await
    }
}

/// Does what a job is to do to the keys of these items, in the transaction of the job's step.
pub(crate) async fn work(core: &Core, tx: &mut Tx, actor: &Actor, work: &Work, items: &[Item]) -> Result<Worked> {
    if !MANAGING.iter().any(|permission| actor.may(*permission)) {
        return Ok(not_done(items, Reason::NoLongerAllowed));
    }
    match work {
        Work::CreateKeys(many) => many::make(core, tx, actor, many, items).await,
        Work::Keys(_) | Work::UndoKeys(_) | Work::UndoCreateKeys => bulk::work(core, tx, actor, work, items).await,
    }
}

fn future(end: Option<domain::Timestamp>, now: domain::Timestamp) -> Result<()> {
    match end {
        Some(end) if end <= now => {
            let error = Error::new(ErrorCode::InvalidRequest, "The expiry must be in the future.");
            Err(Error { param: Some("expires_at"), ..error })
        }
        _ => Ok(()),
    }
}

fn revoked() -> Error {
    Error::new(ErrorCode::Conflict, "The key was revoked, which is final. Create another.")
}
