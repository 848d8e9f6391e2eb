//! What people type into one field, taken apart. On the server only.

use std::str::FromStr;

use domain::Invalid;

/// The lines that say something.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// What each of them means.
pub(crate) fn each<'a, T: FromStr<Err = Invalid>>(words: impl Iterator<Item = &'a str>) -> Result<Vec<T>, Invalid> {
    words.map(str::parse).collect()
}
