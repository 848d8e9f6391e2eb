use std::sync::Arc;

use super::span::{Span, Spans};

/// Names of values that are none themselves: of an id, what it is the id of.
pub type Names = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Something that a table can be filtered by. Its filter is one query parameter of that name.
#[derive(Clone, Copy, Debug)]
pub struct FilterField {
    /// The query parameter.
    pub name: &'static str,
    /// The field, in words.
    pub label: &'static str,
    /// What its values are.
    pub kind: FilterKind,
}

/// What a field's values are, and so how a filter on it is written.
#[derive(Clone, Copy, Debug)]
pub enum FilterKind {
    /// Some of these words, each with how it is shown: `active,disabled`, or none of them: `!revoked`.
    Words(&'static [(&'static str, &'static str)]),
    /// Some values that the server function at this path suggests: it has the arguments `field` and `q` and
    /// answers with [`Suggestion`](crate::ui::Suggestion)s. Written as words are.
    Values(&'static str),
    /// A number with this unit before it: `10..`, `..10` or `10..20`.
    Number(&'static str),
    /// A time in the past, as how long ago it is: `90d..`, `..7d`, or `never` where there is a word for it.
    Since(Option<&'static str>),
    /// A time to come, as how far ahead it is: `..14d`, or `never` where there is a word for it.
    Until(Option<&'static str>),
    /// Labels that must all be there, suggested as values are: `team=checkout,production`.
    Labels(&'static str),
}

impl FilterField {
    /// A filter in words: its operator and its value.
    pub(super) fn in_words(&self, value: &str, named: Option<&Names>) -> (&'static str, String) {
        let raw = || ("is", value.to_owned());
        match self.kind {
            FilterKind::Words(words) => {
                let shown =
                    |value: &str| words.iter().find(|(word, _)| *word == value).map(|(_, shown)| (*shown).to_owned());
                listed(value, shown)
            }
            FilterKind::Values(_) => listed(value, |value| named.and_then(|named| named(value))),
            FilterKind::Labels(_) => ("has", value.replace(',', ", ")),
            FilterKind::Number(unit) => match Span::read(value) {
                Some(Span { from, to }) => {
                    spanned(from.map(|from| format!("{unit}{from}")), to.map(|to| format!("{unit}{to}")))
                }
                None => raw(),
            },
            FilterKind::Since(never) => aged(value, never, ["more than", "within"], " ago").unwrap_or_else(raw),
            FilterKind::Until(never) => aged(value, never, ["in more than", "within"], "").unwrap_or_else(raw),
        }
    }
}

/// Words with commas between them, and whether they are those that must not be.
pub(super) fn split(value: &str) -> (bool, Vec<String>) {
    let (none_of, words) = value.strip_prefix('!').map_or((false, value), |words| (true, words));
    (none_of, words.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect())
}

/// The opposite of [`split`]; `None` for no words, which filter nothing.
pub(super) fn join(none_of: bool, words: &[String]) -> Option<String> {
    (!words.is_empty()).then(|| format!("{}{}", if none_of { "!" } else { "" }, words.join(",")))
}

fn listed(value: &str, shown: impl Fn(&str) -> Option<String>) -> (&'static str, String) {
    let (none_of, words) = split(value);
    let operator = match (none_of, words.len()) {
        (false, ..2) => "is",
        (true, ..2) => "is not",
        (false, _) => "is any of",
        (true, _) => "is none of",
    };
    let words: Vec<String> = words.into_iter().map(|word| shown(&word).unwrap_or(word)).collect();
    (operator, words.join(", "))
}

fn spanned(from: Option<String>, to: Option<String>) -> (&'static str, String) {
    match (from, to) {
        (Some(from), Some(to)) => ("is between", format!("{from} and {to}")),
        (Some(from), None) => ("is at least", from),
        (None, Some(to)) => ("is at most", to),
        (None, None) => ("is", String::new()),
    }
}

/// An age in words: beyond or within, and how long.
fn aged(
    value: &str,
    never: Option<&'static str>,
    [beyond, within]: [&'static str; 2],
    ago: &str,
) -> Option<(&'static str, String)> {
    if value == "never" {
        return Some(("is", never.unwrap_or("never").to_owned()));
    }
    match Spans::read(value)? {
        Spans::Beyond(long) => Some((beyond, format!("{long}{ago}"))),
        Spans::Within(long) => Some((within, long.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: FilterKind = FilterKind::Words(&[("active", "Active"), ("revoked", "Revoked")]);

    fn words(kind: FilterKind, value: &str) -> String {
        let named: Names = Arc::new(|id| (id == "usr_1").then(|| "Mara König".to_owned()));
        let (operator, value) = FilterField { name: "f", label: "F", kind }.in_words(value, Some(&named));
        format!("{operator} {value}")
    }

    #[test]
    fn words_and_values() {
        assert_eq!(words(STATUS, "active"), "is Active");
        assert_eq!(words(STATUS, "!revoked"), "is not Revoked");
        assert_eq!(words(STATUS, "active,revoked"), "is any of Active, Revoked");
        assert_eq!(words(STATUS, "!active,other"), "is none of Active, other");
        assert_eq!(words(FilterKind::Values("/fn/x"), "usr_1,usr_2"), "is any of Mara König, usr_2");
        assert_eq!(words(FilterKind::Labels("/fn/x"), "team=checkout,prod"), "has team=checkout, prod");
    }

    #[test]
    fn numbers_and_ages() {
        assert_eq!(words(FilterKind::Number("$"), "10.."), "is at least $10");
        assert_eq!(words(FilterKind::Number(""), "..20"), "is at most 20");
        assert_eq!(words(FilterKind::Number(""), "1..2.5"), "is between 1 and 2.5");
        assert_eq!(words(FilterKind::Since(None), "90d.."), "more than 90 days ago");
        assert_eq!(words(FilterKind::Since(Some("never used")), "never"), "is never used");
        assert_eq!(words(FilterKind::Since(None), "..1h"), "within 1 hour");
        assert_eq!(words(FilterKind::Until(None), "..2w"), "within 2 weeks");
        assert_eq!(words(FilterKind::Since(None), "soon"), "is soon");
    }

    #[test]
    fn words_come_back_as_they_were() {
        for value in ["a", "!a", "a,b", "!a,b"] {
            let (none_of, words) = split(value);
            assert_eq!(join(none_of, &words).as_deref(), Some(value));
        }
        assert_eq!(join(true, &[]), None);
    }
}
