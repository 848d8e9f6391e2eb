use std::{
    any::Any,
    net::SocketAddr,
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{Clock, Entropy, RequestId, network::IpRange};
use futures_util::FutureExt;
use gateway::client_ip;
use service::RequestMeta;
use tracing::Instrument;

use super::error::{ApiError, written};

/// The socket's other end, put into every request by whoever accepted it.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// The request, as our answers name it. What a client sends under this name is not believed.
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// How much of a `User-Agent` is kept.
const AGENT_LENGTH: usize = 300;

/// What every request is given.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The time.
    pub clock: Clock,
    /// Randomness for the requests' ids.
    pub entropy: Entropy,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Arc<[IpRange]>,
}

impl Frame {
    fn meta(&self, request: &Request) -> RequestMeta {
        let headers = request.headers();
        let peer = request.extensions().get::<Peer>();
        let agent = headers.get(header::USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()));
        RequestMeta {
            request_id: RequestId::mint(self.clock.now(), &self.entropy),
            ip: peer.map(|peer| client_ip(peer.0.ip(), headers, &self.trusted_proxies).to_string()),
            user_agent: agent.map(|agent| agent.chars().take(AGENT_LENGTH).collect()),
        }
    }
}

/// Makes the request's identity, writes the envelope of what went wrong, a panic included, names
/// the request in the answer, and logs it in one line.
pub(super) async fn frame(State(frame): State<Frame>, mut request: Request, next: Next) -> Response {
    let (began, meta) = (Instant::now(), frame.meta(&request));
    request.extensions_mut().insert(meta.clone());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let span = tracing::info_span!("request", request_id = %meta.request_id);
    let response = caught(next.run(request)).instrument(span.clone()).await;
    let mut response = span.in_scope(|| written(response, &meta, frame.clock.now()));
    if let Ok(id) = HeaderValue::from_str(&meta.request_id.to_string()) {
        response.headers_mut().insert(X_REQUEST_ID, id);
    }
    span.in_scope(|| log(&method, &path, response.status(), began.elapsed()));
    response
}

/// Runs a handler; a panic in it becomes the answer that something broke.
pub(crate) async fn caught(handler: impl Future<Output = Response>) -> Response {
    let panicked = |panic: Box<dyn Any + Send>| {
        let said = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
        let said = said.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        ApiError::from(service::Error::internal(format!("panicked: {said}"))).into_response()
    };
    AssertUnwindSafe(handler).catch_unwind().await.unwrap_or_else(panicked)
}

/// One line a request. The query is left out: people type names and addresses into searches.
fn log(method: &Method, path: &str, status: StatusCode, took: Duration) {
    let (status, ms) = (status.as_u16(), took.as_millis());
    match path {
        // Asked every few seconds by machines.
        "/healthz" | "/readyz" | "/metrics" => tracing::debug!(%method, path, status, ms, "answered"),
        _ => tracing::info!(%method, path, status, ms, "answered"),
    }
}

/// The identity of the request, for handlers.
#[derive(Debug, Clone)]
pub struct Meta(pub RequestMeta);

impl<S: Send + Sync> FromRequestParts<S> for Meta {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let meta = parts.extensions.get::<RequestMeta>().cloned().map(Self);
        meta.ok_or_else(|| service::Error::internal("a route stands outside of http::around").into())
    }
}
