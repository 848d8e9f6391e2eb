//! What the Sandbox refuses.

use http::Method;
use serde_json::{Value, json};

use crate::sandbox_client::{chat, post, read, send};

const CHAT: &str = "/v1/chat/completions";

async fn refused(body: &Value) -> (u16, Value) {
    let (status, answer) = read(post(CHAT, body).await).await;
    assert!(answer["error"]["message"].is_string(), "{answer}");
    (status.as_u16(), answer["error"].clone())
}

#[tokio::test]
async fn an_unknown_model_is_not_found_as_openai_says_it() {
    let (status, error) = refused(&chat("gpt-99", "hi", json!({}))).await;
    assert_eq!(
        (status, &error["code"], &error["type"]),
        (404, &json!("model_not_found"), &json!("invalid_request_error"))
    );
    assert_eq!(refused(&chat("sandbox/embedding", "hi", json!({}))).await.0, 404);
}

#[tokio::test]
async fn bodies_that_are_no_chat_request_are_refused() {
    for body in ["", "{", "[]", "\"x\"", "{}", "{\"model\":\"sandbox/small\"}", "{\"model\":5}"] {
        let (status, answer) = read(send(Method::POST, CHAT, body).await).await;
        assert_eq!((status.as_u16(), &answer["error"]["type"]), (400, &json!("invalid_request_error")), "{body}");
    }
    let (status, _) = read(send(Method::POST, CHAT, &b"{\"model\":\"\xff\"}"[..]).await).await;
    assert_eq!(status, 400);
    let (status, _) = read(send(Method::POST, CHAT, vec![b' '; 33 * 1024 * 1024]).await).await;
    assert_eq!(status, 413);
}

#[tokio::test]
async fn parameters_out_of_range_are_refused() {
    for more in [
        json!({"n": 0}),
        json!({"n": 129}),
        json!({"n": "2"}),
        json!({"max_tokens": 0}),
        json!({"messages": []}),
        json!({"messages": "hi"}),
        json!({"stream_options": {"include_usage": true}}),
        json!({"tools": [{"type": "function"}]}),
    ] {
        assert_eq!(refused(&chat("sandbox/small", "hi", more.clone())).await.0, 400, "{more}");
    }
}

#[tokio::test]
async fn a_prompt_longer_than_the_window_is_refused() {
    let (status, error) = refused(&chat("sandbox/small", &"word ".repeat(130_000), json!({}))).await;
    assert_eq!((status, &error["code"]), (400, &json!("context_length_exceeded")));
}

#[tokio::test]
async fn strict_refuses_stream_options() {
    let more = json!({"stream": true, "stream_options": {"include_usage": true}});
    let (status, error) = refused(&chat("sandbox/strict", "hi", more)).await;
    assert_eq!((status, &error["param"]), (400, &json!("stream_options")));
    assert_eq!(post(CHAT, &chat("sandbox/strict", "hi", json!({"stream": true}))).await.status(), 200);
}

#[tokio::test]
async fn other_addresses_and_methods_are_refused() {
    for (method, path, status) in [
        (Method::GET, "/", 404),
        (Method::GET, "/models", 404),
        (Method::POST, "/v1/responses", 404),
        (Method::GET, CHAT, 405),
        (Method::POST, "/v1/models", 405),
        (Method::DELETE, "/v1/models/sandbox/small", 405),
        (Method::GET, "/v1/embeddings", 405),
    ] {
        let response = send(method.clone(), path, "").await;
        assert!(response.headers()["x-request-id"].to_str().unwrap().starts_with("req_"));
        let (found, answer) = read(response).await;
        assert_eq!(found, status, "{method} {path}");
        assert!(answer["error"]["message"].is_string());
    }
}
