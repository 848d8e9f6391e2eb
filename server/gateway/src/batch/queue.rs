//! Settled events on their way to the database.

use std::{
    collections::VecDeque,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use domain::{budgets, usage::UsageEvent};
use tokio::sync::Notify;

use crate::{journal::Hold, settings::Settings};

/// Settled events on their way to the database.
///
/// It has no bound of its own: what bounds it is the journal, which refuses calls when its space is
/// taken. Beyond a number of events only their places in the journal are kept in memory.
///
/// The batcher is woken by the first event and when a batch is full, and not by each: a wake-up
/// costs as much as the rest of a settlement.
pub(crate) struct Queue {
    events: Mutex<VecDeque<Pending>>,
    /// Those taken out included, until they are in the database.
    waiting: AtomicUsize,
    in_memory: AtomicUsize,
    most_in_memory: usize,
    batch_size: usize,
    arrived: Notify,
    full: Notify,
}

pub(super) struct Pending {
    /// Nothing where it must be read from the journal.
    pub(super) event: Option<Box<UsageEvent>>,
    pub(super) hold: Hold,
    /// What the call has used up of what is leased to this node.
    pub(super) used: budgets::Hold,
    pub(super) since: Instant,
}

impl Queue {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            events: Mutex::default(),
            waiting: AtomicUsize::new(0),
            in_memory: AtomicUsize::new(0),
            most_in_memory: settings.events_in_memory,
            batch_size: settings.batch_size.max(1),
            arrived: Notify::new(),
            full: Notify::new(),
        }
    }

    /// Adds an event that has its place in the journal, and may be written there already. Only then it can be
    /// read back, and need not be kept.
    pub(crate) fn push(&self, event: UsageEvent, hold: Hold, is_written: bool, used: budgets::Hold) {
        let can_be_read = is_written && hold.location().is_some();
        let keep = !can_be_read || self.keeps_in_memory();
        if keep {
            self.in_memory.fetch_add(1, Ordering::Relaxed);
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let event = keep.then(|| Box::new(event));
        let length = {
            let mut events = self.lock();
            events.push_back(Pending { event, hold, used, since: Instant::now() });
            events.len()
        };
        if length == 1 {
            self.arrived.notify_one();
        } else if length == self.batch_size {
            self.full.notify_one();
        }
    }

    /// Whether the next event is kept in memory, and not only its place in the journal.
    pub(crate) fn keeps_in_memory(&self) -> bool {
        self.in_memory.load(Ordering::Relaxed) < self.most_in_memory
    }

    /// How many events the database does not have yet.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Has the batcher take what there is, without waiting for more.
    pub(crate) fn flush(&self) {
        self.full.notify_one();
    }

    /// Looks at every event that is not in the database, but for those that were taken out.
    pub(crate) fn each_waiting(&self, mut look: impl FnMut(&UsageEvent)) {
        for Pending { event, hold, .. } in self.lock().iter() {
            match (event, hold.location()) {
                (Some(event), _) => look(event),
                (None, Some(location)) => match location.read() {
                    Ok(event) => look(&event),
                    Err(error) => tracing::error!(%error, "a settled event can't be read back from the journal"),
                },
                (None, None) => {}
            }
        }
    }

    /// Has the batcher look up from waiting, though there may be nothing.
    pub(crate) fn wake(&self) {
        self.arrived.notify_one();
        self.full.notify_one();
    }

    /// Waits for events or to be woken, then up to `linger` for more to come, and takes at most a batch of them.
    pub(super) async fn next(&self, linger: Duration) -> Vec<Pending> {
        if self.lock().is_empty() {
            self.arrived.notified().await;
        }
        if self.lock().len() < self.batch_size {
            // The time being up is as good a reason to go on as a full batch.
            let _ = tokio::time::timeout(linger, self.full.notified()).await;
        }
        let mut events = self.lock();
        let size = events.len().min(self.batch_size);
        events.drain(..size).collect()
    }

    /// Says that so many events are in the database.
    pub(super) fn done(&self, events: usize, in_memory: usize) {
        self.in_memory.fetch_sub(in_memory, Ordering::Relaxed);
        self.waiting.fetch_sub(events, Ordering::Relaxed);
    }

    /// A panic while the lock is held leaves a queue that is whole.
    fn lock(&self) -> MutexGuard<'_, VecDeque<Pending>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
