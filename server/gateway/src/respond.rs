//! Answers: bodies, headers, and refusals in the error envelope.

use std::{
    borrow::Cow,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use domain::{ErrorCode, RequestId, Timestamp, WireError};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};
use http_body::{Frame, SizeHint};
use serde_json::{Map, Value};

use crate::meter::stream::Metered;

/// The call, always minted here.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The provider's own name for the call.
pub(crate) const X_UPSTREAM_REQUEST_ID: HeaderName = HeaderName::from_static("x-upstream-request-id");
/// What the call cost, as a decimal in the book currency; on answers that are not streams.
pub(crate) const X_TURNPIKE_COST: HeaderName = HeaderName::from_static("x-turnpike-cost");
/// Where the call went: connection and model.
pub(crate) const X_TURNPIKE_ROUTE: HeaderName = HeaderName::from_static("x-turnpike-route");

/// To how many output tokens a budget keeps the answer.
pub(crate) const X_TURNPIKE_MAX_OUTPUT_TOKENS: HeaderName = HeaderName::from_static("x-turnpike-max-output-tokens");

/// JSON.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The body of the gateway's answers.
#[derive(Debug)]
pub struct Body(Kind);

#[derive(Debug)]
enum Kind {
    Whole(Bytes),
    Stream(Box<Metered>),
}

impl Body {
    /// These bytes.
    pub(crate) fn whole(bytes: impl Into<Bytes>) -> Self {
        Self(Kind::Whole(bytes.into()))
    }

    /// A provider's stream, metered as it passes.
    pub(crate) fn stream(stream: Metered) -> Self {
        Self(Kind::Stream(Box::new(stream)))
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match &mut self.get_mut().0 {
            Kind::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Kind::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Kind::Stream(stream) => stream.poll_next(context).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(&self.0, Kind::Whole(bytes) if bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Stream(_) => SizeHint::default(),
        }
    }
}

/// A JSON answer.
pub(crate) fn json(status: StatusCode, body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Body::whole(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

/// Why a call is not answered, in words for the client.
#[derive(Debug)]
pub(crate) struct Refusal(Box<Said>);

#[derive(Debug)]
struct Said {
    code: ErrorCode,
    status: StatusCode,
    message: Cow<'static, str>,
    param: Option<&'static str>,
    retry_after: Option<HeaderValue>,
    allow: Option<Method>,
    headers: HeaderMap,
    details: Map<String, Value>,
}

impl Refusal {
    /// A refusal with the status that goes with its code.
    pub(crate) fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = (status == StatusCode::SERVICE_UNAVAILABLE).then(|| HeaderValue::from_static("1"));
        Self(Box::new(Said {
            code,
            status,
            message: message.into(),
            param: None,
            retry_after,
            allow: None,
            headers: HeaderMap::new(),
            details: Map::new(),
        }))
    }

    /// Names the field that is wrong.
    pub(crate) fn about(mut self, param: &'static str) -> Self {
        self.0.param = Some(param);
        self
    }

    /// Names the method that would be right.
    pub(crate) fn allowing(mut self, method: Method) -> Self {
        self.0.allow = Some(method);
        self
    }

    /// Answers with the provider's status, and with when it may be asked again.
    pub(crate) fn with_status(mut self, status: StatusCode, retry_after: Option<HeaderValue>) -> Self {
        self.0.status = status;
        self.0.retry_after = retry_after;
        self
    }

    /// Says when it may be asked again, in seconds.
    pub(crate) fn retry_after(mut self, after: Option<HeaderValue>) -> Self {
        self.0.retry_after = after;
        self
    }

    /// Adds facts for a program.
    pub(crate) fn with_details(mut self, details: Map<String, Value>) -> Self {
        self.0.details = details;
        self
    }

    /// What its answer says beside all that.
    pub(crate) fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.0.headers
    }

    /// The code.
    pub(crate) fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// The status that it is answered with.
    pub(crate) fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The answer.
    pub(crate) fn into_response(self, at: Timestamp, request_id: RequestId) -> Response<Body> {
        let said = *self.0;
        let mut response =
            json(said.status, envelope(said.code, said.message, said.param, said.details, at, request_id));
        let headers = response.headers_mut();
        headers.extend(said.headers);
        if let Some(after) = said.retry_after {
            headers.insert(header::RETRY_AFTER, after);
        }
        if let Some(Ok(allow)) = said.allow.map(|method| HeaderValue::from_str(method.as_str())) {
            headers.insert(header::ALLOW, allow);
        }
        if said.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// The error envelope as JSON.
pub(crate) fn envelope(
    code: ErrorCode,
    message: impl Into<String>,
    param: Option<&'static str>,
    details: Map<String, Value>,
    at: Timestamp,
    request_id: RequestId,
) -> Vec<u8> {
    let mut error = WireError::new(code, message, at, request_id).with_param(param);
    error.error.details = details;
    // It is made of strings only, so that writing it can't fail; an empty body would still have its status.
    serde_json::to_vec(&error).unwrap_or_default()
}
