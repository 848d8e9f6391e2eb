//! Hearing what other nodes say, as they say it.

use std::{sync::Arc, time::Duration};

use domain::OrganizationId;
use store::{
    Db,
    signals::{Listener, Signal},
};
use tokio::sync::broadcast;

use crate::{batch::Committed, core::Core};

/// How many announcements a slow listener may be behind before it misses some.
const ANNOUNCEMENTS: usize = 256;
/// How long to wait before listening again when the database is away.
const AGAIN: Duration = Duration::from_secs(1);

/// Announcements of calls that have come into the books. Cheap to clone.
#[derive(Debug, Clone)]
pub struct News(broadcast::Sender<Arc<Committed>>);

impl News {
    pub(crate) fn new() -> Self {
        Self(broadcast::channel(ANNOUNCEMENTS).0)
    }

    /// The news of a process that serves no calls: what it hears from those that do, for as long as its
    /// runtime lives.
    pub fn from_others(db: Db) -> Self {
        let news = Self::new();
        let told = news.clone();
        tokio::spawn(listen(db, None, move |signal| match signal {
            Signal::Recorded(organizations) => told.announce(organizations),
            Signal::Missed => told.announce(None),
            Signal::Changed | Signal::Wanted { .. } | Signal::SlotsWanted { .. } | Signal::Used { .. } => {}
        }));
        news
    }

    /// What is announced from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Committed>> {
        self.0.subscribe()
    }

    /// Calls of these organizations came into the books, or of any.
    pub(crate) fn announce(&self, organizations: Option<Vec<OrganizationId>>) {
        // It fails only when nobody listens.
        let _ = self.0.send(Arc::new(Committed { organizations }));
    }
}

/// Listens for as long as the gateway runs, first with what listens already. Nothing depends on it but how soon something is known.
pub(crate) async fn run(db: Db, listener: Option<Listener>, core: Arc<Core>, news: News) {
    let heed = move |signal| match signal {
        Signal::Changed => core.watch.nudge.notify_one(),
        Signal::Recorded(organizations) => {
            core.books.others_spent(organizations.as_deref());
            news.announce(organizations);
        }
        Signal::Wanted { node, organization, budget, need, waited } => {
            core.books.asked(node, organization, budget, need, waited);
        }
        Signal::SlotsWanted { node, organization, limit, need } => core.gates.asked(node, organization, limit, need),
        Signal::Used { node, organization, used } => core.gates.hear(node, organization, &used),
        Signal::Missed => {
            core.watch.nudge.notify_one();
            core.books.others_spent(None);
            news.announce(None);
        }
    };
    listen(db, listener, heed).await;
}

async fn listen(db: Db, mut first: Option<Listener>, mut heed: impl FnMut(Signal)) {
    loop {
        let listener = match first.take() {
            Some(listener) => Ok(Some(listener)),
            None => db.listen().await,
        };
        match listener {
            Ok(None) => return,
            Ok(Some(mut listener)) => loop {
                match listener.next().await {
                    Ok(signal) => heed(signal),
                    Err(error) => {
                        tracing::debug!(%error, "other nodes can't be heard");
                        break;
                    }
                }
            },
            Err(error) => tracing::debug!(%error, "other nodes can't be heard"),
        }
        tokio::time::sleep(AGAIN).await;
        // What was said meanwhile was missed.
        heed(Signal::Missed);
    }
}
