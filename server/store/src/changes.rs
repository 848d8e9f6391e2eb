//! What the gateways must hear of: an append-only log of changed things.
//!
//! Generations are taken from one counter row that stays locked until the commit, so they appear
//! in the order of commit and without gaps: a reader that has seen `n` has seen all before it.

use domain::{OrganizationId, Timestamp, secrets::SecretHash};
use sqlx::QueryBuilder;
use uuid::Uuid;

use crate::{
    Error, Result,
    db::Conn,
    signals::{Signal, Signals},
};

/// How many changes one statement writes.
const CHUNK: usize = 500;

/// Something whose snapshots are stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The key with this secret.
    Key(SecretHash),
    /// Connections, models or prices.
    Catalog,
    /// Budgets of this organization.
    Budgets(OrganizationId),
    /// Limits of this organization.
    Limits(OrganizationId),
}

impl Change {
    /// Its kind, and what it is about.
    fn stored(&self) -> (&'static str, Option<Vec<u8>>) {
        match self {
            Self::Key(hash) => ("key", Some(hash.as_bytes().to_vec())),
            Self::Catalog => ("catalog", None),
            Self::Budgets(organization) => ("budgets", Some(organization.uuid().as_bytes().to_vec())),
            Self::Limits(organization) => ("limits", Some(organization.uuid().as_bytes().to_vec())),
        }
    }
}

/// What happened since a generation.
#[derive(Debug, PartialEq, Eq)]
pub enum Since {
    /// These, oldest first; empty when nothing did.
    Changes(Vec<(i64, Change)>),
    /// The log no longer reaches back so far: forget every snapshot and go on from here.
    Resync(i64),
}

/// The repository.
#[derive(Debug)]
pub struct Changes<'c>(pub(crate) Conn<'c>);

impl Changes<'_> {
    /// Appends `changes`, and tells the other nodes to look. Call it last in a transaction: it holds the
    /// counter's lock.
    pub async fn append(&mut self, changes: &[Change], at: Timestamp) -> Result<()> {
        const NEXT: &str = "UPDATE change_counter SET generation = generation + $1 WHERE id = 1 RETURNING generation";
        const INSERT: &str = "INSERT INTO changes (generation, kind, subject, at) ";
        let count = changes.len() as i64;
        run!(self.0, |c| {
            let last: i64 = sqlx::query_scalar(NEXT).bind(count).fetch_one(&mut *c).await?;
            let numbered: Vec<_> = changes.iter().zip(last - count + 1..).collect();
            for chunk in numbered.chunks(CHUNK) {
                let mut q = QueryBuilder::<DB>::new(INSERT);
                q.push_values(chunk, |mut row, (change, generation)| {
                    let (kind, subject) = change.stored();
                    row.push_bind(*generation).push_bind(kind).push_bind(subject).push_bind(at);
                });
                q.build().persistent(matches!(chunk.len(), 1 | CHUNK)).execute(&mut *c).await?;
            }
        });
        Signals(self.0.reborrow()).send(&Signal::Changed).await
    }

    /// The newest generation.
    pub async fn latest(&mut self) -> Result<i64> {
        run!(self.0, |c| Ok(sqlx::query_scalar("SELECT generation FROM change_counter WHERE id = 1")
            .fetch_one(c)
            .await?))
    }

    /// At most `limit` changes after `generation`.
    pub async fn since(&mut self, generation: i64, limit: i64) -> Result<Since> {
        const SQL: &str =
            "SELECT generation, kind, subject FROM changes WHERE generation > $1 ORDER BY generation LIMIT $2";
        let latest = self.latest().await?;
        if latest == generation {
            return Ok(Since::Changes(Vec::new()));
        }
        let rows: Vec<(i64, String, Option<Vec<u8>>)> =
            run!(self.0, |c| sqlx::query_as(SQL).bind(generation).bind(limit).fetch_all(c).await?);
        match rows.first() {
            Some((first, ..)) if *first == generation + 1 => {
                rows.into_iter().map(parse).collect::<Result<_>>().map(Since::Changes)
            }
            _ => Ok(Since::Resync(latest)),
        }
    }

    /// Forgets changes older than `before`; every gateway has heard of them or resynchronises.
    ///
    /// Only from the log's beginning on: nodes' clocks differ, so a change can be older than the
    /// one before it, and a hole in the middle would be passed over unseen.
    pub async fn prune(&mut self, before: Timestamp) -> Result<u64> {
        const SQL: &str = "DELETE FROM changes WHERE generation <
            COALESCE((SELECT min(generation) FROM changes WHERE at >= $1), (SELECT generation + 1 FROM change_counter))";
        run!(self.0, |c| Ok(sqlx::query(SQL).bind(before).execute(c).await?.rows_affected()))
    }
}

fn parse((generation, kind, subject): (i64, String, Option<Vec<u8>>)) -> Result<(i64, Change)> {
    let change = match (kind.as_str(), subject.as_deref()) {
        ("key", Some(hash)) => SecretHash::from_bytes(hash).map(Change::Key),
        ("catalog", _) => Some(Change::Catalog),
        ("budgets", Some(id)) => organization(id).map(Change::Budgets),
        ("limits", Some(id)) => organization(id).map(Change::Limits),
        _ => None,
    };
    let change = change.ok_or_else(|| Error::Corrupt(format!("change {generation} of kind {kind:?}")))?;
    Ok((generation, change))
}

fn organization(id: &[u8]) -> Option<OrganizationId> {
    Uuid::from_slice(id).ok().map(OrganizationId::from_uuid)
}
