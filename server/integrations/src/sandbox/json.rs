//! Writing JSON.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Response, StatusCode};
use serde::Serialize;

use super::body::Body;

/// A JSON answer.
pub(super) fn response(status: StatusCode, value: &impl Serialize) -> Response<Body> {
    with_type(status, "application/json", Body::whole(bytes(value)))
}

/// An answer of some type.
pub(super) fn with_type(status: StatusCode, content_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static(content_type));
    response
}

/// A value's JSON. Writing plain structs to memory cannot fail; if it did, nothing is written.
pub(super) fn bytes(value: &impl Serialize) -> Bytes {
    serde_json::to_vec(value).unwrap_or_default().into()
}

/// A server-sent event with a value's JSON as its data.
pub(super) fn event(value: &impl Serialize) -> Bytes {
    let mut event = b"data: ".to_vec();
    // As above: writing a plain struct to memory cannot fail.
    let _ = serde_json::to_writer(&mut event, value);
    event.extend_from_slice(b"\n\n");
    event.into()
}
