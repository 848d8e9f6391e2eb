use domain::{EventId, Money, OrganizationId, RequestId};
use sqlx::QueryBuilder;

use super::Usage;
use crate::{Result, dialect::ForUpdate};

impl Usage<'_> {
    /// What a call costs by all that is booked of it: its event, and what was adjusted since. For a
    /// transaction that is going to adjust it: nobody else does between this and the commit.
    pub async fn booked_for_update(&mut self, organization: OrganizationId, call: RequestId) -> Result<Money> {
        const SUM: &str = "SELECT CAST(COALESCE(sum(cost), 0) AS BIGINT) FROM usage_events
            WHERE organization_id = $1 AND request_id = $2";
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new("SELECT id FROM usage_events WHERE organization_id = ");
            q.push_bind(organization).push(" AND request_id = ").push_bind(call).push(" AND kind = 'call'");
            q.push(DB::FOR_UPDATE).build().fetch_optional(&mut *c).await?;
            Ok(sqlx::query_scalar(SUM).bind(organization).bind(call).fetch_one(c).await?)
        })
    }

    /// Books that a call costs so much more, or less, as an event of its own beside the call's, and adds it
    /// to their rollup and to their key. It belongs to whom and to when the call does.
    pub async fn adjust(&mut self, event: EventId, adjustment: EventId, by: Money) -> Result<()> {
        const EVENT: &str = "INSERT INTO usage_events (id, request_id, client_request_id, kind, at, environment, service,
            endpoint, organization_id, team_id, parent_team_id, user_id, key_id, labels, provider, connection_id, model_id,
            requested_model, actual_model, input_tokens, cached_input_tokens, cache_write_tokens, output_tokens,
            reasoning_tokens, estimated, price_id, cost, status, http_status, error_code, attempts, first_byte_us, total_us)
            SELECT $2, request_id, client_request_id, 'adjustment', at, environment, service,
            endpoint, organization_id, team_id, parent_team_id, user_id, key_id, labels, provider, connection_id, model_id,
            requested_model, actual_model, 0, 0, 0, 0, 0, FALSE, price_id, $3, status, http_status, error_code, attempts,
            NULL, 0 FROM usage_events WHERE id = $1";
        const ROLLUP: &str =
            "UPDATE usage_rollups SET cost = usage_rollups.cost + $2 FROM usage_events e WHERE e.id = $1
            AND usage_rollups.bucket = e.at - e.at % 900000000 AND usage_rollups.organization_id = e.organization_id
            AND usage_rollups.team_id IS NOT DISTINCT FROM e.team_id
            AND usage_rollups.parent_team_id IS NOT DISTINCT FROM e.parent_team_id
            AND usage_rollups.user_id IS NOT DISTINCT FROM e.user_id AND usage_rollups.key_id = e.key_id
            AND usage_rollups.environment = e.environment AND usage_rollups.service = e.service
            AND usage_rollups.endpoint = e.endpoint AND usage_rollups.provider = e.provider
            AND usage_rollups.connection_id = e.connection_id AND usage_rollups.model_id = e.model_id";
        const KEY: &str =
            "UPDATE api_keys SET cost = cost + $2 WHERE id = (SELECT key_id FROM usage_events WHERE id = $1
            AND at >= (SELECT CAST(value AS BIGINT) FROM settings WHERE name = 'figures_since'))";
        run!(self.0, |c| {
            sqlx::query(EVENT).bind(event).bind(adjustment).bind(by).execute(&mut *c).await?;
            sqlx::query(ROLLUP).bind(event).bind(by).execute(&mut *c).await?;
            sqlx::query(KEY).bind(event).bind(by).execute(c).await?;
            Ok(())
        })
    }
}
