//! The processes that serve calls from one database.
//!
//! A node says now and then that it is there. Its deadline is how long it may give out what is leased
//! to it without having said so again. All times are the database's.

use std::time::Duration;

use domain::{Money, NodeId, Timestamp};
use sqlx::QueryBuilder;
use uuid::Uuid;

use crate::{Result, db::Conn, dialect::Now};

/// Ends a node's leases.
const LEASES: [&str; 2] =
    ["DELETE FROM budget_leases WHERE node_id = $1", "DELETE FROM limit_leases WHERE node_id = $1"];

/// A node, as it is seen from the database.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Node {
    /// Its identity, which is that of its journal.
    pub id: NodeId,
    /// What people call its machine.
    pub name: String,
    /// When its process began.
    pub started_at: Timestamp,
    /// When it was last seen.
    pub seen_at: Timestamp,
    /// Until when it gives out what is leased to it.
    pub deadline: Timestamp,
    /// Whether that is over.
    pub vanished: bool,
    /// What is leased to it, in all budgets.
    pub leased: Money,
}

/// What became of the wish to retire a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retirement {
    /// It is retired, and so much that was leased to it is free again.
    Retired(Money),
    /// There is no such node.
    Unknown,
    /// It may still give out what is leased to it.
    TooEarly,
}

/// The repository.
#[derive(Debug)]
pub struct Nodes<'c>(pub(crate) Conn<'c>);

impl Nodes<'_> {
    /// A process begins to be this node, and no other process is it any more. What was leased to it is
    /// free again: call it when everything in its journal is in the books.
    pub async fn begin(&mut self, id: NodeId, incarnation: Uuid, name: &str, lifetime: Duration) -> Result<()> {
        run!(self.0, |c| {
            for leases in LEASES {
                sqlx::query(leases).bind(id).execute(&mut *c).await?;
            }
            let mut q = QueryBuilder::<DB>::new(
                "INSERT INTO nodes (id, incarnation, name, started_at, seen_at, deadline) SELECT ",
            );
            q.push_bind(id).push(", ").push_bind(incarnation).push(", ").push_bind(name);
            q.push(", t.now, t.now, t.now + ").push_bind(micros(lifetime));
            q.push(" FROM (SELECT ").push(DB::NOW).push(" AS now) t WHERE true");
            q.push(
                " ON CONFLICT (id) DO UPDATE SET incarnation = excluded.incarnation, name = excluded.name,
                started_at = excluded.started_at, seen_at = excluded.seen_at, deadline = excluded.deadline",
            );
            q.build().execute(c).await?;
            Ok(())
        })
    }

    /// The node is there. Answers how many there are, or nothing where this process is not the node
    /// any more.
    pub async fn beat(&mut self, id: NodeId, incarnation: Uuid, lifetime: Duration) -> Result<Option<u32>> {
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new("UPDATE nodes SET seen_at = ");
            q.push(DB::NOW).push(", deadline = ").push(DB::NOW).push(" + ").push_bind(micros(lifetime));
            q.push(" WHERE id = ").push_bind(id).push(" AND incarnation = ").push_bind(incarnation);
            if q.build().execute(&mut *c).await?.rows_affected() == 0 {
                return Ok(None);
            }
            let mut q = QueryBuilder::<DB>::new("SELECT count(*) FROM nodes WHERE deadline > ");
            q.push(DB::NOW);
            let nodes: i64 = q.build_query_scalar().fetch_one(c).await?;
            Ok(u32::try_from(nodes).ok())
        })
    }

    /// The node ends, with nothing in its journal: what was leased to it is free again.
    pub async fn end(&mut self, id: NodeId) -> Result<()> {
        run!(self.0, |c| {
            for leases in LEASES {
                sqlx::query(leases).bind(id).execute(&mut *c).await?;
            }
            sqlx::query("DELETE FROM nodes WHERE id = $1").bind(id).execute(c).await?;
            Ok(())
        })
    }

    /// All nodes, the oldest first.
    pub async fn list(&mut self) -> Result<Vec<Node>> {
        run!(self.0, |c| {
            let mut q =
                QueryBuilder::<DB>::new("SELECT n.id, n.name, n.started_at, n.seen_at, n.deadline, deadline < ");
            q.push(DB::NOW).push(
                " AS vanished, CAST(COALESCE((SELECT sum(l.amount) FROM budget_leases l WHERE l.node_id = n.id), 0)
                AS BIGINT) AS leased FROM nodes n ORDER BY n.id",
            );
            Ok(q.build_query_as().fetch_all(c).await?)
        })
    }

    /// Gives up a node that has vanished for longer than it may give out what is leased to it.
    pub async fn retire(&mut self, id: NodeId) -> Result<Retirement> {
        let Some(node) = self.list().await?.into_iter().find(|node| node.id == id) else {
            return Ok(Retirement::Unknown);
        };
        let retired = run!(self.0, |c| {
            // It may have come back since it was looked at.
            let mut q = QueryBuilder::<DB>::new("UPDATE nodes SET incarnation = ");
            q.push_bind(Uuid::nil()).push(" WHERE id = ").push_bind(id).push(" AND deadline < ").push(DB::NOW);
            q.build().execute(c).await?.rows_affected() > 0
        });
        if !retired {
            return Ok(Retirement::TooEarly);
        }
        self.end(id).await?;
        Ok(Retirement::Retired(node.leased))
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX / 4)
}
