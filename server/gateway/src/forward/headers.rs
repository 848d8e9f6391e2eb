//! Which headers pass, in both directions. All others stay on their side: a client's credentials
//! and cookies are nothing to the provider, and a provider's are nothing to the client.

use http::{HeaderMap, HeaderName, header};

use crate::respond::{X_REQUEST_ID, X_UPSTREAM_REQUEST_ID};

const OPENAI_PROCESSING_MS: HeaderName = HeaderName::from_static("openai-processing-ms");

/// The longest request id of a client that is kept.
const LONGEST: usize = 128;

/// The client's own name for the call, kept for its search and never taken for an identity.
pub(super) fn client_request_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(&X_REQUEST_ID)?.to_str().ok()?.trim();
    let is_plain = !id.is_empty() && id.len() <= LONGEST && id.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
    is_plain.then(|| id.to_owned())
}

/// Passes a provider's headers on to the client.
pub(super) fn pass(from: &HeaderMap, to: &mut HeaderMap) {
    for name in [header::CONTENT_TYPE, header::RETRY_AFTER, OPENAI_PROCESSING_MS] {
        if let Some(value) = from.get(&name) {
            to.insert(name, value.clone());
        }
    }
    if let Some(id) = from.get(&X_REQUEST_ID) {
        to.insert(X_UPSTREAM_REQUEST_ID, id.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_short_printable_id_is_kept() {
        let kept = |value: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.insert(X_REQUEST_ID, http::HeaderValue::from_bytes(value).unwrap());
            client_request_id(&headers)
        };
        assert_eq!(kept(b" abc 1 "), Some("abc 1".into()));
        assert_eq!(kept("x".repeat(128).as_bytes()).map(|id| id.len()), Some(128));
        for bad in ["x".repeat(129).as_bytes(), b"", b"\xc3\xa9", b"a\tb"] {
            assert_eq!(kept(bad), None);
        }
    }
}
