//! Writing events into the database, however long it is away.

use std::{collections::HashSet, fs::File, io::Write, path::PathBuf, sync::Arc, time::Duration};

use domain::{EventId, budgets, usage::UsageEvent};
use store::{Db, signals::Signal};

use crate::{budgets::Books, node::Node};

/// The first wait after the database failed, and the longest.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Records events, however long the database is away.
pub(crate) struct Recorder {
    pub(crate) db: Db,
    /// Where events go that the database will never take.
    pub(crate) refused: PathBuf,
    /// Whose leases these calls draw on, where nodes share budgets.
    pub(crate) leases: Option<(Arc<Node>, Arc<Books>)>,
}

/// A call to record, and what it has used up of what is leased to this node.
pub(crate) type Settled = (UsageEvent, budgets::Hold);

impl Recorder {
    /// Records calls and answers which of them were new.
    pub(crate) async fn record(&self, events: &[Settled]) -> HashSet<EventId> {
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

    async fn try_record(&self, calls: &[Settled]) -> store::Result<HashSet<EventId>> {
        let mut tx = self.db.begin().await?;
        let new = tx.usage().record(calls.iter().map(|(event, _)| event)).await?;
        let new: HashSet<EventId> = new.into_iter().collect();
        let new_calls = || calls.iter().filter(|(event, _)| new.contains(&event.id));
        if let Some((node, books)) = &self.leases {
            let used = new_calls().map(|(event, used)| (event.attribution.organization, used));
            tx.leases().draw(node.id, &books.draws(used)).await?;
        }
        if self.db.is_shared() && !new.is_empty() {
            let organizations: HashSet<_> = new_calls().map(|(event, _)| event.attribution.organization).collect();
            tx.signals().send(&Signal::Recorded(Some(organizations.into_iter().collect()))).await?;
        }
        tx.commit().await?;
        Ok(new)
    }

    fn set_aside(&self, calls: &[Settled], error: &store::Error) {
        for (event, _) in calls {
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
