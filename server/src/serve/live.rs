//! Live pages: a stream of server-sent events that says when there are new calls to look at.
//!
//! It carries no data. A page that hears of new calls loads itself again by the way it was loaded
//! at first, so that what is shown live and what is shown on reload can't differ.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use domain::{OrganizationId, identity::Permission};
use futures_util::{Stream, stream};
use gateway::{Committed, News};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::Instant,
};

use crate::http::{ApiError, Authenticated};

/// The shortest time between two events. A page can't usefully show more.
const PACE: Duration = Duration::from_millis(400);

/// `GET /live/usage`: an event `usage` whenever calls of the organization were committed.
pub(super) async fn usage(
    State(news): State<News>,
    Authenticated(actor): Authenticated,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    actor.require(Permission::UsageRead)?;
    let listening = Listening { committed: news.subscribe(), organization: actor.organization(), last: None };
    let events = stream::unfold(listening, |mut listening| async {
        listening.news().await.then(|| (Ok(Event::default().event("usage").data("new")), listening))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

struct Listening {
    committed: Receiver<Arc<Committed>>,
    organization: OrganizationId,
    last: Option<Instant>,
}

impl Listening {
    /// Waits until there is something new for the organization; false when there never will be.
    async fn news(&mut self) -> bool {
        loop {
            match self.committed.recv().await {
                Ok(committed) if !committed.concerns(self.organization) => {}
                // Having missed some news is news.
                Ok(_) | Err(RecvError::Lagged(_)) => break,
                Err(RecvError::Closed) => return false,
            }
        }
        if let Some(last) = self.last {
            tokio::time::sleep_until(last + PACE).await;
        }
        // What was committed while waiting is part of this event.
        self.committed = self.committed.resubscribe();
        self.last = Some(Instant::now());
        true
    }
}
