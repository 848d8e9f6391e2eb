//! What every repository method promises, asked of both engines.
//!
//! Each test is written once, as `async fn name(db: &Db)`, and runs as `sqlite::name` on a fresh
//! file and as `postgres::name` in a fresh database of the server that
//! `TURNPIKE_TEST_POSTGRES_URL` names.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

#[macro_use]
mod scratch;
mod support;

mod audit;
mod budgets;
mod bulk;
mod catalog;
mod changes;
mod connecting;
mod finding;
mod identity;
mod jobs;
mod keys;
mod limits;
mod migrate;
mod nodes;
mod organizations;
mod platform;
mod templates;
mod transactions;
mod usage;
mod views;
