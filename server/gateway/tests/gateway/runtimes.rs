//! Where limits are kept: what holds in one process holds on nodes too, with Redis and without.

use crate::{nodes::shared, redis_server::RedisServer, support::World};

/// Runs a test on a database that nodes can share, with a Redis of its own.
pub async fn with_redis<F: Future<Output = ()>>(body: impl FnOnce(World) -> F) {
    let Some(server) = RedisServer::start().await else { return };
    shared(|world| async move { body(World { redis: Some(server), ..world }).await }).await;
}

/// Runs each test, an `async fn name(world: World)`, in one process, as a node of several, and with Redis.
macro_rules! on_every_runtime {
    ($($test:ident)*) => {
        mod in_process {
            $(#[tokio::test] async fn $test() { super::$test(crate::support::World::new().await).await })*
        }
        mod shared {
            $(#[tokio::test] async fn $test() { crate::nodes::shared(super::$test).await })*
        }
        mod redis {
            $(#[tokio::test] async fn $test() {
                crate::runtimes::with_redis(super::$test).await
            })*
        }
    };
}
