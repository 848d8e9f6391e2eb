//! From the journal into the database: settled events, some hundred in one transaction.

mod queue;
mod recorder;

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{Clock, EventId, OrganizationId};

use crate::{budgets::Books, hear::News, journal::Journal, metrics::Metrics};

pub(crate) use queue::Queue;
pub(crate) use recorder::{Recorder, Settled};

use queue::Pending;

/// Events that have reached the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// Whose they are; anybody's where it is not said.
    pub organizations: Option<Vec<OrganizationId>>,
}

impl Committed {
    /// Whether any may be of this organization.
    pub fn concerns(&self, organization: OrganizationId) -> bool {
        self.organizations.as_ref().is_none_or(|organizations| organizations.contains(&organization))
    }
}

/// Takes events to the database.
pub(crate) struct Batcher {
    pub(crate) recorder: Recorder,
    pub(crate) queue: Arc<Queue>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) news: News,
    pub(crate) linger: Duration,
    pub(crate) books: Arc<Books>,
    pub(crate) clock: Clock,
}

/// How often it is looked whether what is leased is used.
const IDLE: Duration = Duration::from_secs(5);

/// How soon budgets that could not be read are tried again.
const AGAIN: Duration = Duration::from_secs(1);

impl Batcher {
    /// Works for as long as the gateway runs.
    pub(crate) async fn run(self) {
        let mut looked = Instant::now();
        loop {
            if looked.elapsed() > IDLE {
                self.books.return_idle();
                looked = Instant::now();
            }
            // Here nothing is between the queue and the database, so that together they say what was spent.
            self.books.read_due(&self.recorder.db, &self.clock).await;
            self.books.note_crossed(&self.recorder.db).await;
            let patience = if self.books.is_due() { AGAIN } else { IDLE };
            let batch = tokio::time::timeout(patience, self.queue.next(self.linger)).await.unwrap_or_default();
            if !batch.is_empty() {
                self.commit(batch).await;
            }
        }
    }

    async fn commit(&self, batch: Vec<Pending>) {
        let in_memory = batch.iter().filter(|pending| pending.event.is_some()).count();
        let oldest = batch.iter().map(|pending| pending.since).min();
        let mut calls = Vec::with_capacity(batch.len());
        let mut holds = Vec::with_capacity(batch.len());
        for Pending { event, hold, used, .. } in batch {
            let read = match (event, hold.location()) {
                (Some(event), _) => Ok(*event),
                (None, Some(location)) => location.read(),
                (None, None) => continue,
            };
            match read {
                Ok(event) => calls.push((event, used)),
                Err(error) => tracing::error!(%error, "a settled event can't be read back from the journal"),
            }
            holds.push(hold);
        }
        let new = self.recorder.record(&calls).await;
        self.books.booked(calls.iter().map(|(event, used)| (event.attribution.organization, used)));
        self.queue.done(holds.len(), in_memory);
        self.journal.release(holds);
        self.metrics.pending.set(self.queue.waiting() as f64);
        self.metrics.journal_bytes.set(self.journal.bytes() as f64);
        self.metrics.batch_lag.set(oldest.map_or(0.0, |since| since.elapsed().as_secs_f64()));
        self.tell(&calls, &new);
    }

    fn tell(&self, calls: &[Settled], new: &HashSet<EventId>) {
        if new.is_empty() {
            return;
        }
        let fresh = calls.iter().filter(|(event, _)| new.contains(&event.id));
        let organizations: HashSet<_> = fresh.map(|(event, _)| event.attribution.organization).collect();
        self.news.announce(Some(organizations.into_iter().collect()));
    }
}
