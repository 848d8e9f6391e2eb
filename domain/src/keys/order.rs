//! In what order a list shows keys, and where its pages end.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::filter::read;
use crate::{Invalid, KeyId};

spelled! {
    /// What keys can be ordered by.
    KeyColumn as "sort" {
        /// How they are called.
        Name = "name",
        /// Where they are in their lives.
        Status = "status",
        /// For trying out or for real.
        Environment = "environment",
        /// When they were made.
        Created = "created",
        /// When they were last used; those that never were come before all others.
        LastUsed = "last_used",
        /// When they end; those that never do come after all others.
        Expires = "expires",
        /// Their calls in the last 30 days.
        Calls = "calls",
        /// What these cost.
        Cost = "cost",
        /// How many of these failed.
        Errors = "errors",
        /// What their owners are called; those of nobody come after all others, whichever comes first.
        Owner = "owner",
        /// What their teams are called; those of no team come after all others.
        Team = "team",
        /// What their templates are called; those by none come after all others.
        Template = "template",
    }
}

/// What a list of keys is ordered by that is called something of its own: a list goes through one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyGroup {
    /// Who answers for it.
    Owner,
    /// Which team's it is.
    Team,
    /// The template that it is by.
    Template,
}

/// The order of a list of keys: `name`, or `-cost` for the largest first. Equal ones follow in the order in
/// which they were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeySort {
    /// By what.
    pub column: KeyColumn,
    /// Whether the largest comes first.
    pub descending: bool,
}

/// The identity of an owner, a team or a template.
pub type GroupId = Uuid;

impl Default for KeySort {
    fn default() -> Self {
        Self { column: KeyColumn::Created, descending: true }
    }
}

impl FromStr for KeySort {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (column, descending) = match text.strip_prefix('-') {
            Some(column) => (column, true),
            None => (text, false),
        };
        Ok(Self { column: column.parse()?, descending })
    }
}

impl fmt::Display for KeySort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.descending { "-" } else { "" })?;
        self.column.fmt(f)
    }
}

/// How a list is ordered, as in an address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
pub struct SortQuery {
    /// `name`, `status`, `environment`, `owner`, `team`, `template`, `created`, `last_used`, `expires`, `calls`,
    /// `cost` or `errors`; with `-` before it the largest come first. `-created` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
}

impl SortQuery {
    /// The order that is asked for.
    ///
    /// # Errors
    /// When it is none.
    pub fn of_keys(&self) -> Result<KeySort, Invalid> {
        Ok(read("sort", &self.sort)?.unwrap_or_default())
    }
}

impl KeyColumn {
    /// Whether what it orders by is a text, as opposed to a number.
    const fn is_text(self) -> bool {
        matches!(self, Self::Name | Self::Status | Self::Environment)
    }

    /// What it groups keys by, if it does.
    pub const fn group(self) -> Option<KeyGroup> {
        match self {
            Self::Owner => Some(KeyGroup::Owner),
            Self::Team => Some(KeyGroup::Team),
            Self::Template => Some(KeyGroup::Template),
            _ => None,
        }
    }
}

/// What a key has in the column by which a list is ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ordinal {
    /// Nothing beside its identity, which says when it was made.
    Made,
    /// A number.
    Number(i64),
    /// A text.
    Text(String),
    /// The owner, team or template that it is of, or none.
    Group(Option<GroupId>),
}

/// Where a page of keys ended: the last key, and what it was ordered by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyCursor {
    /// The last key.
    pub id: KeyId,
    /// What it was ordered by.
    pub value: Ordinal,
}

impl KeyCursor {
    /// Refuses what is no cursor of the list that is asked for.
    pub fn bad() -> Invalid {
        Invalid::new("cursor", "Give the next_cursor of the page before, unchanged and with the same sort.")
    }

    /// Reads the cursor of a list in this order.
    ///
    /// # Errors
    /// When it is none, or is of another order.
    pub fn read(text: &str, sort: KeySort) -> Result<Self, Invalid> {
        let bad = Self::bad;
        let (id, value) = text.split_once(':').map_or((text, None), |(id, value)| (id, Some(value)));
        let value = match (sort.column, value) {
            (KeyColumn::Created, None) => Ordinal::Made,
            (column, Some(value)) if column.is_text() => Ordinal::Text(value.to_owned()),
            (column, Some("none")) if column.group().is_some() => Ordinal::Group(None),
            (column, Some(value)) if column.group().is_some() => {
                Ordinal::Group(Some(value.parse().map_err(|_| bad())?))
            }
            (_, Some(value)) => Ordinal::Number(value.parse().map_err(|_| bad())?),
            (_, None) => return Err(bad()),
        };
        Ok(Self { id: id.parse().map_err(|_| bad())?, value })
    }
}

impl fmt::Display for KeyCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Ordinal::Made => self.id.fmt(f),
            Ordinal::Number(number) => write!(f, "{}:{number}", self.id),
            Ordinal::Text(text) => write!(f, "{}:{text}", self.id),
            Ordinal::Group(None) => write!(f, "{}:none", self.id),
            Ordinal::Group(Some(group)) => write!(f, "{}:{group}", self.id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_that_there_is_not_is_refused() {
        assert_eq!(SortQuery { sort: Some("-size".into()) }.of_keys().unwrap_err().field, "sort");
    }

    #[test]
    fn a_cursor_belongs_to_its_order() {
        let id = KeyId::from_uuid(uuid::Uuid::from_u128(7));
        let orders = [
            ("-created", Ordinal::Made),
            ("-cost", Ordinal::Number(-12)),
            ("name", Ordinal::Text("a:b c".into())),
            ("-owner", Ordinal::Group(Some(id.uuid()))),
            ("template", Ordinal::Group(None)),
        ];
        for (sort, value) in orders {
            let cursor = KeyCursor { id, value };
            assert_eq!(KeyCursor::read(&cursor.to_string(), sort.parse().unwrap()).unwrap(), cursor);
        }
        for (text, sort) in [
            ("key_x", "-created"),
            ("12", "cost"),
            (&*format!("{id}:x"), "cost"),
            (&*id.to_string(), "name"),
            (&*format!("{id}:x"), "team"),
        ] {
            assert!(KeyCursor::read(text, sort.parse().unwrap()).is_err(), "{text}");
        }
    }
}
