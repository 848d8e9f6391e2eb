//! The server through its doors, on both engines.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "these are tests")]

#[macro_use]
mod support;

mod api;
mod cli;
mod golden;
mod idempotency;
mod permissions;
mod proofs;
mod security;
