//! Refusals, in OpenAI's shape.

use std::borrow::Cow;

use http::header::RETRY_AFTER;
use http::{HeaderValue, Response, StatusCode};

use super::body::Body;
use super::json;
use crate::openai::{BadBody, ErrorEnvelope, ErrorObject};

/// A refusal.
#[derive(Debug, Clone)]
pub(super) struct ApiError {
    status: StatusCode,
    kind: &'static str,
    code: Option<&'static str>,
    param: Option<&'static str>,
    message: String,
}

impl ApiError {
    /// The request is at fault.
    pub(super) fn invalid(param: Option<&'static str>, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            kind: "invalid_request_error",
            code: None,
            param,
            message: message.into(),
        }
    }

    /// No model has this name.
    pub(super) fn model_not_found(model: &str) -> Self {
        let name: String = model.chars().take(100).collect();
        let message = format!("The model `{name}` does not exist or you do not have access to it.");
        Self { status: StatusCode::NOT_FOUND, code: Some("model_not_found"), ..Self::invalid(None, message) }
    }

    /// The model does something else.
    pub(super) fn wrong_kind(model: &str, endpoint: &str) -> Self {
        let message = format!("The model `{model}` is not supported in the {endpoint} endpoint.");
        Self { status: StatusCode::NOT_FOUND, ..Self::invalid(Some("model"), message) }
    }

    /// The prompt does not fit.
    pub(super) fn context_length(window: u64, tokens: u64) -> Self {
        let message =
            format!("This model's maximum context length is {window} tokens. However, your input has {tokens} tokens.");
        Self { code: Some("context_length_exceeded"), ..Self::invalid(Some("messages"), message) }
    }

    /// Nothing is here.
    pub(super) fn unknown_url(method: &http::Method, path: &str) -> Self {
        let path: String = path.chars().take(100).collect();
        let message = format!("Unknown request URL: {method} {path}.");
        Self { status: StatusCode::NOT_FOUND, code: Some("unknown_url"), ..Self::invalid(None, message) }
    }

    /// Something is here, but not for this method.
    pub(super) fn method_not_allowed(method: &http::Method) -> Self {
        let message = format!("Not allowed to {method} here.");
        Self { status: StatusCode::METHOD_NOT_ALLOWED, ..Self::invalid(None, message) }
    }

    /// The body did not come whole, or is too large.
    pub(super) fn unreadable_body() -> Self {
        let message = "The request body could not be read, or is too large.";
        Self { status: StatusCode::PAYLOAD_TOO_LARGE, ..Self::invalid(None, message) }
    }

    /// Too many requests, as an upstream says it.
    pub(super) fn rate_limited() -> Self {
        Self {
            status: StatusCode::TOO_MANY_REQUESTS,
            kind: "requests",
            code: Some("rate_limit_exceeded"),
            param: None,
            message: "Rate limit reached. sandbox/flaky says so on purpose; try again in 1s.".to_owned(),
        }
    }

    /// An internal error, as an upstream says it.
    pub(super) fn server_error() -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            kind: "server_error",
            code: None,
            param: None,
            message: "The server had an error processing your request. sandbox/flaky does so on purpose.".to_owned(),
        }
    }

    /// The refusal as an answer.
    pub(super) fn into_response(self) -> Response<Body> {
        let error = ErrorObject {
            message: Some(Cow::Owned(self.message)),
            kind: Some(Cow::Borrowed(self.kind)),
            param: self.param.map(Cow::Borrowed),
            code: self.code.map(Cow::Borrowed),
        };
        let mut response = json::response(self.status, &ErrorEnvelope { error });
        if self.status == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

impl From<BadBody> for ApiError {
    fn from(bad: BadBody) -> Self {
        Self::invalid(None, format!("We could not read the JSON body of your request: {bad}."))
    }
}
