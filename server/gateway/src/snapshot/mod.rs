//! The configuration in memory: an immutable snapshot, swapped whole when something changes.

mod catalog;
mod connection;
mod watch;

pub(crate) use catalog::{Catalog, Choice, Target};
pub(crate) use connection::{Connection, Way};
pub(crate) use watch::Watch;
