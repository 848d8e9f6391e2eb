//! What keys did lately, which stands beside them.

use std::collections::BTreeMap;

use domain::{
    KeyId, Money, Timestamp,
    usage::{Rollup, UsageEvent},
};

use super::Usage;
use crate::{Error, Result};

/// What is added to a key.
#[derive(Debug, Default)]
struct Figures {
    calls: i64,
    errors: i64,
    cost: i128,
    used: Option<Timestamp>,
}

impl Usage<'_> {
    /// Adds new events to their keys' figures and moves the keys' last use.
    pub(super) async fn add_to_keys(&mut self, rollups: &[Rollup], events: &[&UsageEvent]) -> Result<()> {
        const SQL: &str = "UPDATE api_keys SET calls = calls + $2, errors = errors + $3, cost = cost + $4,
            last_used_at = CASE WHEN COALESCE(last_used_at, 0) < $5 THEN $5 ELSE last_used_at END WHERE id = $1";
        let since = self.figures_since().await?;
        // In the order of identities: two recorders would otherwise wait for each other in a circle.
        let mut keys: BTreeMap<KeyId, Figures> = BTreeMap::new();
        for rollup in rollups.iter().filter(|rollup| rollup.dimensions.bucket >= since) {
            let key = keys.entry(rollup.dimensions.key).or_default();
            key.calls += rollup.figures.calls as i64;
            key.errors += rollup.figures.errors as i64;
            key.cost += i128::from(rollup.figures.cost.nanos());
        }
        for event in events {
            let key = keys.entry(event.attribution.key).or_default();
            key.used = key.used.max(Some(event.at));
        }
        run!(self.0, |c| {
            for (id, Figures { calls, errors, cost, used }) in keys {
                let update = sqlx::query(SQL).bind(id).bind(calls).bind(errors).bind(booked(cost)?);
                update.bind(used.map_or(0, Timestamp::micros)).execute(&mut *c).await?;
            }
            Ok(())
        })
    }

    /// Has the keys' figures begin at `since`: what is older is taken off them. Answers how many keys changed.
    ///
    /// An event of before `since` that is recorded in the same moment may be left in them; only a journal
    /// that comes back after thirty days holds such ones.
    pub async fn begin_figures(&mut self, since: Timestamp) -> Result<u64> {
        const SUMS: &str = "SELECT r.key_id, CAST(sum(r.calls) AS BIGINT), CAST(sum(r.errors) AS BIGINT),
                CAST(sum(r.cost) AS BIGINT)
            FROM organizations o JOIN usage_rollups r ON r.organization_id = o.id
            WHERE r.bucket >= $1 AND r.bucket < $2 GROUP BY r.key_id ORDER BY r.key_id";
        const TAKE: &str =
            "UPDATE api_keys SET calls = calls - $2, errors = errors - $3, cost = cost - $4 WHERE id = $1";
        // Two nodes do this at the same time: the second finds that the first has moved it.
        const MOVE: &str = "UPDATE settings SET value = $1 WHERE name = 'figures_since' AND value = $2";
        let before = self.figures_since().await?;
        if since <= before {
            return Ok(0);
        }
        run!(self.0, |c| {
            let (to, from) = (since.micros().to_string(), before.micros().to_string());
            if sqlx::query(MOVE).bind(to).bind(from).execute(&mut *c).await?.rows_affected() == 0 {
                return Ok(0);
            }
            let sums: Vec<(KeyId, i64, i64, Money)> =
                sqlx::query_as(SUMS).bind(before).bind(since).fetch_all(&mut *c).await?;
            for (key, calls, errors, cost) in &sums {
                sqlx::query(TAKE).bind(key).bind(calls).bind(errors).bind(cost).execute(&mut *c).await?;
            }
            Ok(sums.len() as u64)
        })
    }

    /// From when on the keys' figures count.
    async fn figures_since(&mut self) -> Result<Timestamp> {
        const SQL: &str = "SELECT CAST(value AS BIGINT) FROM settings WHERE name = 'figures_since'";
        run!(self.0, |c| Ok(sqlx::query_scalar(SQL).fetch_one(c).await?))
    }
}

fn booked(cost: i128) -> Result<Money> {
    i64::try_from(cost).map(Money::from_nanos).map_err(|_| Error::Corrupt("a key's cost".into()))
}
