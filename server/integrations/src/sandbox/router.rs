//! From a request to what answers it.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};

use super::body::Body;
use super::error::ApiError;
use super::models::{MODELS, SandboxModel};
use super::seed::Seed;
use super::{CREATED, chat, embeddings, json, models};
use crate::openai::{ModelList, ModelObject};

/// The largest body that is read: room for some images in a conversation.
const MAX_BODY_BYTES: usize = 32 * 1024 * 1024;

/// Answers one request, without a socket. Keys and other headers are not looked at.
pub async fn respond<B>(request: Request<B>) -> Response<Body>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    // Read whole or not at all: nothing here can be answered from half a body.
    let answer = match Limited::new(body, MAX_BODY_BYTES).collect().await {
        Ok(body) => answer(&head.method, path, body.to_bytes()).await,
        Err(_) => Err(ApiError::unreadable_body()),
    };
    answer.unwrap_or_else(ApiError::into_response)
}

async fn answer(method: &Method, path: &str, body: Bytes) -> Result<Response<Body>, ApiError> {
    let request_id = Seed::of([method.as_str().as_bytes(), path.as_bytes(), &body]).hex();
    let route = path.strip_prefix("/v1").unwrap_or_default();
    let answer = match (method, route) {
        (&Method::GET, "/models") => Ok(list_models()),
        (&Method::POST, "/chat/completions") => chat::complete(&body).await,
        (&Method::POST, "/embeddings") => embeddings::embed(&body),
        (_, "/models" | "/chat/completions" | "/embeddings") => Err(ApiError::method_not_allowed(method)),
        (method, route) => match (method, route.strip_prefix("/models/")) {
            (&Method::GET, Some(id)) => show_model(id),
            (method, Some(_)) => Err(ApiError::method_not_allowed(method)),
            (method, None) => Err(ApiError::unknown_url(method, path)),
        },
    };
    let mut response = answer.unwrap_or_else(ApiError::into_response);
    if let Ok(value) = HeaderValue::try_from(format!("req_{request_id}")) {
        response.headers_mut().insert("x-request-id", value);
    }
    Ok(response)
}

fn list_models() -> Response<Body> {
    json::response(StatusCode::OK, &MODELS.iter().map(model_object).collect::<ModelList<'_>>())
}

fn show_model(id: &str) -> Result<Response<Body>, ApiError> {
    // Clients may write the slash of a name as it is or encoded.
    let id = id.replace("%2F", "/").replace("%2f", "/");
    let model = models::find(&id).ok_or_else(|| ApiError::model_not_found(&id))?;
    Ok(json::response(StatusCode::OK, &model_object(model)))
}

fn model_object(model: &'static SandboxModel) -> ModelObject<'static> {
    ModelObject::new(model.id, CREATED, "turnpike")
}
