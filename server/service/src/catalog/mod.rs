//! Connections, models and prices.

mod connections;
mod models;
mod sandbox;

pub use connections::Connections;
pub use models::Models;
pub(crate) use sandbox::ensure_sandbox;
pub use sandbox::refresh_sandbox;
