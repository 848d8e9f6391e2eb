use std::{fmt, str::FromStr};

use crate::{Invalid, text::line};

const LONGEST: usize = 200;

/// Names of models: one name, or many where `*` stands for any text, slashes and nothing included.
///
/// Upper and lower case are told apart, as they are in models' names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ModelPattern(String);

impl ModelPattern {
    /// The pattern as it was accepted.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is one of the names. Takes time linear in both lengths, and no memory.
    pub fn matches(&self, name: &str) -> bool {
        let Some((first, rest)) = self.0.split_once('*') else { return self.0 == name };
        let Some(mut left) = name.strip_prefix(first) else { return false };
        // Each part between two stars may stand where it is found first: what is left is longest then.
        let (between, last) = rest.rsplit_once('*').unwrap_or(("", rest));
        for part in between.split('*') {
            let Some(at) = left.find(part) else { return false };
            left = &left[at + part.len()..];
        }
        left.ends_with(last)
    }
}

impl FromStr for ModelPattern {
    type Err = Invalid;

    fn from_str(raw: &str) -> Result<Self, Self::Err> {
        let pattern = line("model", raw, LONGEST).map_err(|wrong| Invalid::new("models", wrong.message))?;
        Ok(Self(pattern))
    }
}

impl TryFrom<String> for ModelPattern {
    type Error = Invalid;
    fn try_from(raw: String) -> Result<Self, Self::Error> {
        raw.parse()
    }
}

impl From<ModelPattern> for String {
    fn from(pattern: ModelPattern) -> Self {
        pattern.0
    }
}

impl fmt::Display for ModelPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(pattern: &str, name: &str) -> bool {
        pattern.parse::<ModelPattern>().unwrap().matches(name)
    }

    /// What a star means, said as plainly as can be.
    fn plainly(pattern: &[char], name: &[char]) -> bool {
        match (pattern, name) {
            ([], []) => true,
            (['*', rest @ ..], _) if plainly(rest, name) => true,
            (['*', ..], [_, left @ ..]) => plainly(pattern, left),
            ([p, rest @ ..], [n, left @ ..]) if p == n => plainly(rest, left),
            _ => false,
        }
    }

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, name) in [
            ("gpt-4o", "gpt-4o"),
            ("gpt-4o*", "gpt-4o"),
            ("gpt-4o*", "gpt-4o-mini"),
            ("sandbox/*", "sandbox/a/b"),
            ("*", "anything"),
            ("**", "anything"),
            ("*-mini", "gpt-4o-mini-mini"),
            ("a*b*c", "abbc"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("gpt-4o", "gpt-4o-mini"),
            ("gpt-4o", "GPT-4o"),
            ("*gpt-4o", "gpt-4o-mini"),
            ("aba*ba", "aba"),
            ("ab*ba", "aba"),
            ("a*b*c", "acb"),
            ("gpt.4o", "gpt-4o"),
        ] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn hostile_patterns_take_no_time() {
        let (pattern, name) = ("*a".repeat(100), format!("{}b", "a".repeat(1_000_000)));
        assert!(!matches(&pattern, &name));
    }

    #[test]
    fn a_pattern_is_one_line_of_bounded_length() {
        for bad in ["", "  ", "a\nb", "a\u{200B}", &"x".repeat(201)] {
            assert_eq!(bad.parse::<ModelPattern>().unwrap_err().field, "models", "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn means_what_it_plainly_means(pattern in "[ab*é]{1,8}", name in "[abé]{0,10}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(matches(&pattern, &name), plainly(&chars(&pattern), &chars(&name)));
        }

        /// What is cut out of a name is found again.
        #[test]
        fn holds_every_name_it_is_made_from(name in "[a-c/.-]{1,20}", from in 0usize..20, to in 0usize..20) {
            let (from, to) = (from.min(to).min(name.len()), from.max(to).min(name.len()));
            let pattern = format!("{}*{}", &name[..from], &name[to..]);
            prop_assert!(matches(&pattern, &name));
        }
    }
}
