/// Runs each of the named tests, which take a [`World`](crate::support::World), on both engines.
macro_rules! on_both_engines {
    ($($name:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let scratch = $crate::scratch::Scratch::sqlite().await.migrated().await;
                scratch.run(|db| async move { super::$name(&$crate::support::World::new(db).await).await }).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let Some(scratch) = $crate::scratch::Scratch::postgres().await else { return };
                let scratch = scratch.migrated().await;
                scratch.run(|db| async move { super::$name(&$crate::support::World::new(db).await).await }).await;
            })*
        }
    };
}
