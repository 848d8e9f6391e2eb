//! Asking the Sandbox in process.

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use integrations::sandbox::{Body, respond};
use serde_json::{Value, json};

pub(crate) async fn send(method: Method, path: &str, body: impl Into<Bytes>) -> Response<Body> {
    respond(Request::builder().method(method).uri(path).body(Full::new(body.into())).unwrap()).await
}

pub(crate) async fn post(path: &str, body: &Value) -> Response<Body> {
    send(Method::POST, path, body.to_string()).await
}

/// Asks and reads the whole answer as JSON.
pub(crate) async fn ask(path: &str, body: &Value) -> (StatusCode, Value) {
    read(post(path, body).await).await
}

pub(crate) async fn read(response: Response<Body>) -> (StatusCode, Value) {
    let status = response.status();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap())
}

/// Asks for a chat and reads its chunks, without the `[DONE]` that must end them.
pub(crate) async fn stream(body: &Value) -> Vec<Value> {
    let response = post("/v1/chat/completions", body).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream; charset=utf-8");
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let mut events: Vec<_> = text.split_terminator("\n\n").map(|event| event.strip_prefix("data: ").unwrap()).collect();
    assert_eq!(events.pop(), Some("[DONE]"));
    events.into_iter().map(|event| serde_json::from_str(event).unwrap()).collect()
}

/// A chat request with some more fields.
pub(crate) fn chat(model: &str, text: &str, more: Value) -> Value {
    let mut body = json!({"model": model, "messages": [{"role": "user", "content": text}]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}
