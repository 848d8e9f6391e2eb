use domain::{OrganizationId, text::folded};
use sqlx::QueryBuilder;

use super::{Key, Keys};
use crate::{Result, dialect::containing};

/// How many rows one statement writes. Only statements of this length stay prepared.
const CHUNK: usize = 250;

impl Keys<'_> {
    /// Has new keys found by the labels that they carry.
    pub(super) async fn insert_labels(&mut self, keys: &[Key]) -> Result<()> {
        let labels: Vec<_> = keys.iter().flat_map(|key| key.labels.iter().map(move |label| (key, label))).collect();
        for chunk in labels.chunks(CHUNK) {
            run!(self.0, |c| {
                let mut q =
                    QueryBuilder::<DB>::new("INSERT INTO key_labels (organization_id, key_id, name, value, search) ");
                q.push_values(chunk, |mut row, (key, (name, value))| {
                    row.push_bind(key.organization_id).push_bind(key.id).push_bind(*name).push_bind(*value);
                    row.push_bind(folded(&format!("{name}={value}")));
                });
                q.build().persistent(chunk.len() == CHUNK).execute(c).await?;
            });
        }
        Ok(())
    }

    /// Has keys whose labels have changed found by those that they carry now, and by no other.
    pub async fn relabel(&mut self, keys: &[Key]) -> Result<()> {
        for chunk in keys.chunks(CHUNK) {
            run!(self.0, |c| {
                let mut q = QueryBuilder::<DB>::new("UPDATE api_keys SET search = n.column2 FROM (");
                q.push_values(chunk, |mut row, key| {
                    row.push_bind(key.id).push_bind(key.search());
                });
                q.push(") AS n WHERE id = n.column1");
                q.build().persistent(chunk.len() == CHUNK).execute(&mut *c).await?;
                let mut q = QueryBuilder::<DB>::new("DELETE FROM key_labels WHERE key_id IN (");
                let mut list = q.separated(", ");
                for key in chunk {
                    list.push_bind(key.id);
                }
                q.push(")");
                q.build().persistent(chunk.len() == CHUNK).execute(c).await?;
            });
        }
        self.insert_labels(keys).await
    }

    /// At most `limit` of the labels that the organization's keys carry, of those that contain `part`: names
    /// and values, in their order.
    pub async fn labels(
        &mut self,
        organization: OrganizationId,
        part: &str,
        limit: i64,
    ) -> Result<Vec<(String, String)>> {
        const SQL: &str = "SELECT name, value FROM key_labels WHERE organization_id = $1 AND search LIKE $2 ESCAPE '\\'
            GROUP BY name, value ORDER BY name, value LIMIT $3";
        run!(self.0, |c| Ok(sqlx::query_as(SQL)
            .bind(organization)
            .bind(containing(part))
            .bind(limit)
            .fetch_all(c)
            .await?))
    }
}
