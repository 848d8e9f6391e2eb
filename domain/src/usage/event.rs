use serde::{Deserialize, Serialize};

use super::TokenUsage;
use crate::{
    ConnectionId, EventId, KeyId, ModelId, Money, OrganizationId, PriceId, RequestId, TeamId, Timestamp, UserId,
    catalog::Provider,
    keys::{Environment, Labels},
};

spelled! {
    /// What kind of upstream was called.
    Service as "service" {
        /// AI models.
        Ai = "ai",
    }
}

spelled! {
    /// Which of the gateway's endpoints was called.
    Endpoint as "endpoint" {
        /// `POST /v1/chat/completions`
        ChatCompletions = "chat.completions",
        /// `POST /v1/embeddings`
        Embeddings = "embeddings",
    }
}

spelled! {
    /// Why the event exists.
    EventKind as "kind" {
        /// A call was made.
        Call = "call",
        /// An earlier event was corrected; the sum of both is right.
        Adjustment = "adjustment",
    }
}

spelled! {
    /// How a call ended.
    CallStatus as "status" {
        /// The provider answered and the client got all of it.
        Ok = "ok",
        /// The provider, or the way to it, failed.
        Error = "error",
        /// The client left before the answer's end.
        Aborted = "aborted",
        /// The process ended before the answer's end.
        Interrupted = "interrupted",
    }
}

/// Who a call belongs to, frozen at its admission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribution {
    /// The tenant.
    pub organization: OrganizationId,
    /// The key's team.
    pub team: Option<TeamId>,
    /// The team above the key's team.
    pub parent_team: Option<TeamId>,
    /// The key's owner.
    pub user: Option<UserId>,
    /// The key.
    pub key: KeyId,
    /// The key's labels.
    pub labels: Labels,
}

/// Where a call went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Who runs the model.
    pub provider: Provider,
    /// With which credentials.
    pub connection: ConnectionId,
    /// The model in the catalog.
    pub model: ModelId,
    /// The name that the client asked for.
    pub requested_model: String,
    /// The name that was sent to the provider.
    pub actual_model: String,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// In one word.
    pub status: CallStatus,
    /// What the client was answered with.
    pub http_status: u16,
    /// The code of the error, ours or the provider's.
    pub error_code: Option<String>,
    /// How many times the provider was tried.
    pub attempts: u32,
}

/// How long a call took, in microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timings {
    /// From the request's arrival to the first byte of the answer's body; none if there was no answer.
    pub first_byte_us: Option<u64>,
    /// From the request's arrival to the end.
    pub total_us: u64,
}

/// One metered call. Never changed once written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageEvent {
    /// The event's identity, by which it is counted once.
    pub id: EventId,
    /// The call, as answered in `x-request-id`. Always ours.
    pub request_id: RequestId,
    /// The client's own `x-request-id`, kept for its search; never an identity.
    pub client_request_id: Option<String>,
    /// Why the event exists.
    pub kind: EventKind,
    /// When the call was admitted.
    pub at: Timestamp,
    /// The key's environment.
    pub environment: Environment,
    /// What kind of upstream.
    pub service: Service,
    /// Which of our endpoints.
    pub endpoint: Endpoint,
    /// Who it belongs to.
    pub attribution: Attribution,
    /// Where it went.
    pub target: Target,
    /// What was used.
    pub usage: TokenUsage,
    /// Whether the usage was counted by us because the provider did not say.
    pub estimated: bool,
    /// The price that was applied.
    pub price: PriceId,
    /// What it cost.
    pub cost: Money,
    /// How it ended.
    pub outcome: Outcome,
    /// How long it took.
    pub timings: Timings,
}
