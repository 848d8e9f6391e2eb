use std::{fmt, str::FromStr};

use crate::Invalid;

/// Whether something is for trying out or for real.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// For trying out.
    Test,
    /// For real.
    Live,
}

impl Environment {
    /// Both.
    pub const ALL: &'static [Self] = &[Self::Test, Self::Live];

    /// The spelling in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Live => "live",
        }
    }

    /// What a key made for this environment starts with. It helps people; the environment that
    /// counts is the row's.
    pub const fn key_prefix(self) -> &'static str {
        match self {
            Self::Test => "tpk_test_",
            Self::Live => "tpk_live_",
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Environment {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "test" => Ok(Self::Test),
            "live" => Ok(Self::Live),
            _ => Err(Invalid::new("environment", "The environments are test and live.")),
        }
    }
}
