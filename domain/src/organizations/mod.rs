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

    /// The zones that people are offered: one a region's city, and UTC first. Other names of the
    /// same zones are accepted too.
    pub fn offered() -> Vec<String> {
        const REGIONS: &[&str] = &[
            "Africa/",
            "America/",
            "Antarctica/",
            "Arctic/",
            "Asia/",
            "Atlantic/",
            "Australia/",
            "Europe/",
            "Indian/",
            "Pacific/",
        ];
        let names = jiff::tz::db().available().map(|name| name.as_str().to_owned());
        let cities = names.filter(|name| REGIONS.iter().any(|region| name.starts_with(region)));
        std::iter::once("UTC".to_owned()).chain(cities).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_is_accepted() {
        let offered = TimeZone::offered();
        assert_eq!(offered[0], "UTC");
        assert!(offered.iter().any(|zone| zone == "Asia/Kathmandu"));
        assert!(offered.iter().all(|zone| zone.parse::<TimeZone>().is_ok()));
    }
}
