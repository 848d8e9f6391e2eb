use serde::{Deserialize, Serialize};

use super::{ConnectionName, ModelName, NewRates, Provider, Rates, WhenLeft};
use crate::{ConnectionId, Currency, ModelId, PriceId, Timestamp, keys::Environment};

/// A connection as platform staff see it. The provider's key is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectionView {
    /// The connection.
    pub id: ConnectionId,
    /// How it is called.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub name: ConnectionName,
    /// Who is at the other end.
    pub provider: Provider,
    /// Which keys it serves.
    pub environment: Environment,
    /// Where requests go; absent for the Sandbox.
    pub base_url: Option<String>,
    /// What the provider's key ends with.
    pub api_key_last_four: Option<String>,
    /// Whether it takes calls.
    pub enabled: bool,
    /// What becomes of an answer whose client has left.
    pub when_left: WhenLeft,
    /// How many models it reaches.
    pub models: u64,
    /// How many of them have no price, and so can't be called.
    pub unpriced: u64,
    /// Since when.
    pub created_at: Timestamp,
}

/// What to connect.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewConnection {
    /// How it is called. It stands in front of model names that are not unique.
    #[cfg_attr(feature = "openapi", schema(value_type = String, min_length = 1, max_length = 60))]
    pub name: ConnectionName,
    /// The address that the provider's own clients call `base_url`, version included.
    pub base_url: String,
    /// The provider's key. Encrypted at once, and never shown again.
    pub api_key: String,
    /// Which keys it serves.
    pub environment: Environment,
    /// What becomes of an answer whose client has left.
    #[serde(default = "cancel")]
    pub when_left: WhenLeft,
}

fn cancel() -> WhenLeft {
    WhenLeft::Cancel
}

/// What to change of a connection. Absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectionChanges {
    /// What becomes of an answer whose client has left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when_left: Option<WhenLeft>,
}

impl std::fmt::Debug for NewConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, base_url, environment, .. } = self;
        f.debug_struct("NewConnection")
            .field("name", name)
            .field("base_url", base_url)
            .field("environment", environment)
            .finish()
    }
}

/// What a test call to a provider showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProbeView {
    /// Whether the provider answered with its models.
    pub ok: bool,
    /// What happened, in a sentence.
    pub message: String,
    /// How many models it offers.
    pub models: u64,
    /// How many of them were not known before, and were added without a price.
    pub added: u64,
}

/// A connection and what its first test showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedConnection {
    /// The connection.
    #[serde(flatten)]
    pub connection: ConnectionView,
    /// What its first test showed.
    pub test: ProbeView,
}

/// A model that can be called, or could be if it had a price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelView {
    /// The model.
    pub id: ModelId,
    /// The name to call it by: the provider's where unique, else `connection/name`.
    pub name: String,
    /// What its provider calls it.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub upstream_id: ModelName,
    /// Through which connection.
    pub connection_id: ConnectionId,
    /// How that is called.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub connection: ConnectionName,
    /// Who is at the other end.
    pub provider: Provider,
    /// Which keys reach it.
    pub environment: Environment,
    /// How many tokens it takes at most, where known.
    pub context_window: Option<i64>,
    /// What it costs now; absent when it has no price, and so can't be called.
    pub price: Option<PriceView>,
    /// What its maker is known to charge, to be confirmed or edited where it has no price.
    pub suggested: Option<NewRates>,
}

/// A price in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PriceView {
    /// The price.
    pub id: PriceId,
    /// From when.
    pub effective_from: Timestamp,
    /// Per million tokens, and per request.
    #[serde(flatten)]
    pub rates: Rates,
    /// In which currency.
    pub currency: Currency,
}

/// A price to set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewPrice {
    /// Per million tokens, and per request, as decimals.
    #[serde(flatten)]
    pub rates: NewRates,
    /// From when, never in the past; at once when absent.
    #[serde(default)]
    pub effective_from: Option<Timestamp>,
}
