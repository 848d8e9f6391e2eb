//! The gateway against a real database and real sockets.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

mod budgets;
mod forwarding;
mod limits;
mod recovery;
mod refusals;
mod streams;
mod support;
