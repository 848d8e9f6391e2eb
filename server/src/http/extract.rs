use std::{borrow::Cow, error::Error as _, str::FromStr};

use axum::{
    body::Body,
    extract::{FromRequest, FromRequestParts, Request, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use domain::{ErrorCode, Invalid};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::{Serialize, de::DeserializeOwned};
use service::Error;

use super::error::ApiError;

/// The largest body that the management API takes: 10,000 keys with what is said of each.
pub const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// A body of JSON, and an answer in it.
#[derive(Debug, Clone)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            let message = "Send the body as JSON, with `Content-Type: application/json`.";
            return Err(Error::new(ErrorCode::UnsupportedMediaType, message).into());
        }
        parse(&body(request.into_body()).await?).map(Self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(json) => ([(header::CONTENT_TYPE, "application/json")], json).into_response(),
            Err(error) => ApiError::from(Error::internal(error)).into_response(),
        }
    }
}

/// Reads a whole body, as long as it is not too large.
pub async fn body(body: Body) -> Result<Bytes, ApiError> {
    match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(whole) => Ok(whole.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            Err(Error::new(ErrorCode::RequestTooLarge, "The body is larger than 4 MiB.").into())
        }
        Err(_) => Err(ApiError::invalid(None, "The body ended early.")),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim();
    kind.eq_ignore_ascii_case("application/json")
}

/// Reads JSON; what is wrong is named by its field.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let not_json = |error: &serde_json::Error| {
        let message = format!("The body is not JSON: {}.", first_words(&error.to_string()));
        ApiError::from(Error::new(ErrorCode::InvalidJson, message))
    };
    // serde would fill a struct from a list as well, which nobody describes.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        serde_json::from_slice::<serde::de::IgnoredAny>(bytes).map_err(|error| not_json(&error))?;
        return Err(ApiError::invalid(None, "Send a JSON object, as in {\"name\": …}."));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| match error.inner().classify() {
        serde_json::error::Category::Data => broken_rule(&error.path().to_string(), &error.inner().to_string()),
        // The parser calls it no JSON as well when one of several kinds of a thing is to be named, as in
        // `{"key": …}`, and something else is.
        _ if serde_json::from_slice::<serde_json::Value>(bytes).is_ok() => {
            broken_rule(&error.path().to_string(), "name one kind in an object of one member, as in {\"key\": …}")
        }
        _ => not_json(error.inner()),
    })?;
    reader.end().map_err(|error| not_json(&error))?;
    Ok(value)
}

/// An error about the field at `path`, with the parser's words made into a sentence.
fn broken_rule(path: &str, words: &str) -> ApiError {
    let words = first_words(words);
    let path = (path != ".").then_some(path);
    let named = ["missing field `", "unknown field `", "duplicate field `"].iter().find_map(|p| words.strip_prefix(p));
    let named = named.and_then(|rest| rest.split_once('`')).map(|(name, _)| name);
    let param = match (path, named) {
        (Some(path), Some(name)) if path != name && !path.ends_with(&format!(".{name}")) => {
            Some(format!("{path}.{name}"))
        }
        (Some(path), _) => Some(path.to_owned()),
        (None, name) => name.map(str::to_owned),
    };
    ApiError::invalid(param, sentence(&words))
}

/// Without where in the text it was: the field says that better.
fn first_words(text: &str) -> Cow<'_, str> {
    text.rsplit_once(" at line ").map_or(text, |(words, _)| words).into()
}

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let start: String = letters.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    let end = if words.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{start}{}{end}", letters.as_str())
}

/// The part of the URL behind the question mark.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        match axum::extract::Query::try_from_uri(&parts.uri) {
            Ok(axum::extract::Query(query)) => Ok(Self(query)),
            Err(rejection) => Err(unreadable(&rejection)),
        }
    }
}

fn unreadable(rejection: &QueryRejection) -> ApiError {
    type Located = serde_path_to_error::Error<serde::de::value::Error>;
    let mut cause = rejection.source();
    while let Some(error) = cause {
        if let Some(located) = error.downcast_ref::<Located>() {
            return broken_rule(&located.path().to_string(), &located.inner().to_string());
        }
        cause = error.source();
    }
    ApiError::invalid(None, "The query can't be read.")
}

/// The `{id}` of a path.
#[derive(Debug, Clone)]
pub struct Path<T>(pub T);

impl<T: FromStr<Err = Invalid>, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match axum::extract::Path::<String>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(text)) => Ok(Self(text.parse::<T>()?)),
            Err(_) => Err(ApiError::invalid(Some("id".to_owned()), "The path can't be read.")),
        }
    }
}

/// The answer to a creation: 201, where the new thing is, and the thing itself.
#[derive(Debug, Clone)]
pub struct Created<T> {
    location: String,
    body: T,
}

impl<T> Created<T> {
    /// The thing `id` in `collection`, e.g. `/api/v1/keys`.
    pub fn new(collection: &str, id: impl std::fmt::Display, body: T) -> Self {
        Self { location: format!("{collection}/{id}"), body }
    }
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.body).into_response();
        if response.status() != StatusCode::OK {
            return response;
        }
        *response.status_mut() = StatusCode::CREATED;
        if let Ok(location) = HeaderValue::try_from(self.location) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}
