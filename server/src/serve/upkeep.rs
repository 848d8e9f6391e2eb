use std::time::Duration;

use service::Core;

const EVERY: Duration = Duration::from_secs(600);

/// Forgets, now and then, what is no longer needed.
pub(super) async fn run(core: Core) {
    loop {
        if let Err(error) = service::platform::tidy(&core).await {
            tracing::warn!(error = %error, source = ?error.source, "the upkeep of the database failed, and is tried again later");
        }
        tokio::time::sleep(EVERY).await;
    }
}
