//! The gateway against a real database and real sockets.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

#[macro_use]
mod runtimes;

mod budgets;
mod forwarding;
mod limits;
mod limits_on_nodes;
mod limits_with_redis;
mod nodes;
mod recovery;
#[path = "../../../integrations/tests/integration/redis_server.rs"]
mod redis_server;
mod refusals;
mod rotation;
mod rules;
#[path = "../../../store/tests/contract/scratch.rs"]
#[allow(dead_code, unused_macros, unused_macro_rules, reason = "only the databases are needed here")]
mod scratch;
mod streams;
mod support;
