//! Connections, models and prices.

mod connections;
mod models;
mod snapshot;

pub use connections::Connection;
pub use models::{Model, Price};
pub use snapshot::CatalogEntry;

use crate::db::Conn;

/// The repository.
#[derive(Debug)]
pub struct Catalog<'c>(pub(crate) Conn<'c>);
