use std::fmt::{self, Display, Formatter};

/// A range of numbers as they were written; an end that is missing is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
}

impl Span {
    /// Reads `10..`, `..10` or `10..20`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (from, to) = text.split_once("..")?;
        let end = |end: &str| match end.trim() {
            "" => Some(None),
            number => is_number(number).then(|| Some(number.to_owned())),
        };
        Some(Self { from: end(from)?, to: end(to)? })
    }

    /// The opposite; `None` where both ends are open, which filters nothing.
    pub(super) fn write(&self) -> Option<String> {
        let end = |end: &Option<String>| end.clone().unwrap_or_default();
        (*self != Self::default()).then(|| format!("{}..{}", end(&self.from), end(&self.to)))
    }
}

/// Whether this is a decimal number without a sign.
pub(super) fn is_number(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    [whole, fraction].iter().all(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// How far away a time is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Long {
    pub(super) count: u32,
    /// `h`, `d` or `w`.
    pub(super) unit: char,
}

impl Long {
    fn read(text: &str) -> Option<Self> {
        let unit = text.chars().last().filter(|unit| "hdw".contains(*unit))?;
        let count = text.strip_suffix(unit)?.parse().ok()?;
        Some(Self { count, unit })
    }
}

impl Display for Long {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            'h' => "hour",
            'w' => "week",
            _ => "day",
        };
        write!(f, "{} {unit}{}", self.count, if self.count == 1 { "" } else { "s" })
    }
}

/// Which times are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spans {
    /// Those that are at least so far away: `90d..`.
    Beyond(Long),
    /// Those that are at most so far away: `..7d`.
    Within(Long),
}

impl Spans {
    /// Reads it.
    pub(super) fn read(text: &str) -> Option<Self> {
        match text.split_once("..")? {
            (long, "") => Long::read(long).map(Self::Beyond),
            ("", long) => Long::read(long).map(Self::Within),
            _ => None,
        }
    }

    /// The opposite.
    pub(super) fn write(self) -> String {
        match self {
            Self::Beyond(Long { count, unit }) => format!("{count}{unit}.."),
            Self::Within(Long { count, unit }) => format!("..{count}{unit}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_the_same() {
        for text in ["10..", "..0.5", "1..20"] {
            assert_eq!(Span::read(text).and_then(|span| span.write()).as_deref(), Some(text));
        }
        for text in ["90d..", "..7d", "..24h", "2w.."] {
            assert_eq!(Spans::read(text).map(Spans::write).as_deref(), Some(text));
        }
    }

    #[test]
    fn nonsense_is_nothing() {
        for text in ["10", "a..b", "-1..", "1.2.3..", ".5.."] {
            assert_eq!(Span::read(text), None, "{text}");
        }
        assert_eq!(Span::read("..").and_then(|span| span.write()), None);
        for text in ["7d", "..", "..7", "..7y", "1d..2d", "..-1d"] {
            assert_eq!(Spans::read(text), None, "{text}");
        }
    }
}
