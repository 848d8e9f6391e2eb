use std::collections::HashSet;

use domain::{
    EventId,
    usage::{Rollup, UsageEvent},
};
use sqlx::QueryBuilder;

use super::Usage;
use crate::{Result, dialect::storable};

/// How many events one statement writes. More would only lengthen the statement's text.
///
/// Only statements of exactly this length stay prepared: one for each length up to it would fill
/// a connection's cache with programs of hundreds of kilobytes.
const CHUNK: usize = 250;

impl Usage<'_> {
    /// Writes the events that are not known yet, adds them to their rollups and moves their keys'
    /// last use; answers the identities of those that were new.
    ///
    /// An event is counted once, however often it is recorded. Its identity is minted for the time
    /// `at` that it carries, so that the order of identities is the order of time.
    pub async fn record<'e>(&mut self, events: impl IntoIterator<Item = &'e UsageEvent>) -> Result<Vec<EventId>> {
        let mut fresh: Vec<&UsageEvent> = events.into_iter().collect();
        // Two recorders of the same events must meet them in the same order, or they would wait
        // for each other in a circle.
        fresh.sort_by_key(|e| e.id);
        fresh.dedup_by_key(|e| e.id);
        self.insert_new(&mut fresh).await?;
        let rollups = Rollup::sum(fresh.iter().copied())?;
        for chunk in rollups.chunks(CHUNK) {
            self.add_rollups(chunk).await?;
        }
        self.add_to_keys(&rollups, &fresh).await?;
        Ok(fresh.iter().map(|e| e.id).collect())
    }

    /// Inserts the events, leaving out those that are known, which are taken from `events`.
    ///
    /// As a rule all are new. The count of inserted rows says so, where a row given back for each
    /// event would cost as much as inserting it. When some were known it is undone, and done again
    /// without them; whom another recorder's insert made wait has seen it committed by then, so
    /// that each time there are fewer.
    async fn insert_new(&mut self, events: &mut Vec<&UsageEvent>) -> Result<()> {
        loop {
            self.execute("SAVEPOINT insert_new").await?;
            let mut inserted = 0;
            for chunk in events.chunks(CHUNK) {
                inserted += self.insert_events(chunk).await?;
            }
            let all_were_new = inserted == events.len() as u64;
            if !all_were_new {
                self.execute("ROLLBACK TO SAVEPOINT insert_new").await?;
                let ids: Vec<EventId> = events.iter().map(|e| e.id).collect();
                let known = self.known(&ids).await?;
                events.retain(|e| !known.contains(&e.id));
            }
            self.execute("RELEASE SAVEPOINT insert_new").await?;
            if all_were_new {
                return Ok(());
            }
        }
    }

    async fn execute(&mut self, sql: &'static str) -> Result<()> {
        run!(self.0, |c| {
            sqlx::query(sql).execute(c).await?;
            Ok(())
        })
    }

    /// Which of these events are in the database.
    pub async fn known(&mut self, events: &[EventId]) -> Result<HashSet<EventId>> {
        let mut known = HashSet::new();
        for chunk in events.chunks(CHUNK) {
            let found: Vec<EventId> = run!(self.0, |c| {
                let mut q = QueryBuilder::<DB>::new("SELECT id FROM usage_events WHERE id IN (");
                let mut ids = q.separated(", ");
                for event in chunk {
                    ids.push_bind(*event);
                }
                q.push(")");
                q.build_query_scalar().persistent(chunk.len() == CHUNK).fetch_all(c).await?
            });
            known.extend(found);
        }
        Ok(known)
    }

    /// Answers how many were not known.
    async fn insert_events(&mut self, events: &[&UsageEvent]) -> Result<u64> {
        const SQL: &str = "INSERT INTO usage_events (id, request_id, client_request_id, kind, at, environment, service,
            endpoint, organization_id, team_id, parent_team_id, user_id, key_id, labels, provider, connection_id, model_id,
            requested_model, actual_model, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens,
            reasoning_tokens, estimated, price_id, cost, status, http_status, error_code, attempts, first_byte_us,
            total_us) ";
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new(SQL);
            q.push_values(events, |mut row, e| {
                row.push_bind(e.id)
                    .push_bind(e.request_id)
                    .push_bind(e.client_request_id.as_deref().map(storable))
                    .push_bind(e.kind);
                row.push_bind(e.at).push_bind(e.environment).push_bind(e.service).push_bind(e.endpoint);
                let a = &e.attribution;
                row.push_bind(a.organization).push_bind(a.team).push_bind(a.parent_team).push_bind(a.user);
                row.push_bind(a.key).push_bind(&a.labels);
                let t = &e.target;
                row.push_bind(t.provider).push_bind(t.connection).push_bind(t.model);
                row.push_bind(storable(&t.requested_model)).push_bind(storable(&t.actual_model));
                row.push_bind(e.usage.input() as i64).push_bind(e.usage.cached_input() as i64);
                row.push_bind(e.usage.cache_write() as i64).push_bind(e.usage.output() as i64);
                row.push_bind(e.usage.reasoning() as i64).push_bind(e.estimated).push_bind(e.price).push_bind(e.cost);
                let o = &e.outcome;
                row.push_bind(o.status)
                    .push_bind(i64::from(o.http_status))
                    .push_bind(o.error_code.as_deref().map(storable));
                row.push_bind(i64::from(o.attempts));
                row.push_bind(e.timings.first_byte_us.map(|us| us as i64)).push_bind(e.timings.total_us as i64);
            });
            q.push(" ON CONFLICT (id) DO NOTHING");
            Ok(q.build().persistent(events.len() == CHUNK).execute(c).await?.rows_affected())
        })
    }

    pub(super) async fn add_rollups(&mut self, rollups: &[Rollup]) -> Result<()> {
        const SQL: &str =
            "INSERT INTO usage_rollups (id, bucket, organization_id, team_id, parent_team_id, user_id, key_id,
            environment, service, endpoint, provider, connection_id, model_id, calls, errors, input_tokens,
            cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost, first_byte_us, first_bytes,
            total_us) ";
        const ADD: &str = " ON CONFLICT (id) DO UPDATE SET calls = usage_rollups.calls + excluded.calls,
            errors = usage_rollups.errors + excluded.errors,
            input_tokens = usage_rollups.input_tokens + excluded.input_tokens,
            cached_input_tokens = usage_rollups.cached_input_tokens + excluded.cached_input_tokens,
            cache_write_tokens = usage_rollups.cache_write_tokens + excluded.cache_write_tokens,
            output_tokens = usage_rollups.output_tokens + excluded.output_tokens,
            reasoning_tokens = usage_rollups.reasoning_tokens + excluded.reasoning_tokens,
            cost = usage_rollups.cost + excluded.cost,
            first_byte_us = usage_rollups.first_byte_us + excluded.first_byte_us,
            first_bytes = usage_rollups.first_bytes + excluded.first_bytes,
            total_us = usage_rollups.total_us + excluded.total_us";
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new(SQL);
            q.push_values(rollups, |mut row, r| {
                let d = &r.dimensions;
                row.push_bind(d.id()).push_bind(d.bucket).push_bind(d.organization).push_bind(d.team);
                row.push_bind(d.parent_team).push_bind(d.user).push_bind(d.key).push_bind(d.environment);
                row.push_bind(d.service).push_bind(d.endpoint).push_bind(d.provider).push_bind(d.connection);
                row.push_bind(d.model);
                let f = &r.figures;
                for figure in [f.calls, f.errors, f.input_tokens, f.cached_input_tokens, f.cache_write_tokens] {
                    row.push_bind(figure as i64);
                }
                row.push_bind(f.output_tokens as i64).push_bind(f.reasoning_tokens as i64).push_bind(f.cost);
                row.push_bind(f.first_byte_us as i64).push_bind(f.first_bytes as i64).push_bind(f.total_us as i64);
            });
            q.push(ADD);
            q.build().persistent(rollups.len() == CHUNK).execute(c).await?;
            Ok(())
        })
    }
}
