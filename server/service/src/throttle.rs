//! Slowing down whoever guesses: a GCRA over failures, in memory.
//!
//! Only failures count, so that nobody is slowed down by being right. A restart forgets; guessing
//! against Argon2id at the pace of restarts gets nowhere.

use std::time::Duration;

use domain::{ErrorCode, Timestamp};
use moka::sync::Cache;

use crate::{Error, Result};

/// How many failures are allowed at once, and how long each takes to be forgotten.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowance {
    pub(crate) burst: u32,
    pub(crate) each: Duration,
}

/// Counts failures by subject.
#[derive(Debug, Clone)]
pub(crate) struct Throttle {
    /// By subject: when all its failures will be forgotten (GCRA's theoretical arrival time).
    forgotten_at: Cache<String, Timestamp>,
}

impl Throttle {
    pub(crate) fn new() -> Self {
        let forgotten_at = Cache::builder().max_capacity(100_000).time_to_live(Duration::from_secs(86_400)).build();
        Self { forgotten_at }
    }

    /// Refuses while `subject` has no failure left.
    pub(crate) fn check(&self, subject: &str, allowance: Allowance, now: Timestamp) -> Result<()> {
        let Some(forgotten_at) = self.forgotten_at.get(subject) else { return Ok(()) };
        let room = allowance.each * (allowance.burst - 1);
        let wait = forgotten_at.since(now).saturating_sub(room);
        if wait.is_zero() {
            return Ok(());
        }
        let retry_after = Duration::from_secs(wait.as_secs() + 1);
        let message = format!("Too many wrong attempts. Try again in {} seconds.", retry_after.as_secs());
        Err(Error { retry_after: Some(retry_after), ..Error::new(ErrorCode::TooManyAttempts, message) })
    }

    /// Counts a failure.
    pub(crate) fn failed(&self, subject: &str, allowance: Allowance, now: Timestamp) {
        let entry = self.forgotten_at.entry_by_ref(subject);
        entry.and_upsert_with(|old| old.map_or(now, |o| now.max(o.into_value())).plus(allowance.each));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_after_the_burst_and_forgives_with_time() {
        let (throttle, allowance) = (Throttle::new(), Allowance { burst: 3, each: Duration::from_secs(10) });
        let start = Timestamp::from_micros(0);
        for _ in 0..3 {
            assert!(throttle.check("a", allowance, start).is_ok());
            throttle.failed("a", allowance, start);
        }
        let refusal = throttle.check("a", allowance, start).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::TooManyAttempts);
        assert!(refusal.retry_after.unwrap() <= Duration::from_secs(11));
        assert!(throttle.check("b", allowance, start).is_ok());
        assert!(throttle.check("a", allowance, start.plus(Duration::from_secs(10))).is_ok());
    }
}
