use domain::{OrganizationId, text::folded};
use sqlx::QueryBuilder;

use super::{Key, Keys};
use crate::{Result, dialect::containing};

/// How many labels one statement writes. Only statements of this length stay prepared.
const CHUNK: usize = 1_000;

impl Keys<'_> {
    /// Has the key found by the labels that it carries now, and by no other.
    pub(super) async fn put_labels(&mut self, key: &Key) -> Result<()> {
        const DELETE: &str = "DELETE FROM key_labels WHERE key_id = $1";
        const INSERT: &str =
            "INSERT INTO key_labels (organization_id, key_id, name, value, search) VALUES ($1, $2, $3, $4, $5)";
        let (organization, id) = (key.organization_id, key.id);
        run!(self.0, |c| {
            sqlx::query(DELETE).bind(id).execute(&mut *c).await?;
            for (name, value) in key.labels.iter() {
                let insert = sqlx::query(INSERT).bind(organization).bind(id).bind(name).bind(value);
                insert.bind(folded(&format!("{name}={value}"))).execute(&mut *c).await?;
            }
            Ok(())
        })
    }

    /// Has new keys found by the labels that they carry.
    pub(super) async fn insert_labels(&mut self, keys: &[Key]) -> Result<()> {
        let labels: Vec<_> =
            keys.iter().flat_map(|key| key.labels.iter().map(move |(name, value)| (key, name, value))).collect();
        for chunk in labels.chunks(CHUNK) {
            run!(self.0, |c| {
                let mut q =
                    QueryBuilder::<DB>::new("INSERT INTO key_labels (organization_id, key_id, name, value, search) ");
                q.push_values(chunk, |mut row, (key, name, value)| {
                    row.push_bind(key.organization_id).push_bind(key.id).push_bind(*name).push_bind(*value);
                    row.push_bind(folded(&format!("{name}={value}")));
                });
                q.build().persistent(chunk.len() == CHUNK).execute(c).await?;
            });
        }
        Ok(())
    }

    /// Has keys whose labels have changed found by those that they carry now.
    pub async fn relabel(&mut self, keys: &[Key]) -> Result<()> {
        const SQL: &str = "UPDATE api_keys SET search = $3 WHERE organization_id = $1 AND id = $2";
        for key in keys {
            run!(self.0, |c| {
                let update = sqlx::query(SQL).bind(key.organization_id).bind(key.id).bind(key.search());
                update.execute(c).await?;
            });
            self.put_labels(key).await?;
        }
        Ok(())
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
