//! Pages of lists: a limit and a cursor.

use serde::{Deserialize, Serialize};

use crate::Invalid;

/// How many rows a page has at most.
const MOST: u32 = 100;
const USUAL: u32 = 50;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The rows.
    pub data: Vec<T>,
    /// Give this as `cursor` for the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// Which page of a list is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
pub struct PageQuery {
    /// How many rows, 1 to 100; 50 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 100))]
    pub limit: Option<u32>,
    /// Where the page before ended: its `next_cursor`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

impl PageQuery {
    /// The number of rows.
    ///
    /// # Errors
    /// When it is zero or more than 100.
    pub fn limit(&self) -> Result<u32, Invalid> {
        match self.limit.unwrap_or(USUAL) {
            limit @ 1..=MOST => Ok(limit),
            _ => Err(Invalid::new("limit", "Ask for 1 to 100 rows.")),
        }
    }

    /// The cursor, which is the id of the last row of the page before.
    ///
    /// # Errors
    /// When it is not one.
    pub fn after<T: std::str::FromStr>(&self) -> Result<Option<T>, Invalid> {
        let bad = |_| Invalid::new("cursor", "Give the next_cursor of the page before, unchanged.");
        self.given().map(str::parse).transpose().map_err(bad)
    }

    /// The cursor as it was given; none for the first page.
    pub fn given(&self) -> Option<&str> {
        self.cursor.as_deref().filter(|c| !c.is_empty())
    }
}

impl<T> Page<T> {
    /// Makes a page from up to `limit + 1` rows; the surplus one tells that there are more.
    pub fn cut(mut rows: Vec<T>, limit: u32, cursor: impl Fn(&T) -> String) -> Self {
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next_cursor = if more { rows.last().map(cursor) } else { None };
        Self { data: rows, next_cursor }
    }

    /// The same page with other rows.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { data: self.data.into_iter().map(f).collect(), next_cursor: self.next_cursor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_page_has_no_cursor() {
        assert_eq!(Page::cut(vec![1, 2, 3], 2, |n| n.to_string()).next_cursor.as_deref(), Some("2"));
        assert_eq!(Page::cut(vec![1, 2], 2, |n| n.to_string()).next_cursor, None);
        assert_eq!(Page::cut(Vec::<i32>::new(), 2, |n| n.to_string()).next_cursor, None);
    }

    #[test]
    fn limits_outside_the_range_are_refused() {
        for bad in [0, 101] {
            assert!(PageQuery { limit: Some(bad), cursor: None }.limit().is_err());
        }
    }
}
