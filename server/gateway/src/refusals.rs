//! Refused calls: counted by reason, and a sample of them in the log. They are no usage events, and
//! a stranger can't make us write more than a few lines a second.

use std::{
    net::IpAddr,
    sync::atomic::{AtomicI64, AtomicU32, Ordering},
};

use domain::Timestamp;

use crate::{call::Arrival, core::Core, respond::Refusal};

/// How many lines a second the log gets.
const LINES: u32 = 10;

/// Lets a few through each second.
#[derive(Debug, Default)]
pub(crate) struct Sampler {
    second: AtomicI64,
    lines: AtomicU32,
}

impl Sampler {
    /// Two threads at the turn of a second may let some more through, which does no harm.
    fn admits(&self, now: Timestamp) -> bool {
        if self.second.swap(now.seconds(), Ordering::Relaxed) != now.seconds() {
            self.lines.store(0, Ordering::Relaxed);
        }
        self.lines.fetch_add(1, Ordering::Relaxed) < LINES
    }
}

/// Counts a refusal, and writes it to the log if there is room.
pub(crate) fn note(core: &Core, arrival: &Arrival, refusal: &Refusal, client: impl FnOnce() -> IpAddr) {
    core.metrics.refusal(refusal.code());
    if core.refusal_log.admits(arrival.at) {
        let code = refusal.code().as_str();
        tracing::info!(request_id = %arrival.request_id, code, client = %client(), "a call was refused");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_room_for_some() {
        let sampler = Sampler::default();
        let admitted =
            |second: i64| (0..100).filter(|_| sampler.admits(Timestamp::from_micros(second * 1_000_000))).count();
        assert_eq!([admitted(1), admitted(1), admitted(2)], [10, 0, 10]);
    }
}
