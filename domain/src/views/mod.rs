//! Saved views: a list's filters, order and columns, under a name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Invalid, ViewId,
    keys::{KeyQuery, SortQuery},
};

spelled! {
    /// A list that has views.
    List as "list" {
        /// API keys.
        Keys = "keys",
    }
}

crate::text::line_type! {
    /// How a view is called.
    ViewName, "name", 60
}

/// The query parameters of a list, as in its address: filters, `sort`, `columns`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Parameters(pub BTreeMap<String, String>);

impl Parameters {
    /// The names and values, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Parameters {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

/// How many views one person may save for a list.
pub const MOST: usize = 100;

/// A view as the portal and the management API show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedView {
    /// The view.
    pub id: ViewId,
    /// Of which list.
    pub list: List,
    /// How it is called.
    pub name: ViewName,
    /// The list's query parameters.
    pub query: Parameters,
    /// Whether all of the organization see it.
    pub shared: bool,
    /// Whether it comes with Turnpike, and so can't be changed.
    pub ready_made: bool,
    /// Whether you may change it.
    pub manageable: bool,
    /// Whether the list opens with it for you.
    pub default: bool,
}

/// What to save.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewView {
    /// Of which list.
    pub list: List,
    /// How it is called.
    pub name: ViewName,
    /// The list's query parameters, e.g. `{"status": "active", "sort": "-cost"}`.
    pub query: Parameters,
    /// Whether all of the organization see it.
    #[serde(default)]
    pub shared: bool,
}

/// What to change. Absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ViewChanges {
    /// A new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<ViewName>,
    /// Other parameters, in place of all there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<Parameters>,
    /// Whether all of the organization see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<bool>,
    /// Where it stands among the others that can be changed, the first being 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
    /// Whether the list opens with it for you.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<bool>,
}

/// Which views to list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
pub struct ViewQuery {
    /// Of which list.
    pub list: List,
}

/// How many rows a view shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ViewCount {
    /// The view.
    pub id: ViewId,
    /// Its rows.
    pub matching: u64,
}

/// A view that comes with the program.
#[derive(Debug, Clone, Copy)]
pub struct ReadyMade {
    /// Always the same.
    pub id: ViewId,
    /// Of which list.
    pub list: List,
    /// How it is called.
    pub name: &'static str,
    /// The list's query parameters.
    pub query: &'static [(&'static str, &'static str)],
}

const fn ready_made(number: u128, name: &'static str, query: &'static [(&'static str, &'static str)]) -> ReadyMade {
    ReadyMade { id: ViewId::from_uuid(Uuid::from_u128(number)), list: List::Keys, name, query }
}

/// What most people look for first.
pub const READY_MADE: [ReadyMade; 4] = [
    ready_made(1, "Unused for 90 days", &[("last_used", "90d.."), ("sort", "last_used"), ("status", "active")]),
    ready_made(2, "Expiring in 14 days", &[("expires", "..14d"), ("sort", "expires"), ("status", "active")]),
    ready_made(3, "Top spenders", &[("calls", "1.."), ("sort", "-cost")]),
    ready_made(4, "Rotation due", &[("rotation", "due"), ("sort", "created")]),
];

/// The filters of keys in a view's parameters.
///
/// # Errors
/// When a name is no parameter of the list, or a value is none of its parameter's.
pub fn key_query(parameters: &Parameters) -> Result<KeyQuery, Invalid> {
    let query = KeyQuery::read(parameters.iter().filter(|(name, _)| !matches!(*name, "sort" | "columns")))?;
    query.filter()?;
    SortQuery { sort: parameters.get("sort").map(str::to_owned) }.of_keys()?;
    let columns = parameters.get("columns").unwrap_or("");
    match columns.bytes().all(|b| b.is_ascii_lowercase() || b == b',' || b == b'_') && columns.len() < 500 {
        true => Ok(query),
        false => Err(Invalid::new("columns", "Give the columns by their names, with commas between them.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_along_is_understood() {
        for view in READY_MADE {
            key_query(&view.query.iter().copied().collect()).unwrap();
            view.name.parse::<ViewName>().unwrap();
        }
    }

    #[test]
    fn parameters_of_other_lists_are_refused() {
        let query = |name: &str, value: &str| key_query(&[(name, value)].into_iter().collect());
        assert!(query("status", "active").is_ok() && query("columns", "name,cost").is_ok());
        for (name, value) in [("connection", "x"), ("status", "gone"), ("sort", "size"), ("columns", "<b>")] {
            assert!(query(name, value).is_err(), "{name}={value}");
        }
    }
}
