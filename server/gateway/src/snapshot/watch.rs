//! Hearing of changes.
//!
//! Every change to keys, connections, models, prices, budgets or limits has a number in the database, without gaps.
//! A task asks for those after the newest it has applied, some times a second, so that a key that
//! was revoked by another process is refused within a second.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use store::{
    Db,
    changes::{Change, Since},
    vault::Vault,
};
use tokio::sync::Notify;

use super::Catalog;
use crate::{admit::Keys, core::Core, settings::Settings};

/// How many changes are taken at a time.
const PAGE: i64 = 500;

/// What is known, and how fresh it is.
pub(crate) struct Watch {
    pub(crate) keys: Keys,
    pub(crate) catalog: ArcSwap<Catalog>,
    /// Wakes the task before its time.
    pub(crate) nudge: Notify,
    started: Instant,
    /// When the changes were last read, in milliseconds after `started`.
    fresh_at: AtomicI64,
    stale: AtomicBool,
    max_staleness: Duration,
    generation: AtomicI64,
}

/// Reads the catalog.
async fn load(db: &Db, vault: &Vault, settings: &Settings) -> store::Result<Catalog> {
    let entries = db.read().await?.catalog().snapshot().await?;
    Ok(Catalog::new(entries, vault, settings.unpriced_models_free))
}

impl Watch {
    /// Reads the configuration for the first time.
    pub(crate) async fn begin(db: &Db, vault: &Vault, settings: &Settings) -> store::Result<Self> {
        // The number is read before the catalog, so that a change in between is applied once more.
        let generation = db.read().await?.changes().latest().await?;
        Ok(Self {
            keys: Keys::new(db.clone(), settings),
            catalog: ArcSwap::from_pointee(load(db, vault, settings).await?),
            nudge: Notify::new(),
            started: Instant::now(),
            fresh_at: AtomicI64::new(0),
            stale: AtomicBool::new(false),
            max_staleness: settings.max_staleness,
            generation: AtomicI64::new(generation),
        })
    }

    /// Whether the configuration is as fresh as the operator demands.
    pub(crate) fn is_fresh(&self) -> bool {
        self.age() <= self.max_staleness
    }

    fn age(&self) -> Duration {
        let fresh_at = Duration::from_millis(self.fresh_at.load(Ordering::Relaxed).unsigned_abs());
        self.started.elapsed().saturating_sub(fresh_at)
    }

    /// Looks for changes for as long as the gateway runs.
    pub(crate) async fn run(self: Arc<Self>, db: Db, vault: Vault, core: Arc<Core>) {
        loop {
            // What takes longer than the staleness that is allowed is as good as lost.
            match tokio::time::timeout(self.max_staleness, self.apply(&db, &vault, &core)).await {
                Ok(Ok(())) => self.say_fresh(),
                Ok(Err(error)) => tracing::debug!(%error, "changes could not be read"),
                Err(_) => tracing::debug!("changes could not be read in time"),
            }
            self.say_stale();
            core.metrics.staleness.set(self.age().as_secs_f64());
            let _ = tokio::time::timeout(core.settings.poll_interval, self.nudge.notified()).await;
        }
    }

    /// Applies every change that is not applied yet.
    async fn apply(&self, db: &Db, vault: &Vault, core: &Core) -> store::Result<()> {
        loop {
            let generation = self.generation.load(Ordering::Relaxed);
            let since = db.read().await?.changes().since(generation, PAGE).await?;
            let (last, catalog, more) = match since {
                Since::Changes(changes) => {
                    let Some((last, _)) = changes.last().copied() else { return Ok(()) };
                    let mut catalog = false;
                    for (generation, change) in &changes {
                        match change {
                            Change::Key(hash) => self.keys.forget(hash, *generation).await,
                            Change::Catalog => catalog = true,
                            Change::Budgets(organization) => {
                                core.books.changed(*organization);
                                core.queue.wake();
                            }
                            Change::Limits(organization) => core.gates.read(db, *organization).await?,
                        }
                    }
                    (last, catalog, changes.len() as i64 == PAGE)
                }
                Since::Resync(latest) => {
                    self.keys.forget_all(latest);
                    core.books.all_changed(db).await?;
                    core.queue.wake();
                    core.gates.read_all(db).await?;
                    (latest, true, false)
                }
            };
            if catalog {
                self.catalog.store(Arc::new(load(db, vault, &core.settings).await?));
            }
            self.generation.store(last, Ordering::Relaxed);
            if !more {
                return Ok(());
            }
        }
    }

    fn say_fresh(&self) {
        let now = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.fresh_at.store(now, Ordering::Relaxed);
        if self.stale.swap(false, Ordering::Relaxed) {
            tracing::info!("the gateway hears of changes again");
        }
    }

    fn say_stale(&self) {
        if !self.is_fresh() && !self.stale.swap(true, Ordering::Relaxed) {
            tracing::error!(
                "the gateway has not heard of changes for {:?}; it goes on with what it knows",
                self.max_staleness
            );
        }
    }
}
