//! Bearer secrets: API keys, management tokens and session cookies.
//!
//! All have one form: a prefix, 32 random bytes in base62 (43 characters), and a CRC-32 of what
//! stands before in base62 (6 characters), so that a mistyped or cut-off secret is told apart
//! from an unknown one without asking the database. With 256 random bits a plain SHA-256 is a
//! sufficient hash at rest: there is nothing to guess, so nothing to slow down.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::Entropy;

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const RANDOM_DIGITS: usize = 43;
const CHECK_DIGITS: usize = 6;

/// A secret in the clear. Shown to a person once; never stored, never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Mints a secret that starts with `prefix`, e.g. `tpk_live_`.
    pub fn mint(prefix: &str, entropy: &Entropy) -> Self {
        let mut text = String::with_capacity(prefix.len() + RANDOM_DIGITS + CHECK_DIGITS);
        text.push_str(prefix);
        text.extend(random_digits(entropy.bytes()).map(char::from));
        text.extend(check_digits(&text).map(char::from));
        Self(text)
    }

    /// Accepts `text` when it has the form of a secret with this prefix and its checksum is right.
    pub fn parse(prefix: &str, text: &str) -> Option<Self> {
        is_well_formed(prefix, text).then(|| Self(text.to_owned()))
    }

    /// The secret itself, for the one place that shows it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored.
    pub fn hash(&self) -> SecretHash {
        SecretHash::of(&self.0)
    }

    /// The last four characters, by which people tell secrets apart.
    pub fn last_four(&self) -> String {
        self.0[self.0.len() - 4..].to_owned()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Whether `text` is a secret with this prefix and a right checksum. Needs no allocation.
pub fn is_well_formed(prefix: &str, text: &str) -> bool {
    let Some(digits) = text.strip_prefix(prefix) else { return false };
    if digits.len() != RANDOM_DIGITS + CHECK_DIGITS || !digits.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return false;
    }
    let (body, check) = text.split_at(text.len() - CHECK_DIGITS);
    check_digits(body) == check.as_bytes()
}

/// The SHA-256 of a secret: what the database stores and what a lookup compares.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// Hashes a presented secret.
    pub fn of(text: &str) -> Self {
        Self::of_bytes(text.as_bytes())
    }

    /// Hashes bytes that are no text.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Takes a hash back from the database; `None` unless it is 32 bytes long.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretHash({:02x}{:02x}…)", self.0[0], self.0[1])
    }
}

/// The checksum of what stands before it, in base62.
fn check_digits(body: &str) -> [u8; CHECK_DIGITS] {
    let mut rest = crc32fast::hash(body.as_bytes());
    let mut digits = [b'0'; CHECK_DIGITS];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[(rest % 62) as usize];
        rest /= 62;
    }
    digits
}

/// A number of 256 bits, big-endian, in base62.
fn random_digits(mut number: [u8; 32]) -> [u8; RANDOM_DIGITS] {
    let mut digits = [b'0'; RANDOM_DIGITS];
    for digit in digits.iter_mut().rev() {
        let mut rest = 0u32;
        for byte in &mut number {
            let value = rest << 8 | u32::from(*byte);
            *byte = (value / 62) as u8;
            rest = value % 62;
        }
        *digit = BASE62[rest as usize];
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_minted_secret_parses_and_a_changed_one_does_not(seed: [u8; 32], at in 9usize..58, with in 0usize..62) {
            let entropy = Entropy::new(move |out| out.copy_from_slice(&seed[..out.len()]));
            let secret = Secret::mint("tpk_live_", &entropy);
            prop_assert_eq!(secret.expose().len(), 58);
            prop_assert!(is_well_formed("tpk_live_", secret.expose()));
            prop_assert!(!is_well_formed("tpk_test_", secret.expose()));
            let mut changed = secret.expose().as_bytes().to_vec();
            changed[at] = BASE62[with];
            let changed = String::from_utf8(changed).unwrap();
            prop_assert_eq!(is_well_formed("tpk_live_", &changed), changed == secret.expose());
        }
    }

    /// Keys that were given away must stay good, so their form may not change.
    #[test]
    fn the_form_is_the_one_that_is_out_there() {
        let counting = Entropy::new(|out| out.iter_mut().zip(0..).for_each(|(byte, n)| *byte = n));
        let key = "tpk_live_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf3KWqCr";
        assert_eq!(Secret::mint("tpk_live_", &counting).expose(), key);
        assert!(is_well_formed("tpk_live_", key));
    }

    #[test]
    fn hostile_text_is_refused() {
        for bad in ["", "tpk_live_", "tpk_live_é", &"tpk_live_é".repeat(20), &"a".repeat(10_000)] {
            assert!(!is_well_formed("tpk_live_", bad));
        }
    }
}
