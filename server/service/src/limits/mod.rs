//! Rate limits: how much may be used in a minute or at once, and what is left of it.

mod view;

use domain::{
    KeyId, LimitId, Page, PageQuery,
    identity::Permission,
    keys::Environment,
    limits::{Limit, LimitChanges, LimitQuery, LimitView, NewLimit, checked},
};
use store::{Tx, changes::Change, limits::StoredLimit};

use crate::{
    Actor, Core, Error, Result,
    audit::{Deed, created},
    subjects::{self, Bearers, Placed, Subjects, Wanted, in_order},
};

/// Rate limits.
#[derive(Debug, Clone)]
pub struct Limits {
    core: Core,
}

impl Limits {
    /// The handle.
    pub fn new(core: Core) -> Self {
        Self { core }
    }

    /// The organization's limits that match, the oldest first.
    ///
    /// # Errors
    /// When a filter is none, or names a key that there is not.
    pub async fn list(&self, actor: &Actor, query: &LimitQuery, page: &PageQuery) -> Result<Page<LimitView>> {
        actor.require(Permission::LimitsRead)?;
        let (limit, after) = (page.limit()?, page.after::<LimitId>()?);
        let mut reader = self.core.db.read().await?;
        let wanted = Wanted::of(&mut reader, actor, query).await?;
        let mut limits = reader.limits().list(actor.organization).await?;
        limits.retain(|l| after.is_none_or(|after| l.limit.id > after));
        limits.retain(|l| wanted.holds(l.limit.scope, l.limit.environment));
        let Page { data, next_cursor } = Page::cut(limits, limit, |l| l.limit.id.to_string());
        let subjects = Subjects::of(&mut reader, actor, data.iter().map(|l| l.limit.scope)).await?;
        let data = data.iter().map(|stored| self.view(actor, &subjects, stored)).collect();
        Ok(Page { data, next_cursor })
    }

    /// All limits of the organization, each below those that hold too: the organization's, its teams',
    /// its people's, its keys'.
    pub async fn tree(&self, actor: &Actor, environment: Option<Environment>) -> Result<Vec<Placed<LimitView>>> {
        actor.require(Permission::LimitsRead)?;
        let mut reader = self.core.db.read().await?;
        let mut limits = reader.limits().list(actor.organization).await?;
        limits.retain(|stored| environment.is_none_or(|environment| stored.limit.environment == environment));
        let subjects = Subjects::of(&mut reader, actor, limits.iter().map(|l| l.limit.scope)).await?;
        let order = |l: &StoredLimit| (l.limit.environment == Environment::Test, l.limit.kind, l.limit.endpoint);
        let placed = in_order(limits, &subjects, |l| l.limit.scope, order);
        let view = |Placed { depth, item }| Placed { depth, item: self.view(actor, &subjects, &item) };
        Ok(placed.into_iter().map(view).collect())
    }

    /// What a limit can be made for: for a form that makes one. A key that is named is among the keys,
    /// however old it is.
    ///
    /// # Errors
    /// When there is no key of that name.
    pub async fn bearers(&self, actor: &Actor, named: Option<KeyId>) -> Result<Bearers> {
        Bearers::of(&self.core, actor, Permission::LimitsManage, named).await
    }

    /// One limit.
    pub async fn get(&self, actor: &Actor, id: LimitId) -> Result<LimitView> {
        actor.require(Permission::LimitsRead)?;
        let limit = self.core.db.read().await?.limits().get(actor.organization, id).await?;
        self.view_one(actor, limit.ok_or_else(nothing)?).await
    }

    /// Puts a limit in force.
    ///
    /// # Errors
    /// When amount and burst don't go together, the scope is not the organization's, or there is such a
    /// limit already.
    pub async fn create(&self, actor: &Actor, new: NewLimit) -> Result<LimitView> {
        actor.require(Permission::LimitsManage)?;
        let NewLimit { scope, environment, endpoint, kind, amount, burst } = new;
        let (now, burst) = (self.core.now(), checked(kind, amount, burst)?);
        let mut tx = self.core.db.begin().await?;
        subjects::check(&mut tx, actor, scope, environment).await?;
        let id = LimitId::mint(now, &self.core.entropy);
        let limit = Limit { id, scope, environment, endpoint, kind, amount, burst };
        let (organization, created_by) = (actor.organization, actor.audit_name());
        let stored = StoredLimit { organization, limit, created_at: now, created_by };
        tx.limits().insert(&stored).await.map_err(|e| match e.is_duplicate() {
            true => Error::taken("kind", "There is a limit of this kind for the same calls already. Change that one."),
            false => e.into(),
        })?;
        let deed = view::audited(&limit);
        self.core.audit(&mut tx, actor, created("limit.created", id.to_string(), &deed)).await?;
        self.core.commit_changes(tx, &[Change::Limits(organization)]).await?;
        self.view_one(actor, stored).await
    }

    /// Changes how much may be used, or how much of it at once. It is in force from the next call on; what
    /// is used stays used. A change that changes nothing is neither written nor told.
    ///
    /// # Errors
    /// When amount and burst don't go together.
    pub async fn update(&self, actor: &Actor, id: LimitId, changes: LimitChanges) -> Result<LimitView> {
        actor.require(Permission::LimitsManage)?;
        let mut tx = self.core.db.begin().await?;
        let before = find(&mut tx, actor, id).await?;
        let stored = StoredLimit { limit: before.limit.changed(changes)?, ..before.clone() };
        if stored == before {
            tx.commit().await?;
            return self.view_one(actor, stored).await;
        }
        tx.limits().update(id, stored.limit.amount, stored.limit.burst).await?;
        let (was, is) = (view::audited(&before.limit), view::audited(&stored.limit));
        let deed = Deed { action: "limit.updated", target: id.to_string(), before: Some(&was), after: Some(&is) };
        self.core.audit(&mut tx, actor, deed).await?;
        self.core.commit_changes(tx, &[Change::Limits(actor.organization)]).await?;
        self.view_one(actor, stored).await
    }

    /// Takes a limit out of force, for good.
    pub async fn delete(&self, actor: &Actor, id: LimitId) -> Result<()> {
        actor.require(Permission::LimitsManage)?;
        let mut tx = self.core.db.begin().await?;
        let stored = find(&mut tx, actor, id).await?;
        tx.limits().delete(id).await?;
        let was = view::audited(&stored.limit);
        let deed = Deed { action: "limit.deleted", target: id.to_string(), before: Some(&was), after: None };
        self.core.audit(&mut tx, actor, deed).await?;
        self.core.commit_changes(tx, &[Change::Limits(actor.organization)]).await
    }
}

/// What the audit log keeps of it, as JSON.
pub(crate) fn audited_json(of: &Limit) -> Result<String> {
    serde_json::to_string(&view::audited(of)).map_err(Error::internal)
}

async fn find(tx: &mut Tx, actor: &Actor, id: LimitId) -> Result<StoredLimit> {
    tx.limits().get_for_update(actor.organization, id).await?.ok_or_else(nothing)
}

fn nothing() -> Error {
    Error::not_found("limit")
}
