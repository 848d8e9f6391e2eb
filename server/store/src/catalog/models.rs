use domain::{
    ConnectionId, ModelId, OrganizationId, PriceId, Timestamp,
    catalog::{ConnectionName, ModelName, Rates},
    keys::{Environment, Reachable},
};
use sqlx::QueryBuilder;

use super::Catalog;
use crate::Result;

/// A model that a connection reaches.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Model {
    /// Its identity.
    pub id: ModelId,
    /// Through which connection.
    pub connection_id: ConnectionId,
    /// What the provider calls it.
    pub upstream_id: ModelName,
    /// How many tokens it takes at most, where known.
    pub context_window: Option<i64>,
    /// Since when.
    pub created_at: Timestamp,
}

/// What a model costs from a moment on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// Its identity.
    pub id: PriceId,
    /// Which model's it is.
    pub model_id: ModelId,
    /// From when; until the next one's.
    pub effective_from: Timestamp,
    /// The figures.
    pub rates: Rates,
    /// When it was entered.
    pub created_at: Timestamp,
    /// Who entered it: an audit actor.
    pub created_by: String,
}

impl<'r, R: sqlx::Row> sqlx::FromRow<'r, R> for Price
where
    &'static str: sqlx::ColumnIndex<R>,
    PriceId: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    ModelId: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    Timestamp: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    domain::Rate: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    Option<domain::Rate>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    domain::Money: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    String: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            model_id: row.try_get("model_id")?,
            effective_from: row.try_get("effective_from")?,
            rates: Rates {
                input: row.try_get("input")?,
                cached_input: row.try_get("cached_input")?,
                cache_write: row.try_get("cache_write")?,
                output: row.try_get("output")?,
                reasoning: row.try_get("reasoning")?,
                per_request: row.try_get("per_request")?,
            },
            created_at: row.try_get("created_at")?,
            created_by: row.try_get("created_by")?,
        })
    }
}

const PRICES: &str =
    "SELECT id, model_id, effective_from, input, cached_input, cache_write, output, reasoning, per_request,
    created_at, created_by FROM prices";

impl Catalog<'_> {
    /// Adds a model, unless the connection has one of that name; answers the identity it has.
    pub async fn ensure_model(&mut self, model: &Model) -> Result<ModelId> {
        const SQL: &str = "INSERT INTO models (id, connection_id, upstream_id, context_window, created_at)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (connection_id, upstream_id) DO UPDATE SET upstream_id = excluded.upstream_id RETURNING id";
        let m = model;
        run!(self.0, |c| {
            let insert = sqlx::query_scalar(SQL).bind(m.id).bind(m.connection_id).bind(&m.upstream_id);
            Ok(insert.bind(m.context_window).bind(m.created_at).fetch_one(c).await?)
        })
    }

    /// The model with this identity.
    pub async fn model(&mut self, id: ModelId) -> Result<Option<Model>> {
        const SQL: &str = "SELECT id, connection_id, upstream_id, context_window, created_at FROM models WHERE id = $1";
        run!(self.0, |c| Ok(sqlx::query_as(SQL).bind(id).fetch_optional(c).await?))
    }

    /// The models that an organization's keys reach: those of its own enabled connections and of
    /// the platform's, the oldest first; at most `limit` of those after `after`.
    pub async fn models(
        &mut self,
        organization: OrganizationId,
        environment: Option<Environment>,
        after: Option<ModelId>,
        limit: i64,
    ) -> Result<Vec<Model>> {
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new(
                "SELECT m.id, m.connection_id, m.upstream_id, m.context_window, m.created_at
                FROM models m JOIN connections c ON c.id = m.connection_id
                WHERE c.enabled AND (c.organization_id IS NULL OR c.organization_id = ",
            );
            q.push_bind(organization).push(")");
            if let Some(environment) = environment {
                q.push(" AND c.environment = ").push_bind(environment);
            }
            if let Some(after) = after {
                q.push(" AND m.id > ").push_bind(after);
            }
            q.push(" ORDER BY m.id LIMIT ").push_bind(limit);
            Ok(q.build_query_as().fetch_all(c).await?)
        })
    }

    /// The names of the models that an organization's keys reach: as [`Catalog::models`], all of them.
    pub async fn reachable(&mut self, organization: OrganizationId) -> Result<Vec<Reachable>> {
        const SQL: &str = "SELECT c.environment, m.upstream_id, c.name FROM models m
            JOIN connections c ON c.id = m.connection_id
            WHERE c.enabled AND (c.organization_id IS NULL OR c.organization_id = $1) ORDER BY m.id";
        let names: Vec<(Environment, ModelName, ConnectionName)> =
            run!(self.0, |c| sqlx::query_as(SQL).bind(organization).fetch_all(c).await?);
        let reachable = |(environment, name, connection): (Environment, ModelName, ConnectionName)| Reachable {
            environment,
            qualified: format!("{connection}/{name}"),
            upstream_id: name.to_string(),
        };
        Ok(names.into_iter().map(reachable).collect())
    }

    /// A connection's models by name.
    pub async fn models_of(&mut self, connection: ConnectionId) -> Result<Vec<Model>> {
        const SQL: &str = "SELECT id, connection_id, upstream_id, context_window, created_at FROM models
            WHERE connection_id = $1";
        let mut models: Vec<Model> = run!(self.0, |c| sqlx::query_as(SQL).bind(connection).fetch_all(c).await?);
        models.sort_by(|a, b| a.upstream_id.cmp(&b.upstream_id));
        Ok(models)
    }

    /// Adds a price.
    pub async fn insert_price(&mut self, price: &Price) -> Result<()> {
        const SQL: &str = "INSERT INTO prices (id, model_id, effective_from, input, cached_input, cache_write, output,
            reasoning, per_request, created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        let p = price;
        run!(self.0, |c| {
            let insert = sqlx::query(SQL).bind(p.id).bind(p.model_id).bind(p.effective_from).bind(p.rates.input);
            let insert = insert.bind(p.rates.cached_input).bind(p.rates.cache_write).bind(p.rates.output);
            let insert = insert.bind(p.rates.reasoning).bind(p.rates.per_request);
            insert.bind(p.created_at).bind(&p.created_by).execute(c).await?;
            Ok(())
        })
    }

    /// The prices of these models, the newest first.
    pub async fn prices(&mut self, models: &[ModelId]) -> Result<Vec<Price>> {
        if models.is_empty() {
            return Ok(Vec::new());
        }
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new(PRICES);
            q.push(" WHERE model_id IN (");
            let mut list = q.separated(", ");
            for model in models {
                list.push_bind(*model);
            }
            q.push(") ORDER BY effective_from DESC");
            Ok(q.build_query_as().fetch_all(c).await?)
        })
    }

    /// Every price, the newest first.
    pub(crate) async fn all_prices(&mut self) -> Result<Vec<Price>> {
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new(PRICES);
            q.push(" ORDER BY effective_from DESC");
            Ok(q.build_query_as().fetch_all(c).await?)
        })
    }
}
