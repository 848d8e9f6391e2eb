//! Persistence: one SQL text on SQLite and PostgreSQL.
//!
//! [`Db`] opens either engine. [`Db::read`] gives a [`Reader`], [`Db::begin`] a [`Tx`]; both hand
//! out one repository a room (`keys()`, `usage()`, …), whose methods hold the SQL. Nothing above
//! this crate writes SQL, and nothing here decides who may do what.

#[macro_use]
mod macros;

pub mod audit;
pub mod budgets;
pub mod catalog;
pub mod changes;
mod db;
mod dialect;
mod error;
pub mod identity;
pub mod jobs;
pub mod keys;
pub mod leases;
pub mod limits;
mod migrate;
pub mod nodes;
pub mod organizations;
mod pieces;
pub mod platform;
pub mod signals;
pub mod templates;
pub mod usage;
pub mod vault;
pub mod views;

pub use db::{Db, Reader, Tx};
pub use error::Error;

/// The result of every repository method.
pub type Result<T> = std::result::Result<T, Error>;
