//! How many parallel requests are leased to which node.
//!
//! Whoever leases some first locks the limit ([`Limits::get_for_update`]). Each node alone changes its own
//! leases, and those of a node that has ended are deleted.

use domain::{LimitId, NodeId};

use super::{Limits, stored};
use crate::Result;

/// How many requests may be under way at once under a limit, by where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Leased {
    /// On this node.
    pub here: u64,
    /// On all others.
    pub elsewhere: u64,
}

impl Limits<'_> {
    /// What is leased of a limit.
    pub async fn leased(&mut self, node: NodeId, limit: LimitId) -> Result<Leased> {
        const SQL: &str = "SELECT
            CAST(COALESCE(sum(CASE WHEN node_id = $2 THEN amount END), 0) AS BIGINT),
            CAST(COALESCE(sum(CASE WHEN node_id <> $2 THEN amount END), 0) AS BIGINT)
            FROM limit_leases WHERE limit_id = $1";
        let (here, elsewhere): (i64, i64) =
            run!(self.0, |c| sqlx::query_as(SQL).bind(limit).bind(node).fetch_one(c).await?);
        Ok(Leased { here: here.unsigned_abs(), elsewhere: elsewhere.unsigned_abs() })
    }

    /// Leases so many to the node, instead of those that were leased to it before.
    pub async fn lease(&mut self, node: NodeId, limit: LimitId, amount: u64) -> Result<()> {
        const NONE: &str = "DELETE FROM limit_leases WHERE limit_id = $1 AND node_id = $2";
        const SOME: &str = "INSERT INTO limit_leases (limit_id, node_id, amount) VALUES ($1, $2, $3)
            ON CONFLICT (limit_id, node_id) DO UPDATE SET amount = excluded.amount";
        run!(self.0, |c| {
            match amount {
                0 => sqlx::query(NONE).bind(limit).bind(node).execute(c).await?.rows_affected(),
                some => sqlx::query(SOME).bind(limit).bind(node).bind(stored(some)).execute(c).await?.rows_affected(),
            };
            Ok(())
        })
    }

    /// How many of which limits are leased to other nodes than this one.
    pub async fn leased_elsewhere(&mut self, node: NodeId) -> Result<Vec<(LimitId, u64)>> {
        const SQL: &str = "SELECT limit_id, CAST(sum(amount) AS BIGINT) FROM limit_leases
            WHERE node_id <> $1 GROUP BY limit_id";
        let rows: Vec<(LimitId, i64)> = run!(self.0, |c| sqlx::query_as(SQL).bind(node).fetch_all(c).await?);
        Ok(rows.into_iter().map(|(limit, amount)| (limit, amount.unsigned_abs())).collect())
    }
}
