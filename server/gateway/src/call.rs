//! One admitted call, from its admission to its one settlement.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use domain::{
    Money, RequestId, Timestamp,
    catalog::Rates,
    usage::{CallStatus, Outcome, Timings, TokenUsage},
};
use integrations::tokens::{self, Family};

use crate::{
    budgets::Held,
    core::Core,
    journal::{Full, Settlement, Started, Ticket},
    limits::Passed,
    meter::{Read, estimate, estimate::Generated},
};

/// The bodies from which on counting tokens is not done where calls are served.
const LARGE: usize = 64 << 10;

/// When and as what a request came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival {
    pub(crate) request_id: RequestId,
    pub(crate) at: Timestamp,
    pub(crate) clock: Instant,
}

/// What a call takes of its limits and budgets until it is settled; all of it comes back when the call is
/// not made.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) passed: Passed,
    pub(crate) held: Held,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ending {
    pub(crate) status: CallStatus,
    pub(crate) http_status: u16,
    pub(crate) error_code: Option<String>,
    /// Whether the provider did any work: if not, nothing is charged.
    pub(crate) worked: bool,
}

impl Ending {
    /// The provider answered.
    pub(crate) fn ok(http_status: u16) -> Self {
        Self { status: CallStatus::Ok, http_status, error_code: None, worked: true }
    }

    /// The provider did not answer, or answered with an error.
    pub(crate) fn failed(http_status: u16, code: &str) -> Self {
        Self { status: CallStatus::Error, http_status, error_code: Some(printable(code)), worked: false }
    }

    /// The answer broke off.
    pub(crate) fn broken(http_status: u16, code: &str) -> Self {
        Self { worked: true, ..Self::failed(http_status, code) }
    }

    fn aborted(http_status: u16) -> Self {
        Self { status: CallStatus::Aborted, http_status, error_code: None, worked: true }
    }
}

/// A provider's code is a stranger's text: it is cut to what fits the room in the journal.
fn printable(code: &str) -> String {
    code.chars().filter(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\\')).take(64).collect()
}

/// The status for a client that left before it was answered, as nginx writes it.
const CLIENT_CLOSED: u16 = 499;

/// An admitted call. However it ends, it is settled once: at its end, or when it is dropped because
/// the client has left.
pub(crate) struct Call {
    open: Option<Open>,
}

struct Open {
    core: Arc<Core>,
    arrival: Arrival,
    started: Started,
    ticket: Ticket,
    taken: Taken,
    rates: Rates,
    /// The request as it was sent, from which the input is counted when the provider does not say.
    request: Bytes,
    family: Family,
    reported: Option<TokenUsage>,
    generated: Generated,
    attempts: u32,
    first_byte: Option<Duration>,
    /// What the client was answered with, once it was.
    answered: Option<u16>,
    /// Whether that is a stream.
    streams: bool,
    /// Whether the client has left, and the answer is read only to know what it costs.
    left: bool,
}

impl Call {
    /// Takes responsibility for a call that the journal knows of.
    pub(crate) fn new(
        core: Arc<Core>,
        arrival: Arrival,
        started: Started,
        ticket: Ticket,
        taken: Taken,
        rates: Rates,
        request: Bytes,
    ) -> Self {
        core.calls_open.enter();
        let family = tokens::family_of(&started.target.actual_model);
        Self {
            open: Some(Open {
                core,
                arrival,
                started,
                ticket,
                taken,
                rates,
                request,
                family,
                reported: None,
                generated: Generated::default(),
                attempts: 0,
                first_byte: None,
                answered: None,
                streams: false,
                left: false,
            }),
        }
    }

    /// The provider is tried now.
    pub(crate) fn attempt(&mut self) {
        self.with(|open| open.attempts += 1);
    }

    /// The first byte of the answer's body is here.
    pub(crate) fn first_byte(&mut self) {
        self.with(|open| {
            if open.first_byte.is_none() {
                open.first_byte = Some(open.arrival.clock.elapsed());
            }
        });
    }

    /// The client is being answered with a stream.
    pub(crate) fn streaming(&mut self, http_status: u16) {
        self.with(|open| {
            open.answered = Some(http_status);
            open.streams = true;
            open.core.metrics.streams.increment(1.0);
        });
    }

    /// Takes note of a whole answer, or of one event of a stream. The last usage counts: some
    /// providers report a running total.
    pub(crate) fn saw(&mut self, read: &Read<'_>) {
        self.with(|open| {
            open.reported = read.usage().or(open.reported);
            // What is reported need not be counted, so the text is not looked at.
            if open.reported.is_none() {
                let (family, generated) = (open.family, &mut open.generated);
                read.each_text(|piece| generated.push(family, piece));
            }
        });
    }

    /// The client has left, and the answer is read on.
    pub(crate) fn leave(&mut self) {
        self.with(|open| open.left = true);
    }

    /// Whether the provider has said what was used.
    pub(crate) fn has_usage(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.reported.is_some())
    }

    /// Whether it is settled.
    pub(crate) fn is_settled(&self) -> bool {
        self.open.is_none()
    }

    /// Whether settling means counting so much that others should not wait for it.
    pub(crate) fn is_costly(&self) -> bool {
        self.open.as_ref().is_some_and(Open::is_costly)
    }

    /// Sees to it that the journal has the call, which may be made then.
    ///
    /// # Errors
    /// [`Full`] when it could not be written. The call is not made, and all that it took comes back.
    pub(crate) async fn begin(&mut self) -> Result<(), Full> {
        // Other calls come first, so that many are written with one write, and so that requests are sent one
        // after the other: the provider, once awake, finds the next one there instead of being woken for it.
        tokio::task::yield_now().await;
        let written = self.open.as_ref().map_or(Ok(()), |open| open.core.journal.written(&open.ticket));
        if written.is_err()
            && let Some(open) = self.open.take()
        {
            open.core.journal.withdraw(open.ticket);
            open.core.calls_open.leave();
        }
        written
    }

    /// Settles the call: usage, cost, event, journal. Only the first time does anything. Answers
    /// the cost.
    pub(crate) fn settle(&mut self, ending: Ending) -> Option<Money> {
        self.open.take().map(|open| open.settle_and_write(ending))
    }

    /// Settles the call, and leaves writing that to [`Journal::flush`](crate::journal::Journal::flush), which
    /// must come before the answer is given away.
    pub(crate) fn settle_soon(&mut self, ending: Ending) -> Option<Money> {
        self.open.take().map(|open| open.settle(ending))
    }

    fn with(&mut self, change: impl FnOnce(&mut Open)) {
        if let Some(open) = &mut self.open {
            change(open);
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let Some(open) = self.open.take() else { return };
        // A provider that was never asked charges nothing.
        let worked = open.attempts > 0;
        let ending = Ending { worked, ..Ending::aborted(open.answered.unwrap_or(CLIENT_CLOSED)) };
        // Nobody waits for this one, so a large count goes where it holds nobody up. Without a
        // runtime (it is shutting down) there is nobody left to hold up.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) if open.is_costly() => {
                runtime.spawn_blocking(move || open.settle_and_write(ending));
            }
            _ => drop(open.settle_and_write(ending)),
        }
    }
}

impl Open {
    fn is_costly(&self) -> bool {
        self.reported.is_none() && self.request.len() > LARGE
    }

    fn settle_and_write(self, ending: Ending) -> Money {
        let core = self.core.clone();
        let cost = self.settle(ending);
        core.journal.flush();
        cost
    }

    fn settle(self, ending: Ending) -> Money {
        let ending = match ending.status {
            CallStatus::Ok if self.left => Ending::aborted(self.answered.unwrap_or(CLIENT_CLOSED)),
            _ => ending,
        };
        let (usage, estimated) = self.usage(&ending);
        let cost = self.cost(&usage, &ending);
        let micros = |duration: Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        let event = self.started.settled(Settlement {
            usage,
            estimated,
            cost,
            outcome: Outcome {
                status: ending.status,
                http_status: ending.http_status,
                error_code: ending.error_code,
                attempts: self.attempts,
            },
            timings: Timings {
                first_byte_us: self.first_byte.map(micros),
                total_us: micros(self.arrival.clock.elapsed()),
            },
        });
        let hold = self.core.journal.settle(self.ticket, &event);
        // Nobody is answered who would have it written, or it will be read back from there.
        let is_written = self.left || !self.core.queue.keeps_in_memory();
        if is_written {
            self.core.journal.flush();
        }
        self.core.metrics.call(ending.status);
        if self.streams {
            self.core.metrics.streams.decrement(1.0);
        }
        let now = self.core.clock.now();
        let Taken { passed, held } = self.taken;
        passed.settle(usage.total());
        held.settle(cost, now, |used| self.core.queue.push(event, hold, is_written, used));
        self.core.calls_open.leave();
        cost
    }

    fn usage(&self, ending: &Ending) -> (TokenUsage, bool) {
        match self.reported {
            _ if !ending.worked => (TokenUsage::default(), false),
            Some(usage) => (usage, false),
            None if self.first_byte.is_none() => {
                let input = estimate::rough_input(self.started.endpoint, &self.request);
                (TokenUsage::new(input, 0, 0, 0, 0), true)
            }
            None => {
                let input = estimate::input(self.family, self.started.endpoint, &self.request);
                (TokenUsage::new(input, 0, 0, self.generated.tokens(self.family), 0), true)
            }
        }
    }

    fn cost(&self, usage: &TokenUsage, ending: &Ending) -> Money {
        if !ending.worked {
            return Money::ZERO;
        }
        self.rates.cost(usage).unwrap_or_else(|error| {
            // Thousands of millions for one call: the price is wrong, and no sum could hold it.
            tracing::error!(%error, event = %self.started.id, "a call's cost can't be booked; it is booked at nothing");
            Money::ZERO
        })
    }
}
