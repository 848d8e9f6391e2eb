use std::time::Duration;

use domain::{
    ConnectionId, EventId, KeyId, ModelId, Money, OrganizationId, PriceId, RequestId, Timestamp,
    catalog::Provider,
    keys::Environment,
    usage::{CallStatus, Endpoint, EventKind},
};
use sqlx::QueryBuilder;

use super::Usage;
use crate::Result;

/// An event as lists and pages show it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct EventRow {
    /// Its identity.
    pub id: EventId,
    /// The call.
    pub request_id: RequestId,
    /// The client's own request id.
    pub client_request_id: Option<String>,
    /// Call or adjustment.
    pub kind: EventKind,
    /// When it was admitted.
    pub at: Timestamp,
    /// The key's environment.
    pub environment: Environment,
    /// Which of our endpoints.
    pub endpoint: Endpoint,
    /// The key.
    pub key_id: KeyId,
    /// What it is called now.
    pub key_name: Option<String>,
    /// Who runs the model.
    pub provider: Provider,
    /// Through which connection.
    pub connection_id: ConnectionId,
    /// What that is called now.
    pub connection_name: Option<String>,
    /// The model.
    pub model_id: ModelId,
    /// The name the client asked for.
    pub requested_model: String,
    /// The name the provider was asked for.
    pub actual_model: String,
    /// Input tokens.
    pub input_tokens: i64,
    /// Of those, from the provider's cache.
    pub cached_input_tokens: i64,
    /// Of those, written to the provider's cache.
    pub cache_write_tokens: i64,
    /// Output tokens.
    pub output_tokens: i64,
    /// Of those, for reasoning.
    pub reasoning_tokens: i64,
    /// Whether we counted because the provider did not say.
    pub estimated: bool,
    /// The price that was applied.
    pub price_id: PriceId,
    /// What it cost.
    pub cost: Money,
    /// How it ended.
    pub status: CallStatus,
    /// What the client was answered with.
    pub http_status: i64,
    /// The error's code.
    pub error_code: Option<String>,
    /// How often the provider was tried.
    pub attempts: i64,
    /// Microseconds to the first byte.
    pub first_byte_us: Option<i64>,
    /// Microseconds in all.
    pub total_us: i64,
}

/// Which events a list shows. Always one organization's.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// Only this event.
    pub id: Option<EventId>,
    /// Only this environment.
    pub environment: Option<Environment>,
    /// Only this key's.
    pub key: Option<KeyId>,
    /// Only this model's.
    pub model: Option<ModelId>,
    /// Only those that ended so.
    pub status: Option<CallStatus>,
    /// Only this call's.
    pub request_id: Option<RequestId>,
    /// From then on.
    pub from: Option<Timestamp>,
    /// Until before then.
    pub to: Option<Timestamp>,
    /// Only what comes after this event in the list, whose order is newest first.
    pub before: Option<EventId>,
}

/// How far an event's identity may be from its time. It is minted for that time, so nothing is
/// gained by less, and clocks that are put right while a call is admitted do no harm.
const SLACK: Duration = Duration::from_secs(3600);

/// The lowest identity that is minted at `at`. With it a period is a piece of the index in whose
/// order the list is read; without it the list would be read from its end until the period comes.
pub(super) fn first_id(at: Timestamp) -> EventId {
    const LAST: i64 = (1 << 48) - 1;
    let millis = at.micros().div_euclid(1000).clamp(0, LAST) as u64;
    EventId::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid())
}

/// The identities that events of this stretch of time can have: from the first on, before the second.
pub(super) fn ids_of(from: Timestamp, to: Timestamp) -> (EventId, EventId) {
    (first_id(from.minus(SLACK)), first_id(to.plus(SLACK)))
}

impl Usage<'_> {
    /// At most `limit` of the organization's events, the newest first.
    pub async fn events(
        &mut self,
        organization: OrganizationId,
        filter: &EventFilter,
        limit: i64,
    ) -> Result<Vec<EventRow>> {
        run!(self.0, |c| {
            let mut q = QueryBuilder::<DB>::new(
                "SELECT e.id, e.request_id, e.client_request_id, e.kind, e.at, e.environment, e.endpoint, e.key_id,
                    k.name AS key_name, e.provider, e.connection_id, n.name AS connection_name, e.model_id,
                    e.requested_model, e.actual_model, e.input_tokens, e.cached_input_tokens, e.cache_write_tokens,
                    e.output_tokens, e.reasoning_tokens, e.estimated, e.price_id, e.cost, e.status, e.http_status,
                    e.error_code, e.attempts, e.first_byte_us, e.total_us
                FROM usage_events e LEFT JOIN api_keys k ON k.id = e.key_id LEFT JOIN connections n ON n.id = e.connection_id
                WHERE e.organization_id = ",
            );
            q.push_bind(organization);
            if let Some(id) = filter.id {
                q.push(" AND e.id = ").push_bind(id);
            }
            if let Some(environment) = filter.environment {
                q.push(" AND e.environment = ").push_bind(environment);
            }
            if let Some(key) = filter.key {
                q.push(" AND e.key_id = ").push_bind(key);
            }
            if let Some(model) = filter.model {
                q.push(" AND e.model_id = ").push_bind(model);
            }
            if let Some(status) = filter.status {
                q.push(" AND e.status = ").push_bind(status);
            }
            if let Some(request_id) = filter.request_id {
                q.push(" AND e.request_id = ").push_bind(request_id);
            }
            if let Some(from) = filter.from {
                q.push(" AND e.at >= ").push_bind(from);
                q.push(" AND e.id >= ").push_bind(first_id(from.minus(SLACK)));
            }
            if let Some(to) = filter.to {
                q.push(" AND e.at < ").push_bind(to);
                q.push(" AND e.id < ").push_bind(first_id(to.plus(SLACK)));
            }
            if let Some(before) = filter.before {
                q.push(" AND e.id < ").push_bind(before);
            }
            q.push(" ORDER BY e.id DESC LIMIT ").push_bind(limit);
            Ok(q.build_query_as().fetch_all(c).await?)
        })
    }

    /// The organization's event with this identity.
    pub async fn event(&mut self, organization: OrganizationId, id: EventId) -> Result<Option<EventRow>> {
        let filter = EventFilter { id: Some(id), ..EventFilter::default() };
        Ok(self.events(organization, &filter, 1).await?.pop())
    }
}
