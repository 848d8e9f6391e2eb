//! Saved views: each person's own, and those that are shared with the organization.

use domain::{
    ErrorCode, ViewId,
    identity::Permission,
    views::{self, List, NewView, Parameters, READY_MADE, ReadyMade, SavedView, ViewChanges, ViewCount},
};
use store::{Tx, views::View};

use crate::{
    Actor, Core, Error, Result,
    audit::{Deed, created},
    keys::Keys,
};

/// Saved views.
#[derive(Debug, Clone)]
pub struct Views {
    core: Core,
}

/// What the audit log keeps of a view.
#[derive(serde::Serialize)]
struct Audited<'a> {
    name: &'a views::ViewName,
    query: &'a Parameters,
    shared: bool,
}

impl Views {
    /// The handle.
    pub fn new(core: Core) -> Self {
        Self { core }
    }

    /// The views of a list that the actor sees: those that come along, then the others in their order.
    pub async fn list(&self, actor: &Actor, list: List) -> Result<Vec<SavedView>> {
        actor.require(needed(list))?;
        let mut reader = self.core.db.read().await?;
        let default = reader.views().default_of(actor.organization, actor.user, list).await?;
        let saved = reader.views().seen_by(actor.organization, actor.user, list).await?;
        let ready_made =
            READY_MADE.iter().filter(|view| view.list == list).filter_map(|view| come_along(view, default));
        Ok(ready_made.chain(saved.into_iter().map(|view| shown(actor, view, default))).collect())
    }

    /// How many rows each of these views shows.
    pub async fn counts(&self, actor: &Actor, list: List) -> Result<Vec<ViewCount>> {
        let keys = Keys::new(self.core.clone());
        let mut counts = Vec::new();
        for view in self.list(actor, list).await? {
            let query = views::key_query(&view.query)?;
            counts.push(ViewCount { id: view.id, matching: keys.count(actor, &query).await? });
        }
        Ok(counts)
    }

    /// Saves a view after those that there are.
    ///
    /// # Errors
    /// When its parameters are none of the list's, or there are too many views.
    pub async fn create(&self, actor: &Actor, new: NewView) -> Result<SavedView> {
        actor.require(needed(new.list))?;
        views::key_query(&new.query)?;
        let now = self.core.now();
        let mut tx = self.core.db.begin().await?;
        let seen = tx.views().seen_by(actor.organization, actor.user, new.list).await?;
        if seen.iter().filter(|view| view.user_id == actor.user).count() >= views::MOST {
            return Err(Error::new(ErrorCode::Conflict, "You have 100 views of this list. Delete one of them first."));
        }
        let view = View {
            id: ViewId::mint(now, &self.core.entropy),
            organization_id: actor.organization,
            user_id: actor.user,
            list: new.list,
            name: new.name,
            query: new.query,
            shared: new.shared,
            position: seen.last().map_or(0, |last| last.position + 1),
            created_at: now,
        };
        tx.views().insert(&view).await?;
        let after = audited(&view);
        self.core.audit(&mut tx, actor, created("view.created", view.id.to_string(), &after)).await?;
        tx.commit().await?;
        Ok(shown(actor, view, None))
    }

    /// Changes a view, its place among the others, or whether the actor's list opens with it.
    ///
    /// # Errors
    /// When its parameters are none of the list's, or it comes along and something else than the default
    /// is to change.
    pub async fn update(&self, actor: &Actor, id: ViewId, changes: ViewChanges) -> Result<SavedView> {
        let mut tx = self.core.db.begin().await?;
        if let Some(view) = READY_MADE.iter().find(|view| view.id == id) {
            actor.require(needed(view.list))?;
            if changes != (ViewChanges { default: changes.default, ..ViewChanges::default() }) {
                return Err(Error::new(
                    ErrorCode::Conflict,
                    "This view comes with Turnpike. Save one of your own instead.",
                ));
            }
            let default = self.open_with(&mut tx, actor, view.list, id, changes.default).await?;
            tx.commit().await?;
            return come_along(view, default).ok_or_else(nothing);
        }
        let before = find(&mut tx, actor, id).await?;
        let mut view = before.clone();
        if let Some(query) = changes.query {
            views::key_query(&query)?;
            view.query = query;
        }
        view.name = changes.name.unwrap_or(view.name);
        view.shared = changes.shared.unwrap_or(view.shared);
        if view != before {
            manageable(actor, &before)?;
            tx.views().update(&view).await?;
            let (was, is) = (audited(&before), audited(&view));
            let deed = Deed { action: "view.updated", target: id.to_string(), before: Some(&was), after: Some(&is) };
            self.core.audit(&mut tx, actor, deed).await?;
        }
        if let Some(position) = changes.position {
            manageable(actor, &before)?;
            place(&mut tx, actor, &view, position).await?;
        }
        let default = self.open_with(&mut tx, actor, view.list, id, changes.default).await?;
        tx.commit().await?;
        Ok(shown(actor, view, default))
    }

    /// Deletes a view.
    pub async fn delete(&self, actor: &Actor, id: ViewId) -> Result<()> {
        let mut tx = self.core.db.begin().await?;
        let view = find(&mut tx, actor, id).await?;
        manageable(actor, &view)?;
        tx.views().delete(actor.organization, id).await?;
        let was = audited(&view);
        let deed = Deed { action: "view.deleted", target: id.to_string(), before: Some(&was), after: None };
        self.core.audit(&mut tx, actor, deed).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Has the actor's list open with a view or not, if that is to change. Answers with which it opens.
    async fn open_with(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        list: List,
        id: ViewId,
        default: Option<bool>,
    ) -> Result<Option<ViewId>> {
        let before = tx.views().default_of(actor.organization, actor.user, list).await?;
        let after = match default {
            Some(true) => Some(id),
            Some(false) => before.filter(|before| *before != id),
            None => before,
        };
        if after != before {
            tx.views().open_with(actor.organization, actor.user, list, after).await?;
        }
        Ok(after)
    }
}

/// The permission without which there is nothing to see in a list.
const fn needed(list: List) -> Permission {
    match list {
        List::Keys => Permission::KeysRead,
    }
}

async fn find(tx: &mut Tx, actor: &Actor, id: ViewId) -> Result<View> {
    let view = tx.views().get(actor.organization, actor.user, id).await?.ok_or_else(nothing)?;
    actor.require(needed(view.list))?;
    Ok(view)
}

/// Whoever saved it may change it; what is shared, also those who manage the list's rows.
fn may_manage(actor: &Actor, view: &View) -> bool {
    view.user_id == actor.user
        || match view.list {
            List::Keys => actor.may(Permission::KeysManage),
        }
}

fn manageable(actor: &Actor, view: &View) -> Result<()> {
    match may_manage(actor, view) {
        true => Ok(()),
        false => actor.require(Permission::KeysManage),
    }
}

/// Moves a view to a place among those that the actor sees, and numbers all of them anew.
async fn place(tx: &mut Tx, actor: &Actor, view: &View, position: u32) -> Result<()> {
    let mut views = tx.views().seen_by(actor.organization, actor.user, view.list).await?;
    views.retain(|other| other.id != view.id);
    views.insert((position as usize).min(views.len()), view.clone());
    for (position, mut view) in (0..).zip(views) {
        if view.position != position {
            view.position = position;
            tx.views().update(&view).await?;
        }
    }
    Ok(())
}

fn come_along(view: &ReadyMade, default: Option<ViewId>) -> Option<SavedView> {
    Some(SavedView {
        id: view.id,
        list: view.list,
        name: view.name.parse().ok()?,
        query: view.query.iter().copied().collect(),
        shared: true,
        ready_made: true,
        manageable: false,
        default: default == Some(view.id),
    })
}

fn shown(actor: &Actor, view: View, default: Option<ViewId>) -> SavedView {
    SavedView {
        manageable: may_manage(actor, &view),
        id: view.id,
        list: view.list,
        name: view.name,
        query: view.query,
        shared: view.shared,
        ready_made: false,
        default: default == Some(view.id),
    }
}

fn audited(view: &View) -> Audited<'_> {
    Audited { name: &view.name, query: &view.query, shared: view.shared }
}

fn nothing() -> Error {
    Error::not_found("view")
}
