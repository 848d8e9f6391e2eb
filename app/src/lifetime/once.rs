//! A new secret on its way to the page that shows it, for browsers that run no WASM.
//!
//! Such a browser sends the form itself and is led to a page, so the answer to the form is never
//! seen. The secret travels to that page in a cookie that the page ends: it is in no address, in no
//! history, and is gone when the page is loaded again.

use http::{HeaderValue, header, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

const NAME: &str = "__Host-turnpike_once";
const ENDED: &str = "__Host-turnpike_once=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Strict";

/// Sends the secret of the thing with this id on its way, if that is needed at all.
pub(crate) fn send(id: &str, secret: &str) {
    if !crate::server::is_plain_form() {
        return;
    }
    let line = format!("{NAME}={id}.{secret}; Max-Age=60; Path=/; HttpOnly; Secure; SameSite=Strict");
    let (Some(response), Ok(mut line)) = (use_context::<ResponseOptions>(), HeaderValue::try_from(line)) else {
        return;
    };
    line.set_sensitive(true);
    response.append_header(header::SET_COOKIE, line);
}

/// The id and the secret that arrived for this page, whose things have ids of type `T`. They arrive
/// once.
pub(crate) fn arrived<T: std::str::FromStr>() -> Option<(T, String)> {
    let parts = use_context::<Parts>()?;
    let (id, secret) = read(&parts)?;
    use_context::<ResponseOptions>()?.append_header(header::SET_COOKIE, HeaderValue::from_static(ENDED));
    Some((id, secret))
}

fn read<T: std::str::FromStr>(parts: &Parts) -> Option<(T, String)> {
    let lines = parts.headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let (id, secret) = pairs.find(|(name, _)| *name == NAME)?.1.split_once('.')?;
    Some((id.parse().ok()?, secret.to_owned()))
}

#[cfg(test)]
mod tests {
    use domain::{KeyId, TokenId};

    use super::*;

    #[test]
    fn arrives_at_the_page_of_its_kind_only() {
        let line = "theme=dark; __Host-turnpike_once=key_01h455vb4pex5vsknk084sn02q.tpk_test_x";
        let (parts, ()) = http::Request::builder().header("cookie", line).body(()).unwrap().into_parts();
        assert_eq!(read::<KeyId>(&parts).map(|(_, secret)| secret).as_deref(), Some("tpk_test_x"));
        assert!(read::<TokenId>(&parts).is_none());
    }
}
