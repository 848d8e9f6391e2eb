//! Randomness, handed in by the composition root.

use std::sync::Arc;

use uuid::Uuid;

use crate::Timestamp;

/// A source of random bytes.
///
/// The domain only holds it; production fills it from the operating system's generator, a test
/// from a counter. Cheap to clone.
#[derive(Clone)]
pub struct Entropy(Arc<Fill>);

type Fill = dyn Fn(&mut [u8]) + Send + Sync;

impl Entropy {
    /// Wraps a function that fills a buffer with bytes nobody can guess.
    pub fn new(fill: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Self {
        Self(Arc::new(fill))
    }

    /// Draws `N` bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        (self.0)(&mut out);
        out
    }

    /// A version 7 UUID (RFC 9562 § 5.7) for the moment `now`: milliseconds, then 74 random bits.
    pub fn uuid_v7(&self, now: Timestamp) -> Uuid {
        let millis = now.micros().div_euclid(1000).max(0) as u64;
        uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }
}

impl std::fmt::Debug for Entropy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Entropy")
    }
}
