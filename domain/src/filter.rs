//! The language in which lists are filtered, the same in addresses, in the API and on the command line.
//!
//! A filter is one named parameter, and its value is one of four forms: words (`a,b` for any of them, `!a,b`
//! for none), a range (`10..20`, `10..`, `..10`, `10`), times (`90d..` for longer ago, `..7d` for less,
//! dates, or `never`), labels (`team=checkout,region`). What is blank does not filter.

use std::{fmt, str::FromStr};

use crate::{Invalid, Timestamp};

/// The most words that one filter lists.
const MOST: usize = 100;

/// Any of these words, or none of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneOf<T> {
    /// Whether it is none of them.
    pub not: bool,
    /// The words, at least one.
    pub these: Vec<T>,
}

impl<T: PartialEq> OneOf<T> {
    /// Whether the filter lets this through.
    pub fn holds(&self, value: &T) -> bool {
        self.these.contains(value) != self.not
    }
}

impl<T: FromStr<Err = Invalid>> FromStr for OneOf<T> {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (not, words) = match text.trim().strip_prefix('!') {
            Some(words) => (true, words),
            None => (false, text),
        };
        let words = words.split(',').map(str::trim).filter(|word| !word.is_empty());
        let these: Vec<T> = words.map(str::parse).collect::<Result<_, _>>()?;
        match these.len() {
            0 => Err(Invalid::new("filter", "Name at least one value, as in `a,b`, or `!a,b` for all others.")),
            1..=MOST => Ok(Self { not, these }),
            _ => Err(Invalid::new("filter", "Name at most 100 values.")),
        }
    }
}

impl<T: fmt::Display> fmt::Display for OneOf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.not { "!" } else { "" })?;
        joined(f, &self.these)
    }
}

fn joined<T: fmt::Display>(f: &mut fmt::Formatter<'_>, items: &[T]) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        f.write_str(if index == 0 { "" } else { "," })?;
        item.fmt(f)?;
    }
    Ok(())
}

spelled! {
    /// Whether something is so.
    YesNo as "filter" {
        /// It is.
        Yes = "yes",
        /// It is not.
        No = "no",
    }
}

impl From<bool> for YesNo {
    fn from(value: bool) -> Self {
        if value { Self::Yes } else { Self::No }
    }
}

/// Something of a kind, or expressly nothing: spelled `none`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrNone<T> {
    /// Nothing.
    Nothing,
    /// This.
    This(T),
}

impl<T: Copy> OrNone<T> {
    /// This, if it is not nothing.
    pub const fn this(&self) -> Option<T> {
        match *self {
            Self::Nothing => None,
            Self::This(this) => Some(this),
        }
    }
}

impl<T> From<Option<T>> for OrNone<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, Self::This)
    }
}

impl<T: FromStr> FromStr for OrNone<T> {
    type Err = T::Err;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "none" { Ok(Self::Nothing) } else { text.parse().map(Self::This) }
    }
}

impl<T: fmt::Display> fmt::Display for OrNone<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("none"),
            Self::This(this) => this.fmt(f),
        }
    }
}

/// From one value to another, both included; at least one of them is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Between<T> {
    /// The least.
    pub from: Option<T>,
    /// The most.
    pub to: Option<T>,
}

impl<T: PartialOrd> Between<T> {
    /// Whether the filter lets this through.
    pub fn holds(&self, value: &T) -> bool {
        self.from.as_ref().is_none_or(|from| from <= value) && self.to.as_ref().is_none_or(|to| value <= to)
    }
}

impl<T: FromStr<Err = Invalid> + PartialOrd + Clone> FromStr for Between<T> {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let end = |text: &str| Some(text.trim()).filter(|text| !text.is_empty()).map(str::parse).transpose();
        let (from, to): (Option<T>, Option<T>) = match text.split_once("..") {
            Some((from, to)) => (end(from)?, end(to)?),
            None => (end(text)?, end(text)?),
        };
        match (&from, &to) {
            (None, None) => Err(Invalid::new("filter", "Give a range, as in `10..20`, `10..` or `..10`.")),
            (Some(from), Some(to)) if from > to => {
                Err(Invalid::new("filter", "The range ends before it begins: turn it round."))
            }
            _ => Ok(Self { from, to }),
        }
    }
}

impl<T: fmt::Display> fmt::Display for Between<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = |end: &Option<T>| end.as_ref().map(T::to_string).unwrap_or_default();
        write!(f, "{}..{}", end(&self.from), end(&self.to))
    }
}

/// A count of units that is never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Count(pub u32);

impl FromStr for Count {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self).map_err(|_| Invalid::new("filter", "Give a whole number, as in `100..`."))
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A share, in millionths; spelled in percent, with up to four decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(pub u32);

impl Share {
    /// `part` of `whole`; nothing of nothing is nothing.
    pub const fn of(part: u64, whole: u64) -> Self {
        match (part as u128 * 1_000_000).checked_div(whole as u128) {
            Some(share) if share <= u32::MAX as u128 => Self(share as u32),
            Some(_) => Self(u32::MAX),
            None => Self(0),
        }
    }
}

impl FromStr for Share {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || Invalid::new("filter", "Give a share in percent, as in `5..` or `0.5..`.");
        let (whole, decimals) = text.trim_end_matches('%').split_once('.').unwrap_or((text.trim_end_matches('%'), ""));
        if decimals.len() > 4 || !decimals.bytes().all(|b| b.is_ascii_digit()) {
            return Err(bad());
        }
        let whole: u32 = whole.parse().ok().filter(|whole| *whole <= 100).ok_or_else(bad)?;
        let decimals: u32 = format!("{decimals:0<4}").parse().map_err(|_| bad())?;
        Ok(Self(whole * 10_000 + decimals))
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = format!("{:04}", self.0 % 10_000);
        match decimals.trim_end_matches('0') {
            "" => write!(f, "{}", self.0 / 10_000),
            decimals => write!(f, "{}.{decimals}", self.0 / 10_000),
        }
    }
}

/// How long ago, or how far ahead: a number of hours, days or weeks, as in `12h`, `90d`, `2w`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Age {
    number: u32,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Hours,
    Days,
    Weeks,
}

impl Age {
    /// So many days.
    pub const fn days(number: u32) -> Self {
        Self { number, unit: Unit::Days }
    }

    const fn micros(self) -> i64 {
        let hours = match self.unit {
            Unit::Hours => 1,
            Unit::Days => 24,
            Unit::Weeks => 7 * 24,
        };
        self.number as i64 * hours * 3_600_000_000
    }
}

impl PartialOrd for Age {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.micros().cmp(&other.micros()))
    }
}

impl FromStr for Age {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || Invalid::new("filter", "Give a time as in `90d..`, `..12h`, `2w..` or `2026-01-31..`.");
        let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(bad)?;
        let unit = match unit {
            "h" => Unit::Hours,
            "d" => Unit::Days,
            "w" => Unit::Weeks,
            _ => return Err(bad()),
        };
        let number = number.parse().ok().filter(|number| *number <= 100_000).ok_or_else(bad)?;
        Ok(Self { number, unit })
    }
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Hours => 'h',
            Unit::Days => 'd',
            Unit::Weeks => 'w',
        };
        write!(f, "{}{unit}", self.number)
    }
}

/// When something was, or will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// At no time.
    Never,
    /// So far from now.
    Ages(Between<Age>),
    /// Between two instants.
    Dates(Between<Timestamp>),
}

impl When {
    /// The instants that are meant of something past, seen from `now`; none for never.
    pub fn ago(&self, now: Timestamp) -> Option<Between<Timestamp>> {
        let before = |age: Age| Timestamp::from_micros(now.micros().saturating_sub(age.micros()));
        match self {
            Self::Never => None,
            Self::Ages(ages) => Some(Between { from: ages.to.map(before), to: ages.from.map(before) }),
            Self::Dates(dates) => Some(*dates),
        }
    }

    /// The instants that are meant of something to come, seen from `now`; none for never.
    pub fn ahead(&self, now: Timestamp) -> Option<Between<Timestamp>> {
        let after = |age: Age| Timestamp::from_micros(now.micros().saturating_add(age.micros()));
        match self {
            Self::Never => None,
            Self::Ages(ages) => Some(Between { from: Some(ages.from.map_or(now, after)), to: ages.to.map(after) }),
            Self::Dates(dates) => Some(*dates),
        }
    }
}

impl FromStr for When {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "never" {
            return Ok(Self::Never);
        }
        let ages = text.parse().map(Self::Ages);
        ages.or_else(|bad| text.parse().map(Self::Dates).map_err(|_| bad))
    }
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("never"),
            Self::Ages(ages) => ages.fmt(f),
            Self::Dates(dates) => dates.fmt(f),
        }
    }
}

/// A label that must be there, with this value or with any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelled {
    /// Its name.
    pub name: String,
    /// Its value; any when absent.
    pub value: Option<String>,
}

/// Labels of which every one must be there. In values, `\` stands before a comma or another `\`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllLabels(pub Vec<Labelled>);

impl FromStr for AllLabels {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let labels = unescaped_parts(text).into_iter().filter(|part| !part.trim().is_empty()).map(|part| {
            let (name, value) = match part.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (part.as_str(), None),
            };
            match name.trim() {
                "" => Err(Invalid::new("label", "Give a label as `name` or `name=value`.")),
                name => Ok(Labelled { name: name.to_owned(), value }),
            }
        });
        let labels: Vec<Labelled> = labels.collect::<Result<_, _>>()?;
        match labels.len() {
            1..=32 => Ok(Self(labels)),
            _ => Err(Invalid::new("label", "Give 1 to 32 labels, as in `team=checkout,region`.")),
        }
    }
}

/// The parts between commas that have no `\` before them.
fn unescaped_parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let c = match c {
            ',' => {
                parts.push(String::new());
                continue;
            }
            '\\' => chars.next().unwrap_or('\\'),
            c => c,
        };
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts
}

impl fmt::Display for AllLabels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        joined(f, &self.0)
    }
}

impl fmt::Display for Labelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match &self.value {
            Some(value) => write!(f, "={}", value.replace('\\', "\\\\").replace(',', "\\,")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn again<T: FromStr<Err = Invalid> + fmt::Display + PartialEq + fmt::Debug>(text: &str) -> T {
        let value: T = text.parse().unwrap();
        assert_eq!(value.to_string().parse::<T>().unwrap(), value, "{text}");
        value
    }

    #[test]
    fn words_are_any_of_or_none_of() {
        let any: OneOf<Count> = again(" 1, 2,,");
        assert!(any.holds(&Count(2)) && !any.holds(&Count(3)));
        let none: OneOf<Count> = again("!1,2");
        assert!(!none.holds(&Count(2)) && none.holds(&Count(3)));
        assert!("!".parse::<OneOf<Count>>().is_err() && "x".parse::<OneOf<Count>>().is_err());
    }

    #[test]
    fn ranges_include_their_ends() {
        let range: Between<Count> = again("10..20");
        assert!(range.holds(&Count(10)) && range.holds(&Count(20)) && !range.holds(&Count(21)));
        assert_eq!("7".parse(), Ok(Between { from: Some(Count(7)), to: Some(Count(7)) }));
        for bad in ["", "..", "20..10", "a..", "1...2"] {
            assert!(bad.parse::<Between<Count>>().is_err(), "{bad}");
        }
    }

    #[test]
    fn shares_are_in_percent() {
        assert_eq!("0.5".parse(), Ok(Share(5_000)));
        assert_eq!("12.3456%".parse(), Ok(Share(123_456)));
        assert_eq!((Share(5_000).to_string(), Share(1_000_000).to_string()), ("0.5".into(), "100".into()));
        assert_eq!((Share::of(1, 3), Share::of(0, 0)), (Share(333_333), Share(0)));
        for bad in ["", "-1", "101", "1.23456", "1.x", "%"] {
            assert!(bad.parse::<Share>().is_err(), "{bad}");
        }
    }

    #[test]
    fn times_are_ages_dates_or_never() {
        let now: Timestamp = "2026-06-10T00:00:00Z".parse().unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let long_ago = again::<When>("9d..").ago(now).unwrap();
        assert_eq!((long_ago.from, long_ago.to), (None, Some(at("2026-06-01"))));
        let lately = again::<When>("..1w").ago(now).unwrap();
        assert_eq!((lately.from, lately.to), (Some(at("2026-06-03")), None));
        let soon = again::<When>("..2d").ahead(now).unwrap();
        assert_eq!((soon.from, soon.to), (Some(now), Some(at("2026-06-12"))));
        let dates = again::<When>("2026-01-01T00:00:00.5Z..2026-02-01").ago(now).unwrap();
        assert_eq!((dates.from, dates.to), (Some(at("2026-01-01T00:00:00.5Z")), Some(at("2026-02-01"))));
        assert_eq!(again::<When>("never").ago(now), None);
        for bad in ["", "soon", "9", "9x", "-3d..", "4w..3d", "..", "é.."] {
            assert!(bad.parse::<When>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn labels_round_trip(labels in prop::collection::vec(("[a-z][a-z0-9._-]{0,8}", prop::option::of(".{0,10}")), 1..5)) {
            let labels = AllLabels(labels.into_iter().map(|(name, value)| Labelled { name, value }).collect());
            prop_assert_eq!(labels.to_string().parse::<AllLabels>().unwrap(), labels);
        }

        #[test]
        fn no_text_makes_a_filter_panic(text in ".{0,40}") {
            let _ = (text.parse::<OneOf<Count>>(), text.parse::<Between<Share>>(), text.parse::<When>(), text.parse::<AllLabels>());
        }
    }
}
