//! From the journal into the database: settled events, some hundred in one transaction.

mod queue;
mod recorder;

use std::{collections::HashSet, sync::Arc, time::Duration};

use domain::{Clock, EventId, OrganizationId, usage::UsageEvent};
use tokio::sync::broadcast;

use crate::{budgets::Books, journal::Journal, metrics::Metrics};

pub(crate) use queue::Queue;
pub(crate) use recorder::Recorder;

use queue::Pending;

/// Events that have reached the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// Whose they are.
    pub organizations: Vec<OrganizationId>,
    /// How many they are.
    pub events: usize,
}

/// Takes events to the database.
pub(crate) struct Batcher {
    pub(crate) recorder: Recorder,
    pub(crate) queue: Arc<Queue>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) committed: broadcast::Sender<Arc<Committed>>,
    pub(crate) linger: Duration,
    pub(crate) books: Arc<Books>,
    pub(crate) clock: Clock,
}

/// How soon budgets that could not be read are tried again.
const AGAIN: Duration = Duration::from_secs(1);

impl Batcher {
    /// Works for as long as the gateway runs.
    pub(crate) async fn run(self) {
        loop {
            // Here nothing is between the queue and the database, so that together they say what was spent.
            self.books.read_due(&self.recorder.db, &self.queue, &self.clock).await;
            self.books.note_crossed(&self.recorder.db).await;
            let next = self.queue.next(self.linger);
            let batch = match self.books.is_due() {
                false => next.await,
                true => tokio::time::timeout(AGAIN, next).await.unwrap_or_default(),
            };
            if !batch.is_empty() {
                self.commit(batch).await;
            }
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
