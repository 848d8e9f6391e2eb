//! Where limits are kept: what holds in one process holds on nodes too.

/// Runs each test, an `async fn name(world: World)`, in one process and as a node of several.
macro_rules! on_every_runtime {
    ($($test:ident)*) => {
        mod in_process {
            $(#[tokio::test] async fn $test() { super::$test(crate::support::World::new().await).await })*
        }
        mod shared {
            $(#[tokio::test] async fn $test() { crate::nodes::shared(super::$test).await })*
        }
    };
}
