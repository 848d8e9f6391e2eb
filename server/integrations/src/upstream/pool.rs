//! Connections that are kept, and how a call drives one.
//!
//! A connection is no task of its own: whoever waits for its answer drives it, and an idle one is
//! driven by nobody. That spares a call two changes of task, and a connection that the upstream has
//! closed meanwhile is noticed when it is taken out again.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::uri::Authority;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{self, Connection, SendRequest};

use super::connect::Stream;

/// How long an idle connection is kept: below what common servers allow (nginx 75 s, load
/// balancers 60 s), so that it is us who close it and no request meets a closing connection.
const KEPT: Duration = Duration::from_secs(30);

/// Where a connection leads: encrypted or not, and to whom.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Origin {
    pub(super) is_secure: bool,
    pub(super) authority: Authority,
}

/// Idle connections by where they lead; the one used last is used next.
#[derive(Debug, Clone, Default)]
pub(super) struct Pool(Arc<Mutex<Idle>>);

#[derive(Debug, Default)]
struct Idle {
    links: HashMap<Origin, Vec<(Link, Instant)>>,
    cleared: Option<Instant>,
}

impl Pool {
    /// An idle connection that is still open.
    pub(super) fn take(&self, origin: &Origin, context: &mut Context<'_>) -> Option<Link> {
        let mut idle = self.lock();
        let links = idle.links.get_mut(origin)?;
        while let Some((mut link, since)) = links.pop() {
            if since.elapsed() < KEPT && link.is_idle(context) {
                return Some(link);
            }
        }
        None
    }

    /// Keeps a connection, and lets go of those that have been kept for too long.
    fn put(&self, origin: Origin, link: Link) {
        let now = Instant::now();
        let mut idle = self.lock();
        if idle.cleared.is_none_or(|last| now.duration_since(last) > KEPT) {
            idle.cleared = Some(now);
            idle.links.retain(|_, links| {
                links.retain(|(_, since)| now.duration_since(*since) < KEPT);
                !links.is_empty()
            });
        }
        idle.links.entry(origin).or_default().push((link, now));
    }

    /// A panic while the lock is held leaves a list that is whole.
    fn lock(&self) -> MutexGuard<'_, Idle> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection: what requests are handed to, and what carries them.
pub(super) struct Link {
    sender: SendRequest<Full<Bytes>>,
    /// Gone once it has ended.
    connection: Option<Driven>,
}

type Driven = Pin<Box<Connection<Stream, Full<Bytes>>>>;

/// Why there is no answer, and the request where it was never sent.
pub(super) type Unanswered = TrySendError<Request<Full<Bytes>>>;

impl Link {
    pub(super) async fn new(stream: Stream) -> hyper::Result<Self> {
        let (sender, connection) = http1::handshake(stream).await?;
        Ok(Self { sender, connection: Some(Box::pin(connection)) })
    }

    /// Sends a request and waits for the head of its answer.
    pub(super) async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Unanswered> {
        let answer = self.sender.try_send_request(request);
        let (mut answer, connection) = (std::pin::pin!(answer), &mut self.connection);
        std::future::poll_fn(|context| {
            drive(connection, context);
            answer.as_mut().poll(context)
        })
        .await
    }

    /// Whether it is open and waits for a request.
    fn is_idle(&mut self, context: &mut Context<'_>) -> bool {
        drive(&mut self.connection, context);
        self.connection.is_some() && self.sender.is_ready()
    }
}

/// Reads and writes what can be. How a connection ended is told to the one who waits for its answer.
fn drive(connection: &mut Option<Driven>, context: &mut Context<'_>) {
    if connection.as_mut().is_some_and(|open| open.as_mut().poll(context).is_ready()) {
        *connection = None;
    }
}

impl std::fmt::Debug for Link {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Link").finish_non_exhaustive()
    }
}

/// The body of an answer, with the connection that it comes over. At its end the connection is
/// kept for the next call; dropped before, it is closed.
#[derive(Debug)]
pub struct Body {
    incoming: Incoming,
    over: Option<(Link, Origin, Pool)>,
}

impl Body {
    pub(super) fn new(incoming: Incoming, link: Link, origin: Origin, pool: Pool) -> Self {
        Self { incoming, over: Some((link, origin, pool)) }
    }

    fn poll_incoming(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, hyper::Error>>> {
        use http_body::Body as _;
        // What is there already is taken first. Asking for more is what has the connection read on.
        if let ready @ Poll::Ready(_) = Pin::new(&mut self.incoming).poll_frame(context) {
            return ready;
        }
        let Some((link, ..)) = &mut self.over else { return Poll::Pending };
        drive(&mut link.connection, context);
        Pin::new(&mut self.incoming).poll_frame(context)
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        let frame = std::task::ready!(this.poll_incoming(context));
        let is_end = frame.is_none() || this.incoming.is_end_stream();
        if is_end
            && let Some((mut link, origin, pool)) = this.over.take()
            && link.is_idle(context)
        {
            pool.put(origin, link);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.incoming.size_hint()
    }
}
