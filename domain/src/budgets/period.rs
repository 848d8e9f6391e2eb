use std::{fmt, str::FromStr};

use crate::{Invalid, Timestamp};

/// How long a budget lasts until it begins anew, by the organization's calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Period {
    /// From midnight to midnight.
    Day,
    /// From Monday to Monday.
    Week,
    /// From the first of a month to the first of the next.
    Month,
    /// It never begins anew.
    Total,
}

impl Period {
    /// All of them, the shortest first.
    pub const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Total];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Total => "total",
        }
    }

    /// The period that `at` is in, in that time zone. One for all time begins at `since`.
    ///
    /// A zone that is not known counts as UTC. The calendar decides: a day on which the clocks change
    /// has 23 or 25 hours.
    pub fn window(self, at: Timestamp, zone: &str, since: Timestamp) -> Window {
        let bounds = || {
            let zoned = at.in_zone(zone).or_else(|| at.in_zone("UTC"))?;
            let today = zoned.date();
            let (first, next) = match self {
                Self::Day => (today, today.tomorrow().ok()?),
                Self::Week => {
                    let days = i64::from(today.weekday().to_monday_zero_offset());
                    let monday = today.checked_sub(jiff::Span::new().days(days)).ok()?;
                    (monday, monday.checked_add(jiff::Span::new().days(7)).ok()?)
                }
                Self::Month => (today.first_of_month(), today.last_of_month().tomorrow().ok()?),
                Self::Total => return None,
            };
            let midnight = |date: jiff::civil::Date| {
                let start = date.to_zoned(zoned.time_zone().clone()).ok()?;
                Some(Timestamp::from_micros(start.timestamp().as_microsecond()))
            };
            Some(Window { start: midnight(first)?, end: Some(midnight(next)?) })
        };
        bounds().unwrap_or(Window { start: since, end: None })
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Period {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|period| period.as_str() == text);
        known.ok_or_else(|| Invalid::new("period", "Choose day, week, month or total."))
    }
}

/// One period of a budget: from its start on, and before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first instant in it.
    pub start: Timestamp,
    /// The first instant after it; none where it never ends.
    pub end: Option<Timestamp>,
}

impl Window {
    /// Whether `at` is in it.
    pub fn contains(&self, at: Timestamp) -> bool {
        at >= self.start && self.end.is_none_or(|end| at < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn window(period: Period, now: &str, zone: &str) -> (String, Option<String>) {
        let window = period.window(at(now), zone, at("2020-01-01T00:00:00Z"));
        (window.start.to_string(), window.end.map(|end| end.to_string()))
    }

    #[test]
    fn periods_begin_by_the_organization_s_calendar() {
        let zone = "Europe/Berlin";
        let day = window(Period::Day, "2026-11-20T23:30:00Z", zone);
        assert_eq!(day, ("2026-11-20T23:00:00Z".into(), Some("2026-11-21T23:00:00Z".into())));
        // A Friday; the week began on Monday the 16th.
        let week = window(Period::Week, "2026-11-20T12:00:00Z", "UTC");
        assert_eq!(week, ("2026-11-16T00:00:00Z".into(), Some("2026-11-23T00:00:00Z".into())));
        let month = window(Period::Month, "2026-12-31T23:30:00Z", zone);
        assert_eq!(month, ("2026-12-31T23:00:00Z".into(), Some("2027-01-31T23:00:00Z".into())));
        let total = window(Period::Total, "2026-11-20T12:00:00Z", zone);
        assert_eq!(total, ("2020-01-01T00:00:00Z".into(), None));
    }

    #[test]
    fn a_day_on_which_clocks_change_is_longer() {
        let (start, end) = window(Period::Day, "2026-10-25T12:00:00Z", "Europe/Berlin");
        assert_eq!((start.as_str(), end.as_deref()), ("2026-10-24T22:00:00Z", Some("2026-10-25T23:00:00Z")));
    }

    #[test]
    fn an_unknown_zone_counts_as_utc() {
        assert_eq!(window(Period::Day, "2026-11-20T23:30:00Z", "Mars/Olympus").0, "2026-11-20T00:00:00Z");
    }
}
