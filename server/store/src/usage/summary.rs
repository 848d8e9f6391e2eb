use domain::{KeyId, ModelId, Money, OrganizationId, Timestamp, keys::Environment};
use sqlx::QueryBuilder;
use uuid::Uuid;

use super::Usage;
use crate::Result;

/// What a summary's rows stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SummaryBy {
    /// A key each.
    Key,
    /// A model each.
    Model,
    /// A provider each.
    Provider,
    /// A quarter of an hour each.
    Bucket,
    /// A model in a quarter of an hour each.
    BucketAndModel,
}

/// Which rollups are summed. Always one organization's.
#[derive(Debug, Clone, Copy)]
pub struct SummaryFilter {
    /// From this quarter of an hour on.
    pub from: Timestamp,
    /// Until before this one.
    pub to: Timestamp,
    /// Only this environment.
    pub environment: Option<Environment>,
    /// Only this key's.
    pub key: Option<KeyId>,
}

/// Rollups summed.
#[derive(Debug, Clone, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Summary {
    /// The key's or the model's id; none otherwise.
    pub id: Option<Uuid>,
    /// The provider; none otherwise.
    pub word: Option<String>,
    /// The quarter of an hour; none otherwise.
    pub bucket: Option<i64>,
    /// What the key or the model is called now; the provider's spelling.
    pub name: Option<String>,
    /// Calls.
    pub calls: i64,
    /// Calls that ended in an error.
    pub errors: i64,
    /// Input tokens.
    pub input_tokens: i64,
    /// Of those, from the provider's cache.
    pub cached_input_tokens: i64,
    /// Output tokens.
    pub output_tokens: i64,
    /// Of those, for reasoning.
    pub reasoning_tokens: i64,
    /// Nano-units.
    pub cost: i64,
    /// Microseconds to the first byte, summed.
    pub first_byte_us: i64,
    /// How many calls had a first byte.
    pub first_bytes: i64,
    /// Microseconds in all, summed.
    pub total_us: i64,
}

/// A key's figures since a moment.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct KeyFigures {
    /// The key.
    pub key_id: KeyId,
    /// Its calls.
    pub calls: i64,
    /// What they cost.
    pub cost: Money,
}

impl Usage<'_> {
    /// Sums rollups; the dearest first, or the oldest first by bucket. Among equals the order is
    /// that of their identities, so that it stays the same from one look to the next.
    pub async fn summary(
        &mut self,
        organization: OrganizationId,
        filter: SummaryFilter,
        by: SummaryBy,
    ) -> Result<Vec<Summary>> {
        let (id, word, bucket, name, join, order) = match by {
            SummaryBy::Key => (
                "r.key_id",
                "NULL",
                "NULL",
                "min(k.name)",
                " LEFT JOIN api_keys k ON k.id = r.key_id",
                "cost DESC, calls DESC, id",
            ),
            SummaryBy::Model => (
                "r.model_id",
                "NULL",
                "NULL",
                "min(m.upstream_id)",
                " LEFT JOIN models m ON m.id = r.model_id",
                "cost DESC, calls DESC, id",
            ),
            SummaryBy::Provider => ("NULL", "r.provider", "NULL", "min(r.provider)", "", "cost DESC, calls DESC, word"),
            SummaryBy::Bucket => ("NULL", "NULL", "r.bucket", "NULL", "", "bucket"),
            SummaryBy::BucketAndModel => (
                "r.model_id",
                "NULL",
                "r.bucket",
                "min(m.upstream_id)",
                " LEFT JOIN models m ON m.id = r.model_id",
                "bucket, id",
            ),
        };
        let group: Vec<&str> = [id, word, bucket].into_iter().filter(|g| *g != "NULL").collect();
        let cast = |expression: &str, ty: &str| {
            if expression == "NULL" { format!("CAST(NULL AS {ty})") } else { expression.to_owned() }
        };
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new("SELECT ");
            q.push(cast(id, "UUID")).push(" AS id, ").push(cast(word, "TEXT")).push(" AS word, ");
            q.push(cast(bucket, "BIGINT")).push(" AS bucket, ").push(cast(name, "TEXT")).push(" AS name");
            for figure in FIGURES {
                q.push(format!(", CAST(sum(r.{figure}) AS BIGINT) AS {figure}"));
            }
            q.push(" FROM usage_rollups r").push(join).push(" WHERE r.organization_id = ").push_bind(organization);
            q.push(" AND r.bucket >= ").push_bind(filter.from).push(" AND r.bucket < ").push_bind(filter.to);
            if let Some(environment) = filter.environment {
                q.push(" AND r.environment = ").push_bind(environment);
            }
            if let Some(key) = filter.key {
                q.push(" AND r.key_id = ").push_bind(key);
            }
            q.push(" GROUP BY ").push(group.join(", ")).push(" ORDER BY ").push(order);
            Ok(q.build_query_as().fetch_all(c).await?)
        })
    }

    /// The keys that were used since then, and what they are called.
    pub async fn used_keys(&mut self, organization: OrganizationId, since: Timestamp) -> Result<Vec<(KeyId, String)>> {
        const SQL: &str = "SELECT id, name FROM api_keys WHERE organization_id = $1 AND last_used_at >= $2 ORDER BY id";
        run!(self.0, |c| Ok(sqlx::query_as(SQL).bind(organization).bind(since).fetch_all(c).await?))
    }

    /// The models that were used from a quarter of an hour on, and what their providers call them.
    pub async fn used_models(
        &mut self,
        organization: OrganizationId,
        since: Timestamp,
    ) -> Result<Vec<(ModelId, String)>> {
        const SQL: &str = "SELECT m.id, m.upstream_id FROM models m WHERE EXISTS (SELECT 1 FROM usage_rollups r
            WHERE r.organization_id = $1 AND r.model_id = m.id AND r.bucket >= $2) ORDER BY m.id";
        run!(self.0, |c| Ok(sqlx::query_as(SQL).bind(organization).bind(since).fetch_all(c).await?))
    }

    /// What these keys did from a quarter of an hour on. Keys that did nothing are left out.
    pub async fn of_keys(
        &mut self,
        organization: OrganizationId,
        keys: &[KeyId],
        from: Timestamp,
    ) -> Result<Vec<KeyFigures>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new(
                "SELECT key_id, CAST(sum(calls) AS BIGINT) AS calls, CAST(sum(cost) AS BIGINT) AS cost
                FROM usage_rollups WHERE organization_id = ",
            );
            q.push_bind(organization).push(" AND bucket >= ").push_bind(from).push(" AND key_id IN (");
            let mut list = q.separated(", ");
            for key in keys {
                list.push_bind(*key);
            }
            q.push(") GROUP BY key_id");
            Ok(q.build_query_as().fetch_all(c).await?)
        })
    }
}

const FIGURES: [&str; 10] = [
    "calls",
    "errors",
    "input_tokens",
    "cached_input_tokens",
    "output_tokens",
    "reasoning_tokens",
    "cost",
    "first_byte_us",
    "first_bytes",
    "total_us",
];
