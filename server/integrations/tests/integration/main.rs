//! One binary for all integration tests of this crate.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

mod peers;
mod upstream;
