//! The page's state lives in its address: these build the address of a neighbouring state.

use crate::prelude::*;
use leptos_router::{hooks::use_location, params::ParamsMap};

/// The current address with some query parameters changed (`Some`) or removed (`None`).
///
/// A change of anything else starts from the first page again, so `cursor` is dropped unless it
/// is itself among the changes.
pub fn with_query(changes: Vec<(&'static str, Option<String>)>) -> Signal<String> {
    let location = use_location();
    Signal::derive(move || changed(location.query.get(), &changes))
}

/// The current value of one query parameter; empty counts as absent.
pub fn query_param(name: &'static str) -> Signal<Option<String>> {
    let query = use_location().query;
    Signal::derive(move || query.read().get(name).filter(|value| !value.is_empty()))
}

fn changed(mut query: ParamsMap, changes: &[(&'static str, Option<String>)]) -> String {
    query.remove("cursor");
    for (name, value) in changes {
        match value {
            Some(value) => {
                query.replace(*name, value.clone());
            }
            None => {
                query.remove(name);
            }
        }
    }
    format!("?{}", form_encoded(query.into_iter().map(|(name, value)| (name.into_owned(), value))))
}

/// Names and values as a form sends them.
pub(crate) fn form_encoded(pairs: impl IntoIterator<Item = (String, String)>) -> String {
    let pairs = pairs.into_iter().map(|(name, value)| format!("{}={}", encoded(&name), encoded(&value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Percent-encoding of our own: the router's differs between server and browser, and a link must
/// be the same on both.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> ParamsMap {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn changes_replace_and_remove_and_start_from_the_first_page() {
        let now = query(&[("q", "check out"), ("status", "active"), ("cursor", "abc")]);
        assert_eq!(changed(now, &[("status", None), ("sort", Some("-cost".into()))]), "?q=check%20out&sort=-cost");
    }

    #[test]
    fn a_cursor_is_kept_when_it_is_the_change() {
        let now = query(&[("cursor", "abc")]);
        assert_eq!(changed(now.clone(), &[("cursor", Some("def".into()))]), "?cursor=def");
        assert_eq!(changed(now, &[]), "?");
    }
}
