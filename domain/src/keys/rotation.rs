use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

use super::KeyName;
use crate::{Invalid, KeyId, Timestamp, identity::PersonName};

const LONGEST: Duration = Duration::from_secs(90 * 86_400);

/// For how long a key's old secret goes on beside the new one: up to 90 days, or not at all.
///
/// Written as a number with a unit, `90m`, `24h` or `7d`; without one it is seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overlap(Duration);

impl Overlap {
    /// How long that is.
    pub const fn length(self) -> Duration {
        self.0
    }

    fn of_seconds(seconds: u64) -> Result<Self, Invalid> {
        let length = Duration::from_secs(seconds);
        match length <= LONGEST {
            true => Ok(Self(length)),
            false => Err(Invalid::new("overlap", "The old secret can go on for at most 90 days.")),
        }
    }
}

impl FromStr for Overlap {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || Invalid::new("overlap", "Give a time as in 0s, 90m, 24h or 7d.");
        let text = text.trim();
        let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
        let unit = match &text[digits.len()..] {
            "" | "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            _ => return Err(bad()),
        };
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(bad());
        }
        Self::of_seconds(digits.parse().unwrap_or(u64::MAX).saturating_mul(unit))
    }
}

impl<'de> Deserialize<'de> for Overlap {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;

        impl serde::de::Visitor<'_> for Reader {
            type Value = Overlap;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time as in 0s, 90m, 24h or 7d, or a number of seconds")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Overlap, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_u64<E: serde::de::Error>(self, seconds: u64) -> Result<Overlap, E> {
                Overlap::of_seconds(seconds).map_err(E::custom)
            }
        }

        from.deserialize_any(Reader)
    }
}

spelled! {
    /// How the change of a key's secret stands. Both of the first may hold at once.
    KeyRotation as "rotation" {
        /// It is due: whoever answers for the key should collect a new secret.
        Due = "due",
        /// The secret that the key had before goes on beside the new one.
        Overlap = "overlap",
        /// Neither.
        Settled = "none",
    }
}

/// When a secret should be changed that was made then, where that is to be done every so many days.
pub fn rotation_due(made: Timestamp, every_days: Option<u32>) -> Option<Timestamp> {
    every_days.map(|days| made.plus(Duration::from_secs(u64::from(days) * 86_400)))
}

impl KeyRotation {
    /// Whether a key stands so whose rotation is due and whose old secret goes on, as said.
    pub const fn holds(self, due: bool, overlap: bool) -> bool {
        match self {
            Self::Due => due,
            Self::Overlap => overlap,
            Self::Settled => !due && !overlap,
        }
    }
}

/// How to change a key's secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewRotation {
    /// For how long the old secret goes on.
    pub overlap: Overlap,
}

/// The secret that a key had before, which is still good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RotationView {
    /// What the old secret ends with.
    pub old_last_four: String,
    /// Until when it is good.
    pub ends_at: Timestamp,
    /// When it was last used, to within a few seconds; absent when it was not since the rotation.
    pub last_used_at: Option<Timestamp>,
}

/// A secret that was found where it should not be.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeakReport {
    /// The whole secret.
    pub secret: String,
}

impl fmt::Debug for LeakReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LeakReport(…)")
    }
}

spelled! {
    /// What became of a secret that was reported.
    LeakOutcome as "outcome" {
        /// It is a key's, and is refused from now on.
        Revoked = "revoked",
        /// It is no key's.
        Unknown = "unknown",
    }
}

/// What a report of a leak did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeakView {
    /// In one word.
    pub outcome: LeakOutcome,
    /// The key, where it is one of your organization that you may see.
    pub key: Option<LeakedKey>,
}

/// The key whose secret leaked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeakedKey {
    /// The key.
    pub id: KeyId,
    /// How it is called.
    pub name: KeyName,
    /// Who answers for it.
    pub owner_name: Option<PersonName>,
    /// Whether the secret was an old one, so that only that one ended and the key goes on with its new one.
    pub old_secret: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlaps_are_read_with_and_without_a_unit() {
        let seconds = |text: &str| text.parse::<Overlap>().map(|overlap| overlap.length().as_secs()).ok();
        for (text, length) in
            [("0s", 0), ("0", 0), ("90m", 5_400), ("1h", 3_600), ("24h", 86_400), (" 7d ", 604_800), ("90d", 7_776_000)]
        {
            assert_eq!(seconds(text), Some(length), "{text}");
        }
        for bad in ["", "s", "d7", "-1s", "+1s", "1.5h", "1 h", "91d", "99999999999999999999d", "7D", "1é", "é"] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_number_is_seconds() {
        let read =
            |json: &str| serde_json::from_str::<NewRotation>(json).map(|new| new.overlap.length().as_secs()).ok();
        assert_eq!((read(r#"{"overlap": 60}"#), read(r#"{"overlap": "1h"}"#)), (Some(60), Some(3_600)));
        for bad in
            [r#"{}"#, r#"{"overlap": -1}"#, r#"{"overlap": 1.5}"#, r#"{"overlap": null}"#, r#"{"overlap": 7776001}"#]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
