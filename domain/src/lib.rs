//! Turnpike's types and rules. Nothing here does I/O, reads a clock or draws randomness:
//! the composition root hands those in as [`Clock`] and [`Entropy`].
//!
//! The crate compiles to WASM, so that a value is parsed by the same rule in the browser, in a
//! server function and in the management API.

#[macro_use]
mod spelled;

pub mod audit;
pub mod budgets;
pub mod catalog;
pub mod csv;
pub mod entropy;
pub mod errors;
pub mod filter;
pub mod identity;
pub mod ids;
pub mod invalid;
pub mod jobs;
pub mod keys;
pub mod limits;
pub mod money;
pub mod network;
#[cfg(feature = "openapi")]
mod openapi;
pub mod organizations;
pub mod page;
pub mod secrets;
#[cfg(feature = "sql")]
mod sql;
pub mod teams;
pub mod templates;
pub mod text;
pub mod time;
pub mod usage;
pub mod views;

pub use entropy::Entropy;
pub use errors::{ErrorCode, WireError};
pub use ids::*;
pub use invalid::Invalid;
pub use money::{Currency, Money, MoneyError, Rate};
pub use page::{Page, PageQuery};
pub use time::{Clock, Timestamp};
