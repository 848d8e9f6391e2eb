//! The server through its doors, on both engines.

#[macro_use]
mod support;

mod api;
mod golden;
mod idempotency;
mod permissions;
mod proofs;
mod security;
