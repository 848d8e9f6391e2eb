//! Comparing the books with the events that they were made of.

use std::{collections::HashMap, time::Duration};

use domain::{
    ConnectionId, KeyId, ModelId, Money, OrganizationId, TeamId, Timestamp, UserId,
    catalog::Provider,
    keys::Environment,
    usage::{Dimensions, Endpoint, Figures, Rollup, Service},
};
use uuid::Uuid;

use super::Usage;
use crate::Result;

/// What is compared at a time: enough to be quick, little enough for the memory.
const STRETCH: Duration = Duration::from_secs(7 * 86_400);

/// A rollup that is not the sum of its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mismatch {
    /// Whose.
    pub organization: OrganizationId,
    /// Of which key.
    pub key: KeyId,
    /// Which quarter of an hour.
    pub bucket: Timestamp,
    /// What the rollup says; zeroes where there is none.
    pub booked: Figures,
    /// What the events add up to; zeroes where there are none.
    pub events: Figures,
}

#[derive(sqlx::FromRow)]
struct Sum {
    /// Of a rollup.
    id: Option<Uuid>,
    bucket: Timestamp,
    organization_id: OrganizationId,
    team_id: Option<TeamId>,
    parent_team_id: Option<TeamId>,
    user_id: Option<UserId>,
    key_id: KeyId,
    environment: Environment,
    service: Service,
    endpoint: Endpoint,
    provider: Provider,
    connection_id: ConnectionId,
    model_id: ModelId,
    calls: i64,
    errors: i64,
    input_tokens: i64,
    cached_input_tokens: i64,
    cache_write_tokens: i64,
    output_tokens: i64,
    reasoning_tokens: i64,
    cost: Money,
    first_byte_us: i64,
    first_bytes: i64,
    total_us: i64,
}

impl From<Sum> for Rollup {
    fn from(s: Sum) -> Self {
        Self {
            dimensions: Dimensions {
                bucket: s.bucket,
                organization: s.organization_id,
                team: s.team_id,
                parent_team: s.parent_team_id,
                user: s.user_id,
                key: s.key_id,
                environment: s.environment,
                service: s.service,
                endpoint: s.endpoint,
                provider: s.provider,
                connection: s.connection_id,
                model: s.model_id,
            },
            figures: Figures {
                calls: s.calls as u64,
                errors: s.errors as u64,
                input_tokens: s.input_tokens as u64,
                cached_input_tokens: s.cached_input_tokens as u64,
                cache_write_tokens: s.cache_write_tokens as u64,
                output_tokens: s.output_tokens as u64,
                reasoning_tokens: s.reasoning_tokens as u64,
                cost: s.cost,
                first_byte_us: s.first_byte_us as u64,
                first_bytes: s.first_bytes as u64,
                total_us: s.total_us as u64,
            },
        }
    }
}

fn split(sum: Sum) -> (Dimensions, (Option<Uuid>, Figures)) {
    let id = sum.id;
    let Rollup { dimensions, figures } = sum.into();
    (dimensions, (id, figures))
}

macro_rules! dimensions {
    () => {
        "organization_id, team_id, parent_team_id, user_id, key_id, environment, service, endpoint, provider,
            connection_id, model_id"
    };
}

/// The sums of the events of a stretch of time, as [`Figures::add`] makes them.
const EVENTS: &str = concat!(
    "SELECT CAST(NULL AS UUID) AS id, at - at % 900000000 AS bucket, ",
    dimensions!(),
    ", count(CASE WHEN kind = 'call' THEN 1 END) AS calls,
    count(CASE WHEN kind = 'call' AND status = 'error' THEN 1 END) AS errors,
    CAST(sum(input_tokens) AS BIGINT) AS input_tokens, CAST(sum(cached_input_tokens) AS BIGINT) AS cached_input_tokens,
    CAST(sum(cache_write_tokens) AS BIGINT) AS cache_write_tokens, CAST(sum(output_tokens) AS BIGINT) AS output_tokens,
    CAST(sum(reasoning_tokens) AS BIGINT) AS reasoning_tokens, CAST(sum(cost) AS BIGINT) AS cost,
    CAST(coalesce(sum(first_byte_us), 0) AS BIGINT) AS first_byte_us, count(first_byte_us) AS first_bytes,
    CAST(sum(total_us) AS BIGINT) AS total_us
    FROM usage_events WHERE at >= $1 AND at < $2 AND id >= $3 AND id < $4 GROUP BY at - at % 900000000, ",
    dimensions!()
);

const ROLLUPS: &str = concat!(
    "SELECT id, bucket, ",
    dimensions!(),
    ", calls, errors, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost,
    first_byte_us, first_bytes, total_us FROM usage_rollups WHERE bucket >= $1 AND bucket < $2"
);

impl Usage<'_> {
    /// How many events there are.
    pub async fn count(&mut self) -> Result<i64> {
        run!(self.0, |c| Ok(sqlx::query_scalar("SELECT count(*) FROM usage_events").fetch_one(c).await?))
    }

    /// Every rollup that is not the sum of its events, as far back as there are events. With `repair`, each is made anew from them.
    pub async fn mismatches(&mut self, repair: bool) -> Result<Vec<Mismatch>> {
        let Some((first, last)) = self.span().await? else { return Ok(Vec::new()) };
        let kept_from = self.kept_from().await?.unwrap_or(first);
        let mut found = Vec::new();
        let mut from = first.floor(STRETCH).max(kept_from);
        while from <= last {
            let to = from.floor(STRETCH).plus(STRETCH);
            self.compare(from, to, repair, &mut found).await?;
            from = to;
        }
        Ok(found)
    }

    async fn compare(&mut self, from: Timestamp, to: Timestamp, repair: bool, found: &mut Vec<Mismatch>) -> Result<()> {
        let (first, after) = super::read::ids_of(from, to);
        let sums: Vec<Sum> = run!(self.0, |c| {
            sqlx::query_as(EVENTS).bind(from).bind(to).bind(first).bind(after).fetch_all(c).await?
        });
        let booked: Vec<Sum> = run!(self.0, |c| sqlx::query_as(ROLLUPS).bind(from).bind(to).fetch_all(c).await?);
        let mut booked: HashMap<Dimensions, (Option<Uuid>, Figures)> = booked.into_iter().map(split).collect();
        let mut wrong = Vec::new();
        for (dimensions, (_, events)) in sums.into_iter().map(split) {
            let (row, booked) = booked.remove(&dimensions).unwrap_or_default();
            if booked != events {
                wrong.push((dimensions, row, booked, events));
            }
        }
        wrong.extend(
            booked.into_iter().map(|(dimensions, (row, booked))| (dimensions, row, booked, Figures::default())),
        );
        wrong.sort_by_cached_key(|(dimensions, ..)| (dimensions.bucket, dimensions.id()));
        for (dimensions, row, booked, events) in wrong {
            let Dimensions { organization, key, bucket, .. } = dimensions;
            found.push(Mismatch { organization, key, bucket, booked, events });
            if repair {
                for id in [Some(dimensions.id()), row].into_iter().flatten() {
                    self.unbook(id).await?;
                }
                if events != Figures::default() {
                    self.add_rollups(&[Rollup { dimensions, figures: events }]).await?;
                }
            }
        }
        Ok(())
    }

    async fn unbook(&mut self, id: Uuid) -> Result<()> {
        run!(self.0, |c| sqlx::query("DELETE FROM usage_rollups WHERE id = $1").bind(id).execute(c).await.map(drop)?);
        Ok(())
    }

    /// From when to when there is anything in the books or among the events.
    async fn span(&mut self) -> Result<Option<(Timestamp, Timestamp)>> {
        const SQL: &str = "SELECT min(first), max(last) FROM (
            SELECT min(at) AS first, max(at) AS last FROM usage_events
            UNION ALL SELECT min(bucket), max(bucket) FROM usage_rollups) AS spans";
        let (first, last): (Option<Timestamp>, Option<Timestamp>) =
            run!(self.0, |c| sqlx::query_as(SQL).fetch_one(c).await?);
        Ok(first.zip(last))
    }
}
