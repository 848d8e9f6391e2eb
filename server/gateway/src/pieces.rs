//! Joining what came in pieces.

use bytes::{Bytes, BytesMut};

/// Pieces of a body. A body that came in one piece is not copied.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    first: Bytes,
    joined: BytesMut,
    expected: usize,
}

impl Pieces {
    /// None yet; `expected` is how long the whole is said to be.
    pub(crate) fn new(expected: Option<u64>) -> Self {
        let expected = expected.and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
        Self { expected, ..Self::default() }
    }

    /// How long they are together.
    pub(crate) fn len(&self) -> usize {
        self.first.len().max(self.joined.len())
    }

    /// Adds one.
    pub(crate) fn push(&mut self, piece: Bytes) {
        if self.len() == 0 {
            self.first = piece;
            return;
        }
        if self.joined.is_empty() {
            self.joined.reserve(self.expected.max(self.first.len() + piece.len()));
            self.joined.extend_from_slice(&self.first);
        }
        self.joined.extend_from_slice(&piece);
    }

    /// The whole.
    pub(crate) fn join(self) -> Bytes {
        if self.joined.is_empty() { self.first } else { self.joined.freeze() }
    }
}
