use std::sync::Arc;

use domain::{Clock, Currency, Entropy, Timestamp};
use store::{Db, Tx, changes::Change, vault::Vault};
use tokio::sync::Notify;

use crate::{Result, Standing};

/// What the operator chose, as far as use cases must know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address that people and applications use, without a slash at its end.
    pub public_url: String,
    /// The book currency.
    pub currency: Currency,
    /// Whether platform staff may connect providers at private addresses.
    pub private_upstreams: bool,
    /// For how many months before the present one usage events are kept; for ever when 0.
    pub usage_events_months: u32,
}

/// What every use case works with. Cheap to clone.
#[derive(Clone)]
pub struct Core {
    pub(crate) db: Db,
    pub(crate) vault: Vault,
    pub(crate) clock: Clock,
    pub(crate) entropy: Entropy,
    pub(crate) settings: Settings,
    pub(crate) standing: Standing,
    /// Wakes whoever works on jobs in this process.
    pub(crate) jobs: Arc<Notify>,
    changed: Arc<dyn Fn() + Send + Sync>,
}

impl Core {
    /// Puts it together. `changed` is called after every commit that gateways must hear of; `standing`
    /// is asked how budgets and limits stand.
    pub fn new(
        db: Db,
        vault: Vault,
        clock: Clock,
        entropy: Entropy,
        settings: Settings,
        changed: impl Fn() + Send + Sync + 'static,
        standing: Standing,
    ) -> Self {
        Self { db, vault, clock, entropy, settings, standing, jobs: Arc::default(), changed: Arc::new(changed) }
    }

    /// The time now.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Commits a transaction that changed what gateways know, and tells them.
    pub(crate) async fn commit_changes(&self, mut tx: Tx, changes: &[Change]) -> Result<()> {
        tx.changes().append(changes, self.now()).await?;
        tx.commit().await?;
        (self.changed)();
        Ok(())
    }
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core").field("settings", &self.settings).finish_non_exhaustive()
    }
}
