//! The bodies that the Sandbox answers with.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use super::chat::Events;

/// How long a body waits before it is cut off: time for a server to send what came before, which
/// it would otherwise throw away together with the connection.
const BEFORE_CUT: Duration = Duration::from_millis(50);

/// An answer's body: whole, or a stream whose events are made only when they are asked for.
#[derive(Debug)]
pub struct Body(Kind);

#[derive(Debug)]
enum Kind {
    Whole(Option<Bytes>),
    Paced(Box<Paced>),
}

/// The body ended before its end, because the request asked for that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the Sandbox cut the answer off, as it was asked to")]
pub struct CutOff;

impl Body {
    /// These bytes.
    pub(super) fn whole(bytes: Bytes) -> Self {
        Self(Kind::Whole(Some(bytes)))
    }

    /// The first half of these bytes, though the head promises them all.
    pub(super) fn cut(bytes: &Bytes) -> Self {
        let source = Source::Half(Some(bytes.slice(..bytes.len() / 2)));
        let promised = Some(bytes.len() as u64);
        Self(Kind::Paced(Box::new(Paced { source, promised, pause: None, pausing: None, cut_after: Some(1) })))
    }

    /// A stream of events, with a pause after each if there is one, cut off after some if so.
    pub(super) fn stream(events: Events, pause: Option<Duration>, cut_after: Option<usize>) -> Self {
        let source = Source::Events(events);
        Self(Kind::Paced(Box::new(Paced { source, promised: None, pause, pausing: None, cut_after })))
    }
}

#[derive(Debug)]
struct Paced {
    source: Source,
    /// How many bytes the head promises, where it does.
    promised: Option<u64>,
    pause: Option<Duration>,
    pausing: Option<Pin<Box<Sleep>>>,
    cut_after: Option<usize>,
}

#[derive(Debug)]
enum Source {
    Half(Option<Bytes>),
    Events(Events),
}

impl Paced {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, CutOff>>> {
        if let Some(pausing) = &mut self.pausing {
            ready!(pausing.as_mut().poll(context));
            self.pausing = None;
        }
        if self.cut_after == Some(0) {
            self.cut_after = None;
            self.source = Source::Half(None);
            return Poll::Ready(Some(Err(CutOff)));
        }
        self.cut_after = self.cut_after.map(|left| left - 1);
        let data = match &mut self.source {
            Source::Half(bytes) => bytes.take(),
            Source::Events(events) => events.next(),
        };
        let pause = if self.cut_after == Some(0) { Some(BEFORE_CUT) } else { self.pause };
        if data.is_some() {
            self.pausing = pause.map(|pause| Box::pin(sleep(pause)));
        }
        Poll::Ready(data.map(Ok))
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        let data = match &mut self.0 {
            Kind::Whole(bytes) => bytes.take().map(Ok),
            Kind::Paced(paced) => ready!(paced.poll(context)),
        };
        Poll::Ready(data.map(|data| data.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.0, Kind::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            // A server takes the length header from here, and breaks its promise when cut off.
            Kind::Paced(paced) => paced.promised.map(SizeHint::with_exact).unwrap_or_default(),
        }
    }
}
