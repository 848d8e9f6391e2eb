use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header, request::Parts, response},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use domain::Clock;
use serde_json::{Map, Value};
use service::{
    Actor, Error, RequestMeta,
    platform::{Claim, Replays},
};
use tracing::Instrument;

use crate::http::{ApiError, body, caught, written};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// What the layer works with.
#[derive(Debug, Clone)]
pub(super) struct Once {
    pub(super) replays: Replays,
    pub(super) clock: Clock,
}

/// The layer around every POST: one with an `Idempotency-Key` is carried out once, and answered as
/// often as it is sent. It stands behind the gate, because a key belongs to its actor.
pub(super) async fn once(State(once): State<Once>, request: Request, next: Next) -> Response {
    match request.headers().get(IDEMPOTENCY_KEY).cloned() {
        None => next.run(request).await,
        Some(key) => once.answer(key, request, next).await.unwrap_or_else(ApiError::into_response),
    }
}

/// One request that carries a key.
struct Attempt {
    once: Once,
    actor: Actor,
    meta: RequestMeta,
    route: String,
    key: String,
}

impl Once {
    async fn answer(self, key: HeaderValue, request: Request, next: Next) -> Result<Response, ApiError> {
        let (parts, whole) = request.into_parts();
        let known = parts.extensions.get::<Actor>().cloned().zip(parts.extensions.get::<RequestMeta>().cloned());
        let (actor, meta) = known.ok_or_else(|| Error::internal("a POST stands outside of its gate"))?;
        let key =
            key.to_str().map_err(|_| ApiError::invalid(Some("Idempotency-Key".into()), "Use printable ASCII."))?;
        let route = format!("{} {}", parts.method, parts.uri.path());
        let body = body(whole).await?;
        let attempt = Attempt { once: self, actor, meta, route, key: key.to_owned() };
        // In a task of its own: what was begun ends and is kept, also when the client hangs up.
        let answer = tokio::spawn(attempt.answer(parts, body, next).in_current_span());
        Ok(answer.await.map_err(Error::internal)??)
    }
}

impl Attempt {
    async fn answer(self, parts: Parts, body: Bytes, next: Next) -> Result<Response, Error> {
        let Self { once, actor, route, key, .. } = &self;
        match once.replays.claim(actor, route, key, &body).await? {
            Claim::Answered(status, body) => Ok(self.replayed(status, body)),
            Claim::First => self.run(Request::from_parts(parts, Body::from(body)), next).await,
        }
    }

    /// Runs the request and keeps its answer.
    async fn run(&self, request: Request, next: Next) -> Result<Response, Error> {
        let response = caught(next.run(request)).await;
        let response = written(response, &self.meta, self.once.clock.now());
        let (parts, answer) = response.into_parts();
        let answer = axum::body::to_bytes(answer, usize::MAX).await.map_err(Error::internal)?;
        let Self { once, actor, route, key, .. } = self;
        let kept = match is_kept(&parts) {
            true => once.replays.finish(actor, route, key, parts.status.as_u16(), &without_secret(&answer)).await,
            false => once.replays.release(actor, route, key).await,
        };
        if let Err(error) = kept {
            // What was asked for is done: an answer that can't be repeated is better than none.
            tracing::error!(source = error.source.map(|s| s.to_string()), "an answer could not be kept");
        }
        Ok(Response::from_parts(parts, Body::from(answer)))
    }

    /// The first answer again.
    fn replayed(&self, status: u16, body: Vec<u8>) -> Response {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
        let location = if status == StatusCode::CREATED { self.location(&body) } else { None };
        let mut response = (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
        let headers = response.headers_mut();
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
        if let Some(location) = location {
            headers.insert(header::LOCATION, location);
        }
        response
    }

    /// Where the thing is that the first request made: below where it was posted to.
    fn location(&self, body: &[u8]) -> Option<HeaderValue> {
        let made: Value = serde_json::from_slice(body).ok()?;
        let (_, collection) = self.route.split_once(' ')?;
        HeaderValue::try_from(format!("{collection}/{}", made.get("id")?.as_str()?)).ok()
    }
}

/// Whether an answer is worth giving again. One about who asked, about pace, or about our own
/// failure may be another next time. A file may be one of secrets, which are kept nowhere.
fn is_kept(answer: &response::Parts) -> bool {
    let passing = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::TOO_MANY_REQUESTS];
    let status = answer.status;
    let is_file = answer.headers.contains_key(header::CONTENT_DISPOSITION);
    !status.is_server_error() && !passing.contains(&status) && !is_file
}

/// A secret is shown once, so what is kept has none.
fn without_secret(answer: &Bytes) -> Bytes {
    let Ok(mut members) = serde_json::from_slice::<Map<String, Value>>(answer) else { return answer.clone() };
    match members.remove("secret") {
        Some(_) => Value::Object(members).to_string().into(),
        None => answer.clone(),
    }
}
