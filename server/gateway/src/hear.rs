//! Hearing what other nodes say, as they say it.

use std::{sync::Arc, time::Duration};

use store::{Db, signals::Signal};
use tokio::sync::broadcast;

use crate::{batch::Committed, core::Core};

/// How long to wait before listening again when the database is away.
const AGAIN: Duration = Duration::from_secs(1);

/// Listens for as long as the gateway runs. Nothing depends on it but how soon something is known.
pub(crate) async fn run(db: Db, core: Arc<Core>, committed: broadcast::Sender<Arc<Committed>>) {
    loop {
        match db.listen().await {
            Ok(None) => return,
            Ok(Some(mut listener)) => loop {
                match listener.next().await {
                    Ok(signal) => heed(&core, &committed, signal),
                    Err(error) => {
                        tracing::debug!(%error, "other nodes can't be heard");
                        break;
                    }
                }
            },
            Err(error) => tracing::debug!(%error, "other nodes can't be heard"),
        }
        tokio::time::sleep(AGAIN).await;
    }
}

fn heed(core: &Core, committed: &broadcast::Sender<Arc<Committed>>, signal: Signal) {
    match signal {
        Signal::Changed => core.watch.nudge.notify_one(),
        Signal::Recorded(organizations) => {
            core.books.others_spent(organizations.as_deref());
            // It fails only when nobody listens.
            let _ = committed.send(Arc::new(Committed { organizations }));
        }
        Signal::Wanted { node, organization, budget, need, waited } => {
            core.books.asked(node, organization, budget, need, waited);
        }
        Signal::Missed => {
            core.watch.nudge.notify_one();
            core.books.others_spent(None);
            let _ = committed.send(Arc::new(Committed { organizations: None }));
        }
    }
}
