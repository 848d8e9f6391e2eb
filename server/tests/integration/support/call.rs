use std::net::SocketAddr;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, header},
};
use serde_json::Value;
use server::http::{Peer, cookie};
use tower::ServiceExt;

/// A request being made.
pub(crate) struct Call {
    router: Router,
    request: Request<Body>,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Call {
    pub(crate) fn new(router: Router, method: &str, path: String) -> Self {
        let request = Request::builder().method(method).uri(path).header(header::HOST, "turnpike.test");
        let mut request = request.body(Body::empty()).unwrap();
        request.extensions_mut().insert(Peer(SocketAddr::from(([203, 0, 113, 9], 4711))));
        Self { router, request }
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.request.headers_mut().append(name, value.parse().unwrap());
        self
    }

    pub(crate) fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn session(self, session: &str) -> Self {
        self.header("cookie", &format!("{}={session}", cookie::NAME))
    }

    pub(crate) fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    pub(crate) fn body(mut self, body: impl Into<Body>) -> Self {
        *self.request.body_mut() = body.into();
        self
    }

    pub(crate) fn peer(mut self, peer: &str) -> Self {
        self.request.extensions_mut().insert(Peer(peer.parse().unwrap()));
        self
    }

    pub(crate) async fn send(self) -> Answer {
        let (head, body) = self.router.oneshot(self.request).await.unwrap().into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Answer { status: head.status.as_u16(), headers: head.headers, text }
    }
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {:?}", self.text))
    }

    /// The body of an answer with this status.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()
    }

    /// Checks that this is the envelope with this code and its status.
    #[track_caller]
    pub(crate) fn refused(&self, code: &str) -> Value {
        let body = self.json();
        assert_eq!(body["error"]["code"], code, "{}", self.text);
        let known = domain::ErrorCode::ALL.iter().find(|c| c.as_str() == code).unwrap();
        assert_eq!(self.status, known.status(), "{}", self.text);
        assert_eq!(body["error"]["type"], known.kind());
        assert_eq!(body["error"]["request_id"].as_str(), self.header("x-request-id"));
        assert_eq!(body.as_object().unwrap().len(), 1);
        assert_eq!(self.header("content-type"), Some("application/json"));
        let message = body["error"]["message"].as_str().unwrap();
        assert!(message.ends_with(['.', '?', '!']) && message.len() > 10, "not a sentence: {message}");
        body["error"].clone()
    }
}
