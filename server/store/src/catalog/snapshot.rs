use std::collections::HashMap;

use domain::{
    ConnectionId, ModelId, OrganizationId,
    catalog::{ConnectionName, ModelName, Provider, WhenLeft},
    keys::Environment,
};

use sqlx::QueryBuilder;

use super::{Catalog, Price};
use crate::Result;

/// A model with all that the gateway needs to call it and to price the call.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct CatalogEntry {
    /// The model.
    pub model: ModelId,
    /// What the provider calls it.
    pub upstream_id: ModelName,
    /// How many tokens it takes at most, where known.
    pub context_window: Option<i64>,
    /// Through which connection.
    pub connection: ConnectionId,
    /// How that is called.
    pub connection_name: ConnectionName,
    /// Whose it is; none for the platform's, which serve every organization.
    pub organization: Option<OrganizationId>,
    /// Who is at the other end.
    pub provider: Provider,
    /// Which keys it serves.
    pub environment: Environment,
    /// Where requests go; none for what Turnpike itself serves.
    pub base_url: Option<String>,
    /// What becomes of an answer whose client has left.
    pub when_left: WhenLeft,
    /// The provider's key, sealed.
    pub sealed_api_key: Option<Vec<u8>>,
    /// Its prices, the newest first, future ones included.
    #[sqlx(skip)]
    pub prices: Vec<Price>,
}

impl Catalog<'_> {
    /// Every model of every enabled connection, oldest connection first.
    pub async fn snapshot(&mut self) -> Result<Vec<CatalogEntry>> {
        self.entries(None).await
    }

    /// A connection's models by name, whether it is enabled or not.
    pub async fn entries_of(&mut self, connection: ConnectionId) -> Result<Vec<CatalogEntry>> {
        self.entries(Some(connection)).await
    }

    async fn entries(&mut self, connection: Option<ConnectionId>) -> Result<Vec<CatalogEntry>> {
        let mut entries: Vec<CatalogEntry> = run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new(
                "SELECT m.id AS model, m.upstream_id, m.context_window, c.id AS connection,
                c.name AS connection_name, c.organization_id AS organization, c.provider, c.environment, c.base_url,
                c.when_left, c.api_key AS sealed_api_key
                FROM models m JOIN connections c ON c.id = m.connection_id WHERE ",
            );
            match connection {
                Some(connection) => q.push("c.id = ").push_bind(connection),
                None => q.push("c.enabled"),
            };
            q.build_query_as().fetch_all(c).await?
        });
        entries.sort_by(|a, b| (a.connection, &a.upstream_id).cmp(&(b.connection, &b.upstream_id)));
        let mut prices: HashMap<ModelId, Vec<Price>> = HashMap::new();
        for price in self.all_prices().await? {
            prices.entry(price.model_id).or_default().push(price);
        }
        for entry in &mut entries {
            entry.prices = prices.remove(&entry.model).unwrap_or_default();
        }
        Ok(entries)
    }
}
