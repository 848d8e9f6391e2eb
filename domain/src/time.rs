//! Instants: microseconds since 1970 in the database, RFC 3339 on the wire.

use std::{fmt, str::FromStr, sync::Arc, time::Duration};

use crate::Invalid;

const MICROS_PER_SECOND: i64 = 1_000_000;

/// An instant in UTC with microsecond precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Timestamp(i64);

impl Timestamp {
    /// Takes microseconds since 1970-01-01T00:00:00Z.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(MICROS_PER_SECOND)
    }

    /// This instant moved later, or the last one there is.
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX)))
    }

    /// This instant moved earlier, or the first one there is.
    pub fn minus(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(by.as_micros()).unwrap_or(i64::MAX)))
    }

    /// How long after `earlier` this is; zero when it is not after it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The start of the period of `length` that this instant is in, counted from 1970 in UTC.
    ///
    /// With a quarter of an hour this is a rollup's bucket.
    pub fn floor(self, length: Duration) -> Self {
        let micros = i64::try_from(length.as_micros()).unwrap_or(i64::MAX).max(1);
        Self(self.0.div_euclid(micros) * micros)
    }

    /// The start of the calendar day that this instant is in, in the IANA zone `zone`; in UTC when
    /// the zone is unknown.
    pub fn start_of_day(self, zone: &str) -> Self {
        let start = self.in_zone(zone).and_then(|z| z.start_of_day().ok()).map(|z| z.timestamp().as_microsecond());
        start.map_or_else(|| self.floor(Duration::from_secs(86_400)), Self)
    }

    /// The date, time and offset in the IANA zone `zone`, for people; nothing when the zone is unknown.
    pub fn in_zone(self, zone: &str) -> Option<jiff::Zoned> {
        let instant = jiff::Timestamp::from_microsecond(self.0).ok()?;
        instant.in_tz(zone).ok()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(instant) => fmt::Display::fmt(&instant, f),
            Err(_) => f.write_str("out of range"),
        }
    }
}

impl FromStr for Timestamp {
    type Err = Invalid;

    /// Accepts RFC 3339 with any offset, and a bare date as midnight in UTC.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let instant = text.parse::<jiff::Timestamp>().ok().or_else(|| {
            // A date is parsed from a date and time too; a time without an offset is no instant.
            let date: jiff::civil::Date = Some(text).filter(|t| t.len() == "2026-01-31".len())?.parse().ok()?;
            Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
        });
        instant
            .map(|t| Self(t.as_microsecond()))
            .ok_or_else(|| Invalid::new("time", "Give the time as in 2026-01-31T12:00:00Z."))
    }
}

impl TryFrom<String> for Timestamp {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl From<Timestamp> for String {
    fn from(at: Timestamp) -> Self {
        at.to_string()
    }
}

/// The source of the current time, handed in by the composition root. Cheap to clone.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// Wraps a function that tells the time.
    pub fn new(read: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_rfc_3339() {
        let at: Timestamp = "2026-11-20T06:48:36.25+01:00".parse().unwrap();
        assert_eq!(at.to_string(), "2026-11-20T05:48:36.25Z");
        assert_eq!("2026-11-20".parse::<Timestamp>().unwrap().to_string(), "2026-11-20T00:00:00Z");
        for bad in ["yesterday", "2026-11-20T06:48:36", "2026-11-20T06:48"] {
            assert!(bad.parse::<Timestamp>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_day_begins_at_the_zones_midnight() {
        let at: Timestamp = "2026-03-29T20:00:00Z".parse().unwrap();
        assert_eq!(at.start_of_day("Europe/Berlin").to_string(), "2026-03-28T23:00:00Z");
        assert_eq!(at.start_of_day("Asia/Kathmandu").to_string(), "2026-03-29T18:15:00Z");
        assert_eq!(at.start_of_day("Nowhere/At_all").to_string(), "2026-03-29T00:00:00Z");
    }

    #[test]
    fn floors_before_1970_downwards() {
        let quarter = Duration::from_secs(900);
        assert_eq!(Timestamp::from_micros(-1).floor(quarter), Timestamp::from_micros(-900_000_000));
        assert_eq!(Timestamp::from_micros(900_000_001).floor(quarter), Timestamp::from_micros(900_000_000));
    }
}
