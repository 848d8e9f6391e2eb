//! From the journal into the database: settled events, some hundred in one transaction.

use std::{
    collections::HashSet,
    fs::File,
    io::Write,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use domain::{EventId, OrganizationId, usage::UsageEvent};
use store::Db;
use tokio::sync::{
    Notify, broadcast,
    mpsc::{self, UnboundedReceiver, UnboundedSender},
};

use crate::{
    journal::{Hold, Journal},
    metrics::Metrics,
    settings::Settings,
};

/// Events that have reached the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// Whose they are.
    pub organizations: Vec<OrganizationId>,
    /// How many they are.
    pub events: usize,
}

/// The first wait after the database failed, and the longest.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Settled events on their way to the database.
///
/// The queue has no bound of its own: what bounds it is the journal, which refuses calls when its
/// space is taken. Beyond a number of events only their places in the journal are kept in memory.
pub(crate) struct Queue {
    sender: UnboundedSender<Pending>,
    waiting: AtomicUsize,
    in_memory: AtomicUsize,
    most_in_memory: usize,
    /// Wakes the batcher before its time.
    pub(crate) flush: Notify,
}

struct Pending {
    event: Option<Box<UsageEvent>>,
    hold: Hold,
    since: Instant,
}

impl Queue {
    pub(crate) fn new(settings: &Settings) -> (Self, Incoming) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let queue = Self {
            sender,
            waiting: AtomicUsize::new(0),
            in_memory: AtomicUsize::new(0),
            most_in_memory: settings.events_in_memory,
            flush: Notify::new(),
        };
        (queue, Incoming(receiver))
    }

    /// Adds an event that stands in the journal.
    pub(crate) fn push(&self, event: UsageEvent, hold: Hold) {
        let is_safe = hold.location().is_some();
        let keep = !is_safe || self.in_memory.load(Ordering::Relaxed) < self.most_in_memory;
        if keep {
            self.in_memory.fetch_add(1, Ordering::Relaxed);
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let event = keep.then(|| Box::new(event));
        // It fails only when the batcher is gone, which outlives every call; then the journal has it.
        let _ = self.sender.send(Pending { event, hold, since: Instant::now() });
    }

    /// How many events the database does not have yet.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    fn done(&self, events: usize, in_memory: usize) {
        self.in_memory.fetch_sub(in_memory, Ordering::Relaxed);
        self.waiting.fetch_sub(events, Ordering::Relaxed);
    }
}

/// The batcher's end of the queue.
pub(crate) struct Incoming(UnboundedReceiver<Pending>);

/// Takes events to the database.
pub(crate) struct Batcher {
    pub(crate) recorder: Recorder,
    pub(crate) queue: Arc<Queue>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) committed: broadcast::Sender<Arc<Committed>>,
    pub(crate) linger: Duration,
    pub(crate) size: usize,
}

impl Batcher {
    /// Works for as long as the gateway runs.
    pub(crate) async fn run(self, Incoming(mut receiver): Incoming) {
        let mut batch = Vec::with_capacity(self.size);
        while receiver.recv_many(&mut batch, self.size).await > 0 {
            let linger = tokio::time::sleep(self.linger);
            tokio::pin!(linger);
            while batch.len() < self.size {
                let room = self.size - batch.len();
                tokio::select! {
                    biased;
                    more = receiver.recv_many(&mut batch, room) => if more == 0 { break },
                    () = self.queue.flush.notified() => break,
                    () = &mut linger => break,
                }
            }
            self.commit(std::mem::replace(&mut batch, Vec::with_capacity(self.size))).await;
        }
    }

    async fn commit(&self, batch: Vec<Pending>) {
        let in_memory = batch.iter().filter(|pending| pending.event.is_some()).count();
        let oldest = batch.iter().map(|pending| pending.since).min();
        let mut events = Vec::with_capacity(batch.len());
        let mut holds = Vec::with_capacity(batch.len());
        for Pending { event, hold, .. } in batch {
            let read = match (event, hold.location()) {
                (Some(event), _) => Ok(*event),
                (None, Some(location)) => location.read(),
                (None, None) => continue,
            };
            match read {
                Ok(event) => events.push(event),
                Err(error) => tracing::error!(%error, "a settled event can't be read back from the journal"),
            }
            holds.push(hold);
        }
        let new = self.recorder.record(&events).await;
        self.queue.done(holds.len(), in_memory);
        self.journal.release(holds);
        self.metrics.pending.set(self.queue.waiting() as f64);
        self.metrics.journal_bytes.set(self.journal.bytes() as f64);
        self.metrics.batch_lag.set(oldest.map_or(0.0, |since| since.elapsed().as_secs_f64()));
        self.tell(&events, &new);
    }

    fn tell(&self, events: &[UsageEvent], new: &HashSet<EventId>) {
        if new.is_empty() {
            return;
        }
        let fresh = events.iter().filter(|event| new.contains(&event.id));
        let organizations: HashSet<_> = fresh.map(|event| event.attribution.organization).collect();
        let committed = Committed { organizations: organizations.into_iter().collect(), events: new.len() };
        // It fails only when nobody listens.
        let _ = self.committed.send(Arc::new(committed));
    }
}

/// Records events, however long the database is away.
pub(crate) struct Recorder {
    pub(crate) db: Db,
    /// Where events go that the database will never take.
    pub(crate) refused: PathBuf,
}

impl Recorder {
    /// Records `events` and answers which of them were new.
    pub(crate) async fn record(&self, events: &[UsageEvent]) -> HashSet<EventId> {
        let mut wait = BACKOFF.0;
        loop {
            match self.try_record(events).await {
                Ok(new) => return new,
                Err(error @ store::Error::Corrupt(_)) if events.len() <= 1 => {
                    self.set_aside(events, &error);
                    return HashSet::new();
                }
                // One of them makes a sum that can't be booked. Alone, each of the others can be.
                Err(store::Error::Corrupt(_)) => {
                    let (left, right) = events.split_at(events.len() / 2);
                    let mut new = Box::pin(self.record(left)).await;
                    new.extend(Box::pin(self.record(right)).await);
                    return new;
                }
                Err(error) => {
                    tracing::warn!(%error, events = events.len(), "the database took no events; they stay in the journal");
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(BACKOFF.1);
                }
            }
        }
    }

    async fn try_record(&self, events: &[UsageEvent]) -> store::Result<HashSet<EventId>> {
        let mut tx = self.db.begin().await?;
        let new = tx.usage().record(events).await?;
        tx.commit().await?;
        Ok(new.into_iter().collect())
    }

    fn set_aside(&self, events: &[UsageEvent], error: &store::Error) {
        for event in events {
            tracing::error!(%error, event = %event.id, "an event can't be booked; it is set aside in {:?}", self.refused);
            let written = File::options().create(true).append(true).open(&self.refused).and_then(|mut file| {
                let mut line = serde_json::to_vec(event)?;
                line.push(b'\n');
                file.write_all(&line)
            });
            if let Err(error) = written {
                tracing::error!(%error, ?event, "and it could not be set aside either");
            }
        }
    }
}
