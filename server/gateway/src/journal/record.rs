//! What stands in the journal, and how one record is written.
//!
//! `length u32 | crc32 u32 | payload`, little-endian; the checksum covers length and payload. The
//! payload is JSON, so that a later version can add fields and still read what this one wrote.

use domain::{
    EventId, Money, PriceId, RequestId, Timestamp,
    keys::Environment,
    usage::{Attribution, CallStatus, Endpoint, EventKind, Outcome, Service, Target, Timings, TokenUsage, UsageEvent},
};
use serde::{Deserialize, Serialize};

/// Length and checksum.
pub(crate) const FRAME: usize = 8;

/// The largest payload. A record is a few hundred bytes; whatever is larger was never written by us.
pub(crate) const MAX_RECORD: usize = 64 << 10;

/// Everything known of a call when it is admitted: enough for the event of a call that a crash
/// cut off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Started {
    pub(crate) id: EventId,
    pub(crate) request_id: RequestId,
    pub(crate) client_request_id: Option<String>,
    pub(crate) at: Timestamp,
    pub(crate) environment: Environment,
    pub(crate) service: Service,
    pub(crate) endpoint: Endpoint,
    pub(crate) attribution: Attribution,
    pub(crate) target: Target,
    pub(crate) price: PriceId,
    /// What is held for it on the budgets above it.
    #[serde(default)]
    pub(crate) held: Money,
}

/// How a call turned out.
#[derive(Debug, Clone)]
pub(crate) struct Settlement {
    pub(crate) usage: TokenUsage,
    pub(crate) estimated: bool,
    pub(crate) cost: Money,
    pub(crate) outcome: Outcome,
    pub(crate) timings: Timings,
}

impl Started {
    /// The event of this call, once it is known how it turned out.
    pub(crate) fn settled(self, settlement: Settlement) -> UsageEvent {
        UsageEvent {
            id: self.id,
            request_id: self.request_id,
            client_request_id: self.client_request_id,
            kind: EventKind::Call,
            at: self.at,
            environment: self.environment,
            service: self.service,
            endpoint: self.endpoint,
            attribution: self.attribution,
            target: self.target,
            usage: settlement.usage,
            estimated: settlement.estimated,
            price: self.price,
            cost: settlement.cost,
            outcome: settlement.outcome,
            timings: settlement.timings,
        }
    }

    /// The event of this call when the process ended before the answer did. Nobody knows what was
    /// used. Under a hard budget it is booked at what was held for it, so that the budget is not
    /// exceeded whatever the provider charges, otherwise at nothing; and marked. Status 0 says that no
    /// answer was seen to leave.
    pub(crate) fn interrupted(self) -> UsageEvent {
        let cost = self.held;
        self.settled(Settlement {
            usage: TokenUsage::default(),
            estimated: true,
            cost,
            outcome: Outcome { status: CallStatus::Interrupted, http_status: 0, error_code: None, attempts: 1 },
            timings: Timings::default(),
        })
    }
}

/// One record, as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Record {
    /// A call was admitted; written before it is forwarded.
    Started(Box<Started>),
    /// A call has ended; written before the last byte of its answer is given away.
    Settled(Box<UsageEvent>),
}

const STARTED: &[u8] = br#"{"started":{"#;
const SETTLED: &[u8] = br#"{"settled":{"#;

/// The frame of [`Record::Started`].
pub(crate) fn started_frame(started: &Started) -> Vec<u8> {
    let mut frame = Vec::with_capacity(1024);
    frame.resize(FRAME, 0);
    frame.extend_from_slice(&STARTED[..STARTED.len() - 1]);
    append_json(&mut frame, started);
    frame.push(b'}');
    seal(frame)
}

/// The frame of [`Record::Settled`], for the event that became of what `started` is the frame of.
///
/// An event begins with what was known at its admission, which is not written as JSON again.
pub(crate) fn settled_frame(started: &[u8], event: &UsageEvent) -> Vec<u8> {
    let known = &started[FRAME + STARTED.len()..started.len() - 2];
    let mut frame = Vec::with_capacity(started.len() + 512);
    frame.resize(FRAME, 0);
    frame.extend_from_slice(SETTLED);
    frame.extend_from_slice(known);
    let joint = frame.len();
    append_json(
        &mut frame,
        &Became {
            kind: event.kind,
            usage: &event.usage,
            estimated: event.estimated,
            cost: event.cost,
            outcome: &event.outcome,
            timings: &event.timings,
        },
    );
    // Its opening brace becomes the comma between the two.
    frame[joint] = b',';
    frame.push(b'}');
    seal(frame)
}

/// What an event has beyond [`Started`].
#[derive(Serialize)]
struct Became<'a> {
    kind: EventKind,
    usage: &'a TokenUsage,
    estimated: bool,
    cost: Money,
    outcome: &'a Outcome,
    timings: &'a Timings,
}

fn append_json(frame: &mut Vec<u8>, value: &impl Serialize) {
    // Writing JSON to memory fails only for maps whose keys are no strings; ours have none.
    if let Err(error) = serde_json::to_writer(frame, value) {
        tracing::error!(%error, "a journal record could not be written as JSON");
    }
}

/// Puts length and checksum in front.
fn seal(mut frame: Vec<u8>) -> Vec<u8> {
    let length = ((frame.len() - FRAME) as u32).to_le_bytes();
    let checksum = checksum(length, &frame[FRAME..]).to_le_bytes();
    frame[..4].copy_from_slice(&length);
    frame[4..FRAME].copy_from_slice(&checksum);
    frame
}

/// The checksum of a record.
pub(crate) fn checksum(length: [u8; 4], payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&length);
    hasher.update(payload);
    hasher.finalize()
}

/// What stands at the beginning of some bytes of a segment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Framed<'a> {
    /// A whole record's payload.
    Payload(&'a [u8]),
    /// Nothing: the segment was not written further.
    End,
    /// Neither.
    Damaged,
}

/// Looks for a record at the beginning of `bytes`.
pub(crate) fn unframe(bytes: &[u8]) -> Framed<'_> {
    let Some((length, rest)) = bytes.split_first_chunk::<4>() else {
        return if bytes.iter().all(|b| *b == 0) { Framed::End } else { Framed::Damaged };
    };
    let size = u32::from_le_bytes(*length) as usize;
    let Some((sum, rest)) = rest.split_first_chunk::<4>() else {
        return if bytes.iter().all(|b| *b == 0) { Framed::End } else { Framed::Damaged };
    };
    let sum = u32::from_le_bytes(*sum);
    match rest.get(..size) {
        _ if size == 0 && sum == 0 => Framed::End,
        Some(payload) if size <= MAX_RECORD && checksum(*length, payload) == sum => Framed::Payload(payload),
        _ => Framed::Damaged,
    }
}
