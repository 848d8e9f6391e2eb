//! Use cases. Each authorises the actor, acts, writes the audit entry in the same transaction, and
//! tells the gateways what changed.
//!
//! A row is not reachable without naming an [`Actor`] and a permission: the lookups of this crate
//! take both. The portal's server functions and the management API call the same methods.

mod actor;
mod audit;
pub mod budgets;
pub mod catalog;
mod core;
mod error;
pub mod identity;
pub mod jobs;
pub mod keys;
pub mod limits;
pub mod platform;
mod standing;
pub mod subjects;
pub mod templates;
mod throttle;
pub mod usage;
pub mod views;

pub use actor::{Actor, Principal, RequestMeta};
pub use core::{Core, Settings};
pub use error::{Error, Result};
pub use standing::Standing;
