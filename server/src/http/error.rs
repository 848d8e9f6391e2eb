use std::{borrow::Cow, sync::Arc};

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{ErrorCode, Invalid, Timestamp, WireError};
use service::RequestMeta;

/// A refusal or failure on its way out.
///
/// It becomes an answer without a body; [`written`] gives it the envelope, because only there the
/// request's id and the time are known. What is behind it goes to the log and nowhere else.
#[derive(Debug, Clone)]
pub struct ApiError {
    error: Arc<service::Error>,
    param: Option<Cow<'static, str>>,
}

impl ApiError {
    /// A broken rule about a field that is known only now, e.g. one within a body.
    pub fn invalid(param: Option<String>, message: impl Into<String>) -> Self {
        let error = service::Error::new(ErrorCode::InvalidRequest, message);
        Self { error: Arc::new(error), param: param.map(Cow::Owned) }
    }

    /// The code of the table.
    pub fn code(&self) -> ErrorCode {
        self.error.code
    }
}

impl From<service::Error> for ApiError {
    fn from(error: service::Error) -> Self {
        Self { param: error.param.map(Cow::Borrowed), error: Arc::new(error) }
    }
}

impl From<Invalid> for ApiError {
    fn from(invalid: Invalid) -> Self {
        service::Error::from(invalid).into()
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Gives an answer that is an [`ApiError`] its envelope and headers; leaves every other as it is.
pub fn written(mut response: Response, meta: &RequestMeta, now: Timestamp) -> Response {
    let Some(ApiError { error, param }) = response.extensions_mut().remove::<ApiError>() else { return response };
    if error.code.status() >= 500 {
        let source = error.source.as_deref().map(|s| s.to_string());
        tracing::error!(code = error.code.as_str(), request_id = %meta.request_id, source, "a request failed");
    }
    let envelope = WireError::new(error.code, error.message.clone(), now, meta.request_id).with_param(param);
    // The envelope holds strings, numbers and a map of them: there is nothing that JSON can't hold.
    *response.body_mut() = Body::from(serde_json::to_vec(&envelope).unwrap_or_default());
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(wait) = error.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    }
    if error.code == ErrorCode::Unauthenticated {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}
