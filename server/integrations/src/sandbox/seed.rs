//! Where the Sandbox's variety comes from: a hash, and numbers that follow from it.

use sha2::{Digest, Sha256};

/// A hash of what was asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seed([u8; 32]);

impl Seed {
    /// The seed of several parts; where one ends and the next begins makes a difference.
    pub(super) fn of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    /// A seed that follows from this one.
    pub(super) fn derive(&self, what: &str, index: u64) -> Self {
        Self::of([&self.0[..], what.as_bytes(), &index.to_le_bytes()])
    }

    /// The seed's beginning in hexadecimal, for ids.
    pub(super) fn hex(&self) -> String {
        self.0[..12].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Numbers that follow from this seed.
    pub(super) fn numbers(&self) -> Numbers {
        let mut state = [0; 8];
        state.copy_from_slice(&self.0[..8]);
        Numbers { state: u64::from_le_bytes(state) }
    }
}

/// An endless row of numbers: SplitMix64, which is small, quick and even.
#[derive(Debug, Clone)]
pub(super) struct Numbers {
    state: u64,
}

impl Numbers {
    /// The next number.
    pub(super) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// The next number, below `bound`; zero if that is zero.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or(0)
    }

    /// One of these, `None` if there are none.
    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len() as u64) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_boundary_between_parts_makes_a_difference() {
        let hex = |parts: &[&'static [u8]]| Seed::of(parts.iter().copied()).hex();
        assert_eq!(hex(&[b"ab", b"c"]), hex(&[b"ab", b"c"]));
        assert_ne!(hex(&[b"ab", b"c"]), hex(&[b"a", b"bc"]));
        assert_ne!(hex(&[b"ab"]), hex(&[b"ab", b""]));
    }

    #[test]
    fn numbers_repeat_and_stay_below_their_bound() {
        let seed = Seed::of([&b"x"[..]]);
        let row = |seed: Seed| {
            let mut numbers = seed.numbers();
            (0..100).map(|_| numbers.below(7)).collect::<Vec<_>>()
        };
        assert_eq!(row(seed), row(seed));
        assert_ne!(row(seed), row(seed.derive("other", 0)));
        assert!((0..7).all(|number| row(seed).contains(&number)));
        assert_eq!(seed.numbers().below(0), 0);
        assert_eq!(seed.numbers().pick::<u8>(&[]), None);
    }
}
