//! The Sandbox's chats, in process.

use http::Method;
use integrations::openai::ChatRequestView;
use integrations::sandbox::MODELS;
use integrations::tokens::{Family, count, count_chat_prompt};
use serde_json::{Value, json};

use crate::sandbox_client::{ask, chat, read, send, stream};

const CHAT: &str = "/v1/chat/completions";

#[tokio::test]
async fn models_are_listed_and_shown() {
    let (status, list) = read(send(Method::GET, "/v1/models", "").await).await;
    assert_eq!((status.as_u16(), &list["object"]), (200, &json!("list")));
    let ids: Vec<_> = list["data"].as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap()).collect();
    assert_eq!(ids, MODELS.iter().map(|model| model.id).collect::<Vec<_>>());
    for path in ["/v1/models/sandbox/small", "/v1/models/sandbox%2Fsmall"] {
        let (status, model) = read(send(Method::GET, path, "").await).await;
        assert_eq!((status.as_u16(), &model["id"]), (200, &json!("sandbox/small")));
    }
    let (status, error) = read(send(Method::GET, "/v1/models/none", "").await).await;
    assert_eq!((status.as_u16(), &error["error"]["code"]), (404, &json!("model_not_found")));
}

#[tokio::test]
async fn an_answer_has_openais_shape_and_exact_usage() {
    let body = chat("sandbox/small", "What is a turnpike?", json!({}));
    let (status, answer) = ask(CHAT, &body).await;
    assert_eq!(status, 200);
    assert_eq!(answer["object"], "chat.completion");
    assert_eq!(answer["model"], "sandbox/small");
    let choice = &answer["choices"][0];
    assert_eq!((&choice["message"]["role"], &choice["finish_reason"]), (&json!("assistant"), &json!("stop")));
    let text = choice["message"]["content"].as_str().unwrap();
    assert!(text.contains("What is a turnpike"));
    let raw = body.to_string();
    let prompt = count_chat_prompt(Family::O200k, &ChatRequestView::parse(raw.as_bytes()).unwrap());
    assert_eq!(answer["usage"]["prompt_tokens"], prompt);
    assert_eq!(answer["usage"]["completion_tokens"], count(Family::O200k, text));
    assert_eq!(ask(CHAT, &body).await.1, answer, "the same again");
}

#[tokio::test]
async fn a_stream_says_what_the_whole_answer_says() {
    for more in [json!({}), json!({"max_tokens": 9}), json!({"response_format": {"type": "json_object"}})] {
        let (_, whole) = ask(CHAT, &chat("sandbox/small", "Say it both ways", more.clone())).await;
        let mut body = chat("sandbox/small", "Say it both ways", more);
        body["stream"] = json!(true);
        let chunks = stream(&body).await;
        assert_eq!(chunks[0]["choices"][0]["delta"]["role"], "assistant");
        assert!(chunks.len() > 9, "one piece at a time");
        assert!(chunks.iter().all(|chunk| chunk.get("usage").is_none()), "nobody asked for usage");
        assert_eq!(text_of(&chunks, 0), whole["choices"][0]["message"]["content"].as_str().unwrap());
        let last = &chunks[chunks.len() - 1]["choices"][0];
        assert_eq!(last["finish_reason"], whole["choices"][0]["finish_reason"]);
        body["stream_options"] = json!({"include_usage": true});
        let mut chunks = stream(&body).await;
        let last = chunks.pop().unwrap();
        assert_eq!((&last["choices"], &last["usage"]), (&json!([]), &whole["usage"]));
        assert!(chunks.iter().all(|chunk| chunk.get("usage") == Some(&Value::Null)));
    }
}

fn text_of(chunks: &[Value], index: u64) -> String {
    let choices = chunks.iter().flat_map(|chunk| chunk["choices"].as_array().unwrap());
    let own = choices.filter(|choice| choice["index"] == index);
    own.filter_map(|choice| choice["delta"]["content"].as_str()).collect()
}

#[tokio::test]
async fn several_choices_differ_and_are_all_counted() {
    let body =
        chat("sandbox/small", "Three ways", json!({"n": 3, "stream": true, "stream_options": {"include_usage": true}}));
    let chunks = stream(&body).await;
    let texts: Vec<_> = (0..3).map(|index| text_of(&chunks, index)).collect();
    assert!(texts[0] != texts[1] && texts[1] != texts[2]);
    let tokens: u64 = texts.iter().map(|text| count(Family::O200k, text)).sum();
    assert_eq!(chunks.last().unwrap()["usage"]["completion_tokens"], tokens);
}

#[tokio::test]
async fn a_tool_is_called_whole_and_in_a_stream() {
    let tools = json!([{"type": "function", "function": {"name": "get_weather", "parameters": {
        "type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1}},
        "required": ["city", "days"]}}}]);
    let body = chat("sandbox/small", "Use get_weather please", json!({"tools": tools}));
    let (_, whole) = ask(CHAT, &body).await;
    let choice = &whole["choices"][0];
    assert_eq!((&choice["finish_reason"], &choice["message"]["content"]), (&json!("tool_calls"), &Value::Null));
    let call = &choice["message"]["tool_calls"][0];
    assert_eq!((&call["type"], &call["function"]["name"]), (&json!("function"), &json!("get_weather")));
    let arguments: Value = serde_json::from_str(call["function"]["arguments"].as_str().unwrap()).unwrap();
    assert!(arguments["city"].is_string() && arguments["days"].as_i64() >= Some(1));

    let mut body = body;
    body["stream"] = json!(true);
    let chunks = stream(&body).await;
    let deltas: Vec<_> = chunks.iter().map(|chunk| &chunk["choices"][0]["delta"]["tool_calls"][0]).collect();
    assert_eq!((&deltas[0]["id"], &deltas[0]["function"]["name"]), (&call["id"], &json!("get_weather")));
    let streamed: String = deltas.iter().filter_map(|delta| delta["function"]["arguments"].as_str()).collect();
    assert_eq!(streamed, call["function"]["arguments"].as_str().unwrap());
}

#[tokio::test]
async fn images_are_counted_by_the_fixed_rule() {
    let parts = |detail: &str| {
        json!({"model": "sandbox/small", "messages": [{"role": "user", "content": [
            {"type": "text", "text": "What is this?"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA", "detail": detail}}]}]})
    };
    let (status, low) = ask(CHAT, &parts("low")).await;
    let (_, high) = ask(CHAT, &parts("high")).await;
    let (_, none) = ask(CHAT, &chat("sandbox/small", "What is this?", json!({}))).await;
    let tokens = |answer: &Value| answer["usage"]["prompt_tokens"].as_u64().unwrap();
    assert_eq!(status, 200);
    assert_eq!((tokens(&low) - tokens(&none), tokens(&high) - tokens(&none)), (85, 765));
}

#[tokio::test]
async fn no_usage_never_tells() {
    let (_, whole) = ask(CHAT, &chat("sandbox/no-usage", "How many?", json!({}))).await;
    assert!(whole.get("usage").is_none());
    let more = json!({"stream": true, "stream_options": {"include_usage": true}});
    let chunks = stream(&chat("sandbox/no-usage", "How many?", more)).await;
    assert!(chunks.iter().all(|chunk| chunk.get("usage").is_none() && chunk["choices"] != json!([])));
}
