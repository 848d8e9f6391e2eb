use std::collections::BTreeMap;

use crate::Invalid;

const MOST: usize = 32;
const LONGEST: usize = 63;

/// Names and values that an organization puts on keys, e.g. `service=checkout`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "BTreeMap<String, String>", into = "BTreeMap<String, String>")]
pub struct Labels(BTreeMap<String, String>);

impl Labels {
    /// The labels in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl TryFrom<BTreeMap<String, String>> for Labels {
    type Error = Invalid;

    /// Accepts at most 32 labels; names of 1–63 characters from `a-z 0-9 . _ -`, values of up to
    /// 63 characters without control characters.
    fn try_from(labels: BTreeMap<String, String>) -> Result<Self, Self::Error> {
        if labels.len() > MOST {
            return Err(Invalid::new("labels", "Use at most 32 labels."));
        }
        for (name, value) in &labels {
            let name_ok = (1..=LONGEST).contains(&name.len())
                && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b));
            if !name_ok {
                return Err(Invalid::new(
                    "labels",
                    "Label names are up to 63 characters from a–z, 0–9, '.', '_' and '-'.",
                ));
            }
            if value.chars().count() > LONGEST || value.chars().any(char::is_control) {
                return Err(Invalid::new("labels", "Label values are up to 63 characters on one line."));
            }
        }
        Ok(Self(labels))
    }
}

impl From<Labels> for BTreeMap<String, String> {
    fn from(labels: Labels) -> Self {
        labels.0
    }
}
