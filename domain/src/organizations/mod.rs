//! Organizations: the tenants.

use crate::Invalid;

crate::text::line_type! {
    /// How an organization is called.
    OrganizationName, "name", 100
}

/// An IANA time zone such as `Europe/Berlin`, in which calendar periods begin and end.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TimeZone(String);

impl TimeZone {
    /// UTC, until someone chooses.
    pub fn utc() -> Self {
        Self("UTC".to_owned())
    }

    /// The zone's name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for TimeZone {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match jiff::tz::TimeZone::get(text) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(_) => Err(Invalid::new("time_zone", "Give an IANA time zone, as in Europe/Berlin.")),
        }
    }
}
