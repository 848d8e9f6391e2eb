use std::time::Duration;

use service::{Core, jobs::Runner};
use tokio::task::JoinSet;

const EVERY: Duration = Duration::from_secs(600);
/// How long the end waits for the jobs under way to be left to others.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a process does besides answering: jobs, and keeping the database tidy.
pub(super) struct Upkeep {
    tasks: JoinSet<()>,
    runner: Runner,
}

impl Upkeep {
    /// Begins.
    pub(super) fn start(core: Core) -> Self {
        let runner = Runner::new(core.clone());
        let mut tasks = JoinSet::new();
        tasks.spawn(runner.clone().run());
        tasks.spawn(tidy(core));
        Self { tasks, runner }
    }

    /// Ends in the middle of whatever it is: what a transaction had begun is undone. Jobs under way are left
    /// to whoever is next.
    pub(super) async fn end(mut self) {
        self.tasks.shutdown().await;
        if tokio::time::timeout(PATIENCE, self.runner.leave()).await.is_ok_and(|left| left.is_ok()) {
            return;
        }
        tracing::warn!("jobs under way could not be left; they are taken up again when their lease ends");
    }
}

/// Forgets, now and then, what is no longer needed.
async fn tidy(core: Core) {
    loop {
        if let Err(error) = service::platform::tidy(&core).await {
            tracing::warn!(error = %error, source = ?error.source, "the upkeep of the database failed, and is tried again later");
        }
        tokio::time::sleep(EVERY).await;
    }
}
