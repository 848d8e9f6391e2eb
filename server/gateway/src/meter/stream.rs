//! A stream on its way to the client, metered as it passes.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use domain::{ErrorCode, catalog::WhenLeft};
use integrations::openai::ErrorObject;
use serde_json::Map;
use tokio::time::{Instant, Sleep};

use super::{
    read,
    sse::{Scanner, Verdict},
};
use crate::{
    call::{Arrival, Call, Ending},
    core::Core,
    forward::Source,
    respond::envelope,
};

/// A provider's stream of events.
///
/// The call is settled before the last event (`[DONE]`) is given away. A stream that breaks off
/// ends for the client with an event that holds the error envelope, which OpenAI's clients raise
/// as an error: an answer that was cut short never looks like a whole one.
///
/// A client that leaves drops it. Then the provider is hung up on, or its answer is read on, as the
/// connection wants it.
pub(crate) struct Metered {
    reading: Option<Box<Reading>>,
    when_left: WhenLeft,
}

/// A provider's stream, as it is read.
struct Reading {
    core: Arc<Core>,
    arrival: Arrival,
    source: Source,
    scanner: Scanner,
    meter: Meter,
    idle: Pin<Box<Sleep>>,
    /// Whether `idle` counts from the last byte.
    armed: bool,
    ended: bool,
}

struct Meter {
    call: Call,
    http_status: u16,
    /// The usage was asked for by us, so the event that only carries it is kept back.
    hides_usage: bool,
    done: bool,
    failed: Option<String>,
}

impl Metered {
    pub(crate) fn new(
        core: Arc<Core>,
        arrival: Arrival,
        source: Source,
        mut call: Call,
        http_status: u16,
        hides_usage: bool,
        when_left: WhenLeft,
    ) -> Self {
        call.streaming(http_status);
        let idle = Box::pin(tokio::time::sleep(core.settings.idle_timeout));
        let meter = Meter { call, http_status, hides_usage, done: false, failed: None };
        let scanner = Scanner::default();
        let reading = Reading { core, arrival, source, scanner, meter, idle, armed: false, ended: false };
        Self { reading: Some(Box::new(reading)), when_left }
    }

    /// The next bytes for the client.
    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        match &mut self.reading {
            Some(reading) => reading.poll_next(context),
            None => Poll::Ready(None),
        }
    }
}

impl Drop for Metered {
    fn drop(&mut self) {
        let Some(mut reading) = self.reading.take() else { return };
        if self.when_left == WhenLeft::Cancel || reading.ended || reading.meter.call.is_settled() {
            return;
        }
        // Without a runtime, which is shutting down then, there is nobody to read on.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            reading.meter.call.leave();
            runtime.spawn(reading.read_on());
        }
    }
}

impl Reading {
    /// Reads what nobody hears, to know what it costs. What it takes too long to read is estimated.
    async fn read_on(mut self: Box<Self>) {
        let most = self.core.settings.left_answer_time;
        let rest = async { while std::future::poll_fn(|context| self.poll_next(context)).await.is_some() {} };
        let _ = tokio::time::timeout(most, rest).await;
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        while !self.ended {
            let out = match self.source.poll_data(context) {
                Poll::Ready(Some(Ok(piece))) => self.pass(piece),
                Poll::Ready(Some(Err(_))) => {
                    self.break_off(ErrorCode::UpstreamInvalid, "The provider broke its answer off.")
                }
                Poll::Ready(None) => self.end(),
                Poll::Pending => {
                    if self.is_idle(context).is_pending() {
                        return Poll::Pending;
                    }
                    self.break_off(ErrorCode::UpstreamTimeout, "The provider paused for too long.")
                }
            };
            if !out.is_empty() {
                return Poll::Ready(Some(out));
            }
        }
        Poll::Ready(None)
    }

    fn pass(&mut self, piece: Bytes) -> Bytes {
        self.armed = false;
        self.meter.call.first_byte();
        let meter = &mut self.meter;
        let out = self.scanner.feed(piece, |data| meter.judge(data));
        if self.meter.done {
            self.meter.settle();
        }
        out
    }

    /// The provider has closed its answer.
    fn end(&mut self) -> Bytes {
        let meter = &mut self.meter;
        let rest = self.scanner.finish(|data| meter.judge(data));
        // Neither the last event nor the usage: the connection was cut where its framing can't tell.
        if !self.meter.done && !self.meter.call.has_usage() {
            let error = self.break_off(ErrorCode::UpstreamInvalid, "The provider ended its answer too early.");
            return [rest, error].concat().into();
        }
        self.ended = true;
        self.meter.settle();
        rest
    }

    fn break_off(&mut self, code: ErrorCode, message: &'static str) -> Bytes {
        self.ended = true;
        if self.meter.call.is_settled() {
            // All had been said.
            return Bytes::new();
        }
        self.meter.call.settle(Ending::broken(self.meter.http_status, code.as_str()));
        let error = envelope(code, message, None, Map::new(), self.core.clock.now(), self.arrival.request_id);
        let before: &[u8] = if self.scanner.is_within_event() { b"\n\ndata: " } else { b"data: " };
        [before, &error, b"\n\n"].concat().into()
    }

    fn is_idle(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if !self.armed {
            self.armed = true;
            self.idle.as_mut().reset(Instant::now() + self.core.settings.idle_timeout);
        }
        self.idle.as_mut().poll(context)
    }
}

impl Meter {
    fn judge(&mut self, data: &[u8]) -> Verdict {
        if data.trim_ascii() == b"[DONE]" {
            self.done = true;
            return Verdict::Keep;
        }
        let Some(read) = read(data) else { return Verdict::Keep };
        self.call.saw(&read);
        if let Some(error) = read.error() {
            let error = serde_json::from_str::<ErrorObject<'_>>(error).ok();
            let code = error.as_ref().and_then(|error| error.code.as_deref().or(error.kind.as_deref()));
            self.failed = Some(code.unwrap_or(ErrorCode::UpstreamInvalid.as_str()).to_owned());
        }
        if self.hides_usage && read.is_usage_only() { Verdict::Drop } else { Verdict::Keep }
    }

    fn settle(&mut self) {
        let ending = match self.failed.take() {
            Some(code) => Ending::broken(self.http_status, &code),
            None => Ending::ok(self.http_status),
        };
        self.call.settle(ending);
    }
}

impl std::fmt::Debug for Metered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let request_id = self.reading.as_ref().map(|reading| reading.arrival.request_id);
        f.debug_struct("Metered").field("request_id", &request_id).finish_non_exhaustive()
    }
}
