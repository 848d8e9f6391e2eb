//! Many limits at once.

use domain::{LimitId, limits::Limit};
use sqlx::QueryBuilder;

use super::{Limits, StoredLimit, stored};
use crate::Result;

/// How many rows one statement writes. Only statements of this length, and for one row, stay prepared.
const CHUNK: usize = 250;

impl Limits<'_> {
    /// Adds limits.
    ///
    /// # Errors
    /// A duplicate when there is one for the same scope, environment, endpoint and kind.
    pub async fn insert_many(&mut self, new: &[StoredLimit]) -> Result<()> {
        for chunk in new.chunks(CHUNK) {
            run!(self.0, |c| {
                let mut q = QueryBuilder::<DB>::new(concat!("INSERT INTO limits (", columns!(), ") "));
                q.push_values(chunk, |mut row, new| {
                    let Limit { id, scope, environment, endpoint, kind, amount, burst } = new.limit;
                    row.push_bind(id).push_bind(new.organization).push_bind(scope.kind()).push_bind(scope.subject());
                    row.push_bind(environment).push_bind(endpoint).push_bind(kind);
                    row.push_bind(stored(amount)).push_bind(stored(burst));
                    row.push_bind(new.created_at).push_bind(&new.created_by);
                });
                q.build().persistent(chunk.len() == CHUNK || chunk.len() == 1).execute(c).await?;
            });
        }
        Ok(())
    }

    /// Changes how much may be used under each of these limits, and how much of it at once.
    pub async fn update_many(&mut self, limits: &[Limit]) -> Result<()> {
        for chunk in limits.chunks(CHUNK) {
            run!(self.0, |c| {
                let mut q = QueryBuilder::<DB>::new("UPDATE limits SET amount = n.column2, burst = n.column3 FROM (");
                q.push_values(chunk, |mut row, limit| {
                    row.push_bind(limit.id).push_bind(stored(limit.amount)).push_bind(stored(limit.burst));
                });
                q.push(") AS n WHERE id = n.column1");
                q.build().persistent(chunk.len() == CHUNK).execute(c).await?;
            });
        }
        Ok(())
    }

    /// Takes limits away.
    pub async fn delete_many(&mut self, ids: &[LimitId]) -> Result<()> {
        for chunk in ids.chunks(CHUNK) {
            run!(self.0, |c| {
                let mut q = QueryBuilder::<DB>::new("DELETE FROM limits WHERE id IN (");
                let mut list = q.separated(", ");
                for id in chunk {
                    list.push_bind(*id);
                }
                q.push(")");
                q.build().persistent(chunk.len() == CHUNK).execute(c).await?;
            });
        }
        Ok(())
    }
}
