//! The catalog: providers, connections, models and prices.

mod price;
mod suggested;
mod view;

pub use price::{NewRates, Rates};
pub use suggested::suggested_rates;
pub use view::{
    ConnectionChanges, ConnectionView, CreatedConnection, ModelView, NewConnection, NewPrice, PriceView, ProbeView,
};

use crate::Invalid;

crate::text::line_type! {
    /// How a connection is called.
    ConnectionName, "name", 60
}

crate::text::line_type! {
    /// A model's name, as its provider spells it.
    ModelName, "model", 200
}

spelled! {
    /// What becomes of an answer whose client has left.
    WhenLeft as "when_left" {
        /// The provider is hung up on: right where that saves money. What was used is estimated.
        Cancel = "cancel",
        /// It is read to its end, within a bound: right where the provider bills the whole answer
        /// anyway, since its last part says what was used.
        ReadOn = "read_on",
    }
}

/// Who runs a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// The model family that Turnpike itself serves, to try everything without an account.
    Sandbox,
    /// Anything that speaks OpenAI's protocol.
    OpenaiCompatible,
}

impl Provider {
    /// The spelling in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::OpenaiCompatible => "openai_compatible",
        }
    }
}

impl std::str::FromStr for Provider {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "sandbox" => Ok(Self::Sandbox),
            "openai_compatible" => Ok(Self::OpenaiCompatible),
            _ => Err(Invalid::new("provider", "The provider that can be connected is openai_compatible.")),
        }
    }
}
