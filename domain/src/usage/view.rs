use serde::{Deserialize, Serialize};

use super::{CallStatus, Endpoint, EventKind};
use crate::{
    ConnectionId, Currency, EventId, Invalid, KeyId, ModelId, Money, PriceId, RequestId, Timestamp, catalog::Provider,
    keys::Environment,
};

/// A usage event as the portal and the management API show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventView {
    /// The event.
    pub id: EventId,
    /// The call, as in the answer's `x-request-id`.
    pub request_id: RequestId,
    /// The client's own `x-request-id`.
    pub client_request_id: Option<String>,
    /// Call or adjustment.
    pub kind: EventKind,
    /// When it was admitted.
    pub at: Timestamp,
    /// The key's environment.
    pub environment: Environment,
    /// Which of the gateway's endpoints.
    pub endpoint: Endpoint,
    /// The key.
    pub key_id: KeyId,
    /// What it is called.
    pub key_name: String,
    /// Who runs the model.
    pub provider: Provider,
    /// Through which connection.
    pub connection_id: ConnectionId,
    /// What that is called.
    pub connection_name: String,
    /// The model.
    pub model_id: ModelId,
    /// The name the client asked for.
    pub model: String,
    /// The name the provider was asked for.
    pub actual_model: String,
    /// Input tokens.
    pub input_tokens: u64,
    /// Of those, from the provider's cache.
    pub cached_input_tokens: u64,
    /// Of those, written to the provider's cache.
    pub cache_write_tokens: u64,
    /// Output tokens.
    pub output_tokens: u64,
    /// Of those, for reasoning.
    pub reasoning_tokens: u64,
    /// Whether Turnpike counted because the provider did not say.
    pub estimated: bool,
    /// The price that was applied.
    pub price_id: PriceId,
    /// What it cost.
    pub cost: Money,
    /// In which currency.
    pub currency: Currency,
    /// How it ended.
    pub status: CallStatus,
    /// What the client was answered with.
    pub http_status: u16,
    /// The error's code.
    pub error_code: Option<String>,
    /// How often the provider was tried.
    pub attempts: u32,
    /// Microseconds to the first byte.
    pub first_byte_us: Option<u64>,
    /// Microseconds in all.
    pub total_us: u64,
}

/// Which events to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
pub struct EventQuery {
    /// `test` or `live`; both when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(value_type = Option<Environment>))]
    pub environment: Option<String>,
    /// Only this key's: its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(value_type = Option<KeyId>))]
    pub key: Option<String>,
    /// Only this model's: its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(value_type = Option<ModelId>))]
    pub model: Option<String>,
    /// Only those that ended so: `ok`, `error`, `aborted` or `interrupted`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(value_type = Option<CallStatus>))]
    pub status: Option<String>,
    /// Only this call: its `x-request-id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(value_type = Option<RequestId>))]
    pub request_id: Option<String>,
    /// From then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(value_type = Option<Timestamp>))]
    pub from: Option<String>,
    /// Until before then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(value_type = Option<Timestamp>))]
    pub to: Option<String>,
}

/// What the rows of a summary stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum GroupBy {
    /// A key each.
    Key,
    /// A model each.
    Model,
    /// A provider each.
    Provider,
    /// An hour each, in the organization's time zone.
    Hour,
    /// A calendar day each, in the organization's time zone.
    Day,
}

impl std::str::FromStr for GroupBy {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "key" => Self::Key,
            "model" => Self::Model,
            "provider" => Self::Provider,
            "hour" => Self::Hour,
            "day" => Self::Day,
            _ => return Err(Invalid::new("group_by", "Group by key, model, provider, hour or day.")),
        })
    }
}

/// What to sum.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
pub struct SummaryQuery {
    /// From then on, to the quarter of an hour; the start of today when absent.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", param(value_type = Option<Timestamp>))]
    pub from: Option<String>,
    /// Until before then; now when absent.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", param(value_type = Option<Timestamp>))]
    pub to: Option<String>,
    /// `key`, `model`, `provider`, `hour` or `day`.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", param(value_type = Option<GroupBy>))]
    pub group_by: Option<String>,
    /// `test` or `live`; both when absent.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", param(value_type = Option<Environment>))]
    pub environment: Option<String>,
    /// Only this key's: its id.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", param(value_type = Option<KeyId>))]
    pub key: Option<String>,
}

/// Sums over a span of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SummaryView {
    /// From then on.
    pub from: Timestamp,
    /// Until before then.
    pub to: Timestamp,
    /// What the rows stand for.
    pub group_by: GroupBy,
    /// The rows: the dearest first, or the oldest first by hour and day.
    pub data: Vec<SummaryRow>,
    /// The rows' sum.
    pub total: SummaryRow,
    /// The currency of every cost.
    pub currency: Currency,
}

/// One row of a summary.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SummaryRow {
    /// The key's id, the model's id, the provider, or the start of the hour or day; `total` for a sum.
    pub group: String,
    /// What that is called.
    pub name: String,
    /// Calls.
    pub calls: u64,
    /// Calls that ended in an error.
    pub errors: u64,
    /// Input tokens.
    pub input_tokens: u64,
    /// Of those, from the provider's cache.
    pub cached_input_tokens: u64,
    /// Output tokens.
    pub output_tokens: u64,
    /// Of those, for reasoning.
    pub reasoning_tokens: u64,
    /// What it cost.
    pub cost: Money,
    /// Mean microseconds to the first byte; absent where no call had one.
    pub mean_first_byte_us: Option<u64>,
    /// Mean microseconds in all; absent where there was no call.
    pub mean_total_us: Option<u64>,
}

/// The portal's first page: today, and the last 24 hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// Since midnight in the organization's time zone.
    pub today: SummaryRow,
    /// Yesterday until the same time of day.
    pub yesterday: SummaryRow,
    /// The dearest keys of today.
    pub keys: Vec<SummaryRow>,
    /// The dearest models of today.
    pub models: Vec<SummaryRow>,
    /// The starts of the last 24 hours, the oldest first.
    pub hours: Vec<Timestamp>,
    /// A series a model, at most six; the last is what the others did where there are more.
    pub series: Vec<Series>,
    /// The most recent calls.
    pub recent: Vec<EventView>,
    /// The currency of every cost.
    pub currency: Currency,
}

/// One line of a chart over the hours.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// What it is called.
    pub name: String,
    /// Calls by hour.
    pub calls: Vec<u64>,
    /// Errors by hour.
    pub errors: Vec<u64>,
    /// Tokens by hour.
    pub tokens: Vec<u64>,
    /// Cost by hour.
    pub cost: Vec<Money>,
}

/// What a call did cost after all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewAdjustment {
    /// What the call did cost in all. The difference to what is booked of it is booked beside it.
    pub cost: Money,
}
