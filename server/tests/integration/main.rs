//! The server through its doors, on both engines.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "these are tests")]

#[path = "../../integrations/tests/integration/redis_server.rs"]
#[allow(dead_code, reason = "it is killed and started only")]
mod redis_server;
#[path = "../../store/tests/contract/scratch.rs"]
#[allow(dead_code, unused_macros, unused_macro_rules, reason = "only the databases are needed here")]
mod scratch;
#[macro_use]
mod support;

mod api;
mod cli;
mod golden;
mod idempotency;
mod permissions;
mod proofs;
mod security;
