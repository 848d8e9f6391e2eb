//! One binary for all integration tests of this crate.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

mod openai_compatible;
mod peers;
mod redis;
mod redis_server;
mod sandbox_chat;
mod sandbox_client;
mod sandbox_embeddings;
mod sandbox_failures;
mod sandbox_refusals;
mod sandbox_serve;
mod upstream;
