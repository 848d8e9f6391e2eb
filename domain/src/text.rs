//! Shared rules for short pieces of text that people type.

use crate::Invalid;

/// `text` without regard to case, the same wherever it stands in a longer text: what is searched in, and
/// what lists are ordered by.
///
/// Up and then down, so that letters with several forms meet in one: `ß` and `SS`, `ς` and `σ`.
pub fn folded(text: &str) -> String {
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// Trims `raw` and accepts it when it is 1 to `max` characters long without control characters.
///
/// Direction overrides and other invisible format characters are refused as well: they let one
/// name pass for another in a list.
pub(crate) fn line(field: &'static str, raw: &str, max: usize) -> Result<String, Invalid> {
    let text = raw.trim();
    if text.is_empty() {
        return Err(Invalid::new(field, format!("Enter a {field}.")));
    }
    if text.chars().count() > max {
        return Err(Invalid::new(field, format!("Use at most {max} characters.")));
    }
    if text.chars().any(|c| c.is_control() || is_invisible(c)) {
        return Err(Invalid::new(field, "Remove the line breaks and invisible characters."));
    }
    Ok(text.to_owned())
}

/// Whether it takes no room, or turns the direction of what is around it.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// Declares a newtype over `String` that can only be made by parsing one line of text.
macro_rules! line_type {
    ($(#[$doc:meta])* $name:ident, $field:literal, $max:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text as it was accepted.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::Invalid;
            fn from_str(raw: &str) -> Result<Self, Self::Err> {
                $crate::text::line($field, raw, $max).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::Invalid;
            fn try_from(raw: String) -> Result<Self, Self::Error> {
                raw.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}
pub(crate) use line_type;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trims_and_keeps_unicode() {
        assert_eq!(line("name", "  Öl & Gas ", 20).unwrap(), "Öl & Gas");
    }

    #[test]
    fn refuses_what_would_deceive_or_break_a_list() {
        for bad in ["", "   ", "a\nb", "a\u{202E}b", "a\u{200B}b", "123456"] {
            assert!(line("name", bad, 5).is_err(), "{bad:?}");
        }
    }
}
