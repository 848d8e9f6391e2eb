use std::{fmt, str::FromStr};

use crate::{Invalid, text::is_invisible};

const LONGEST: usize = 500;

/// What a key is for, in its people's words: up to 500 characters on several lines, or nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyDescription(String);

impl KeyDescription {
    /// The text as it was accepted.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromStr for KeyDescription {
    type Err = Invalid;

    fn from_str(raw: &str) -> Result<Self, Self::Err> {
        // A form ends its lines as HTTP does.
        let text = raw.trim().replace("\r\n", "\n");
        if text.chars().count() > LONGEST {
            return Err(Invalid::new("description", "Use at most 500 characters."));
        }
        if text.chars().any(|c| (c.is_control() && c != '\n') || is_invisible(c)) {
            return Err(Invalid::new("description", "Remove the control and invisible characters."));
        }
        Ok(Self(text))
    }
}

impl TryFrom<String> for KeyDescription {
    type Error = Invalid;
    fn try_from(raw: String) -> Result<Self, Self::Error> {
        raw.parse()
    }
}

impl From<KeyDescription> for String {
    fn from(description: KeyDescription) -> Self {
        description.0
    }
}

impl fmt::Display for KeyDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn may_have_lines_and_be_empty_but_deceive_nobody() {
        let text = |raw: &str| raw.parse::<KeyDescription>().map(String::from).map_err(|invalid| invalid.field);
        assert_eq!(text("  For the shop.\r\nAsk Mara. \n"), Ok("For the shop.\nAsk Mara.".to_owned()));
        assert_eq!(text(" "), Ok(String::new()));
        assert!(text(&"ö".repeat(500)).is_ok());
        for bad in ["a\u{202E}b", "a\0b", "a\tb", &"x".repeat(501)] {
            assert_eq!(text(bad), Err("description"), "{bad:?}");
        }
    }
}
