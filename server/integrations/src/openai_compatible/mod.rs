//! Connecting a provider that speaks the OpenAI API: where it is, and which models it has.

mod base_url;
mod error;
mod list_models;

pub use base_url::{BaseUrl, InvalidBaseUrl};
pub use error::ProbeError;
pub use list_models::{ModelInfo, list_models};
