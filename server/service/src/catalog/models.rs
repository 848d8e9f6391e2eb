use std::collections::HashMap;

use domain::{
    ConnectionId, ErrorCode, ModelId, Page, PageQuery, PriceId, Timestamp,
    catalog::{ModelView, NewPrice, PriceView, suggested_rates},
    identity::Permission,
    keys::Environment,
};
use store::{
    catalog::{CatalogEntry, Price},
    changes::Change,
};

use crate::{Actor, Core, Error, Result, audit::Deed};

/// Models and their prices.
#[derive(Debug, Clone)]
pub struct Models {
    core: Core,
}

impl Models {
    /// The handle.
    pub fn new(core: Core) -> Self {
        Self { core }
    }

    /// The models that the organization's keys reach, unpriced ones included, the oldest first.
    pub async fn list(
        &self,
        actor: &Actor,
        environment: Option<Environment>,
        page: &PageQuery,
    ) -> Result<Page<ModelView>> {
        actor.require(Permission::CatalogRead)?;
        let (limit, after) = (page.limit()?, page.after::<ModelId>()?);
        let mut views = self.visible(actor).await?;
        views.retain(|m| environment.is_none_or(|e| e == m.environment) && after.is_none_or(|a| m.id > a));
        views.sort_by_key(|m| m.id);
        Ok(Page::cut(views, limit, |m| m.id.to_string()))
    }

    /// A connection's models by the names that it has for them, whether it is enabled or not.
    pub async fn of_connection(&self, actor: &Actor, connection: ConnectionId) -> Result<Vec<ModelView>> {
        actor.require(Permission::ConnectionsManage)?;
        let entries = self.core.db.read().await?.catalog().entries_of(connection).await?;
        let now = self.core.now();
        Ok(entries.into_iter().map(|entry| self.view(entry, true, now)).collect())
    }

    /// Sets what a model costs from a moment on. What was charged before stays as it was.
    ///
    /// # Errors
    /// When a figure is wrong, the moment is past, or there is a price for it already.
    pub async fn set_price(&self, actor: &Actor, id: ModelId, new: NewPrice) -> Result<ModelView> {
        actor.require(Permission::PricesManage)?;
        let now = self.core.now();
        let rates = new.rates.parse()?;
        if new.effective_from.is_some_and(|from| from < now) {
            let error =
                Error::new(ErrorCode::InvalidRequest, "A price can't begin in the past: calls were charged already.");
            return Err(Error { param: Some("effective_from"), ..error });
        }
        let mut tx = self.core.db.begin().await?;
        tx.catalog().model(id).await?.ok_or_else(|| Error::not_found("model"))?;
        let before = tx.catalog().prices(&[id]).await?.into_iter().find(|p| p.effective_from <= now).map(|p| p.rates);
        let price = Price {
            id: PriceId::mint(now, &self.core.entropy),
            model_id: id,
            effective_from: new.effective_from.unwrap_or(now),
            rates,
            created_at: now,
            created_by: actor.audit_name(),
        };
        tx.catalog().insert_price(&price).await.map_err(|e| match e.is_duplicate() {
            true => Error::taken("effective_from", "There is a price from this very moment on already."),
            false => e.into(),
        })?;
        let after = serde_json::json!({ "price": price.id, "effective_from": price.effective_from, "rates": rates });
        let deed = Deed {
            action: "model.price_set",
            target: id.to_string(),
            before: before.as_ref().map(|b| b as _),
            after: Some(&after),
        };
        self.core.audit(&mut tx, actor, deed).await?;
        self.core.commit_changes(tx, &[Change::Catalog]).await?;
        let found = self.visible(actor).await?.into_iter().find(|m| m.id == id);
        found.ok_or_else(|| Error::not_found("model"))
    }

    async fn visible(&self, actor: &Actor) -> Result<Vec<ModelView>> {
        let mut entries = self.core.db.read().await?.catalog().snapshot().await?;
        entries.retain(|e| e.organization.is_none_or(|o| o == actor.organization));
        let mut uses: HashMap<(Environment, String), usize> = HashMap::new();
        for entry in &entries {
            *uses.entry((entry.environment, entry.upstream_id.to_string())).or_default() += 1;
        }
        let now = self.core.now();
        let view = |entry: CatalogEntry| {
            let unique = uses[&(entry.environment, entry.upstream_id.to_string())] == 1;
            self.view(entry, unique, now)
        };
        Ok(entries.into_iter().map(view).collect())
    }

    fn view(&self, entry: CatalogEntry, unique: bool, now: Timestamp) -> ModelView {
        let price = entry.prices.into_iter().find(|p| p.effective_from <= now);
        ModelView {
            id: entry.model,
            name: if unique {
                entry.upstream_id.to_string()
            } else {
                format!("{}/{}", entry.connection_name, entry.upstream_id)
            },
            suggested: if price.is_none() { suggested_rates(entry.upstream_id.as_str()) } else { None },
            upstream_id: entry.upstream_id,
            connection_id: entry.connection,
            connection: entry.connection_name,
            provider: entry.provider,
            environment: entry.environment,
            context_window: entry.context_window,
            price: price.map(|p| PriceView {
                id: p.id,
                effective_from: p.effective_from,
                rates: p.rates,
                currency: self.core.settings.currency,
            }),
        }
    }
}
