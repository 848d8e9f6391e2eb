//! What an action had to say, carried to the page that shows it: in a cookie for a minute, so that
//! it works whether or not WASM sent the form, and is said once.

use http::{HeaderValue, header, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use leptos_router::location::Url;

use super::data::Said;

const NAME: &str = "turnpike_said";

/// Says it on the next page.
pub(super) fn say(well: bool, words: &str) {
    let mark = if well { '+' } else { '-' };
    set(&format!("{mark}{}", Url::escape(words)), 60);
}

/// What was said, which is thereby forgotten.
pub(super) fn take() -> Option<Said> {
    let parts = use_context::<Parts>()?;
    let cookies = parts.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let said = pairs.find(|(name, _)| *name == NAME).and_then(|(_, value)| read(value))?;
    set("", 0);
    Some(said)
}

fn read(value: &str) -> Option<Said> {
    let words = value.strip_prefix(['+', '-'])?;
    Some(Said { well: value.starts_with('+'), words: Url::unescape(words) })
}

fn set(value: &str, seconds: u32) {
    let cookie = format!("{NAME}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax");
    if let (Some(response), Ok(cookie)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&cookie)) {
        response.append_header(header::SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_the_cookie() {
        let words = "No answer: „timed out“; 5 s, 100 %";
        let said = read(&format!("-{}", Url::escape(words))).unwrap();
        assert_eq!(said, Said { well: false, words: words.to_owned() });
        assert!(read("").is_none());
    }
}
