//! Many keys at once.

use domain::{
    KeyId, OrganizationId,
    keys::{Asked, KeyFilter},
    text::folded,
};
use sqlx::QueryBuilder;

use super::{Key, Keys};
use crate::{Result, dialect::ForUpdate};

/// How many keys one statement changes. Only statements of this length stay prepared.
const CHUNK: usize = 500;

/// Appends the condition of the organization's keys with these identities.
macro_rules! among {
    ($q:ident, $organization:expr, $ids:expr) => {
        $q.push("organization_id = ").push_bind($organization).push(" AND id IN (");
        let mut list = $q.separated(", ");
        for id in $ids {
            list.push_bind(*id);
        }
        $q.push(")");
    };
}

impl Keys<'_> {
    /// Adds keys.
    pub async fn insert_many(&mut self, keys: &[Key]) -> Result<()> {
        const SQL: &str = concat!("INSERT INTO api_keys (", columns!(), ", name_folded, search, reach) ");
        for chunk in keys.chunks(CHUNK) {
            run!(self.0, |c| {
                let mut q = QueryBuilder::<DB>::new(SQL);
                q.push_values(chunk, |mut row, k| {
                    row.push_bind(k.id).push_bind(k.organization_id).push_bind(k.team_id).push_bind(k.owner_id);
                    row.push_bind(&k.created_by).push_bind(&k.name).push_bind(k.environment).push_bind(k.status);
                    row.push_bind(k.secret_hash).push_bind(&k.last_four).push_bind(&k.labels).push_bind(k.created_at);
                    row.push_bind(k.expires_at).push_bind(k.last_used_at).push_bind(k.revoked_at);
                    row.push_bind(k.calls).push_bind(k.errors).push_bind(k.cost).push_bind(&k.description);
                    row.push_bind(&k.rules).push_bind(k.template_id).push_bind(k.template_version);
                    row.push_bind(k.secret_made_at).push_bind(k.rotation_due_at);
                    row.push_bind(folded(k.name.as_str())).push_bind(k.search());
                    row.push_bind(k.rules.reach(k.environment));
                });
                q.build().persistent(chunk.len() == CHUNK).execute(c).await?;
            });
        }
        self.insert_labels(keys).await
    }

    /// At most `limit` of the organization's keys that match, by identity, those after `after` only.
    pub async fn matching_ids(
        &mut self,
        organization: OrganizationId,
        filter: &KeyFilter,
        asked: &Asked,
        after: Option<KeyId>,
        limit: i64,
    ) -> Result<Vec<KeyId>> {
        let pieces = self.matching(organization, filter, asked).await?;
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new("SELECT id FROM api_keys WHERE ");
            pieces.write(&mut q);
            if let Some(after) = after {
                q.push(" AND id > ").push_bind(after);
            }
            q.push(" ORDER BY id LIMIT ").push_bind(limit);
            Ok(q.build_query_scalar().fetch_all(c).await?)
        })
    }

    /// Those of these keys that are the organization's, by identity.
    pub async fn many(&mut self, organization: OrganizationId, ids: &[KeyId]) -> Result<Vec<Key>> {
        self.read_many(organization, ids, false).await
    }

    /// As [`Keys::many`], for a transaction that is going to change them. They are locked in the order of
    /// their identities, so that two such transactions don't wait for each other in a circle; for that, give
    /// them in that order.
    pub async fn many_for_update(&mut self, organization: OrganizationId, ids: &[KeyId]) -> Result<Vec<Key>> {
        self.read_many(organization, ids, true).await
    }

    async fn read_many(&mut self, organization: OrganizationId, ids: &[KeyId], for_update: bool) -> Result<Vec<Key>> {
        let mut keys = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(CHUNK) {
            run!(self.0, |c| {
                let mut q = QueryBuilder::<DB>::new(concat!("SELECT ", columns!(), " FROM api_keys WHERE "));
                among!(q, organization, chunk);
                q.push(" ORDER BY id").push(if for_update { DB::FOR_UPDATE } else { "" });
                keys.extend(q.build_query_as::<Key>().persistent(chunk.len() == CHUNK).fetch_all(c).await?);
            });
        }
        Ok(keys)
    }

    /// Writes status, owner, team, labels, expiry, rules, template and when the rotation is due of keys that were read
    /// by [`Keys::many_for_update`]. Those whose labels have changed are to be given to [`Keys::relabel`] too.
    pub async fn update_many(&mut self, keys: &[Key]) -> Result<()> {
        for chunk in keys.chunks(CHUNK) {
            run!(self.0, |c| {
                let mut q = QueryBuilder::<DB>::new(
                    "UPDATE api_keys SET status = n.column2, owner_id = n.column3, team_id = n.column4,
                    labels = n.column5, expires_at = n.column6, revoked_at = n.column7, rules = n.column8,
                    template_id = n.column9, template_version = n.column10, rotation_due_at = n.column11,
                    reach = n.column12 FROM (",
                );
                q.push_values(chunk, |mut row, key| {
                    row.push_bind(key.id).push_bind(key.status).push_bind(key.owner_id).push_bind(key.team_id);
                    row.push_bind(&key.labels).push_bind(key.expires_at).push_bind(key.revoked_at);
                    row.push_bind(&key.rules).push_bind(key.template_id).push_bind(key.template_version);
                    row.push_bind(key.rotation_due_at).push_bind(key.rules.reach(key.environment));
                });
                q.push(") AS n WHERE id = n.column1");
                q.build().persistent(chunk.len() == CHUNK).execute(c).await?;
            });
        }
        Ok(())
    }

    /// Deletes those of these keys that are the organization's. What was metered for them stays.
    pub async fn delete_many(&mut self, organization: OrganizationId, ids: &[KeyId]) -> Result<u64> {
        let mut deleted = 0;
        for chunk in ids.chunks(CHUNK) {
            run!(self.0, |c| {
                let mut q = QueryBuilder::<DB>::new("DELETE FROM api_keys WHERE ");
                among!(q, organization, chunk);
                deleted += q.build().persistent(chunk.len() == CHUNK).execute(c).await?.rows_affected();
            });
        }
        Ok(deleted)
    }
}
