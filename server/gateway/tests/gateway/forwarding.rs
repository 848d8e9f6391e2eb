//! Answers that are no streams: what is sent, what comes back, what is metered.

use std::time::Duration;

use domain::{Money, usage::CallStatus};
use http::Method;
use serde_json::json;

use crate::support::{
    World,
    client::{assert_error, chat},
    upstream::{Step, Upstream, answer},
};

const USAGE: &str = r#""usage":{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100,"prompt_tokens_details":{"cached_tokens":400}}"#;

fn completion(extra: &str) -> String {
    format!(
        r#"{{"id":"x", "choices":[{{"index":0,"message":{{"role":"assistant","content":"Hello there"}}}}]{extra}}}"#
    )
}

#[tokio::test]
async fn a_call_becomes_an_event_with_usage_cost_and_request_id() {
    let world = World::new().await;
    let upstream = Upstream::start(|_| {
        answer(
            "200 OK",
            "x-request-id: theirs\r\nset-cookie: a=b\r\nopenai-processing-ms: 5\r\n",
            &completion(&format!(",{USAGE}")),
        )
    })
    .await;
    world.connect_upstream(&upstream).await;
    let running = world.start().await;
    let answer = running.client.chat(&chat("m", "hi")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.text(), completion(&format!(",{USAGE}")), "the body passes untouched");
    // 600 × 1 + 400 × 0.5 + 100 × 2 per million, and 7 nano-units for the call.
    assert_eq!(answer.header("x-turnpike-cost"), "0.001000007");
    assert_eq!(answer.header("x-turnpike-route"), "Up/m");
    assert_eq!(answer.header("x-upstream-request-id"), "theirs");
    assert_eq!(answer.header("openai-processing-ms"), "5");
    assert_eq!(answer.header("set-cookie"), "");

    let event = &world.wait_for_events(1).await[0];
    assert_eq!(event.request_id.to_string(), answer.header("x-request-id"));
    assert_eq!((event.input_tokens, event.cached_input_tokens, event.output_tokens), (1000, 400, 100));
    assert_eq!((event.cost, event.estimated), (Money::from_nanos(1_000_007), false));
    assert_eq!((event.status, event.http_status, event.attempts), (CallStatus::Ok, 200, 1));
    assert!(event.first_byte_us.unwrap() <= event.total_us);
    assert_eq!(event.key_id, world.key_id);
}

#[tokio::test]
async fn the_provider_sees_the_connections_key_and_the_clients_bytes() {
    let world = World::new().await;
    let upstream = Upstream::start(|_| answer("200 OK", "", &completion(""))).await;
    world.connect_upstream(&upstream).await;
    let running = world.start().await;
    let body =
        r#" {"messages" : [{"role":"user","content":"ü\u0041","model":"m"}], "model":"Up/m" ,"tools":[ ],"n":2}"#;
    let headers =
        [("cookie", "session=1"), ("x-request-id", "mine"), ("accept", "application/json"), ("openai-project", "p")];
    let answer = running.client.request(Method::POST, "/v1/chat/completions", &headers, body).await;
    assert_eq!(answer.status, 200);
    let request = &upstream.requests()[0];
    let (head, sent) = request.split_once("\r\n\r\n").unwrap();
    assert_eq!(sent, body.replace("Up/m", "m"));
    let head = head.to_lowercase();
    assert!(head.starts_with("post /v1/chat/completions http/1.1"), "{head}");
    assert!(head.contains("authorization: bearer sk-of-the-connection") && head.contains("accept: application/json"));
    for secret in ["cookie", "mine", "tpk_", "openai-project"] {
        assert!(!head.contains(secret), "{head}");
    }
    let event = &world.wait_for_events(1).await[0];
    assert_eq!((event.requested_model.as_str(), event.actual_model.as_str()), ("Up/m", "m"));
}

#[tokio::test]
async fn a_repeated_client_request_id_is_no_identity() {
    let world = World::new().await;
    let running = world.start().await;
    for _ in 0..3 {
        let body = chat("sandbox/small", "hi").to_string();
        let answer =
            running.client.request(Method::POST, "/v1/chat/completions", &[("x-request-id", "same")], body).await;
        assert_eq!(answer.status, 200);
        assert_ne!(answer.header("x-request-id"), "same");
    }
    let events = world.wait_for_events(3).await;
    assert!(events.iter().all(|event| event.client_request_id.as_deref() == Some("same")));
}

#[tokio::test]
async fn usage_that_is_not_reported_is_counted_and_marked() {
    let world = World::new().await;
    let running = world.start().await;
    let told = running.client.chat(&chat("sandbox/small", "Count these words, please.")).await;
    let prompt = told.json()["usage"]["prompt_tokens"].as_i64().unwrap();
    let silent = running.client.chat(&chat("sandbox/no-usage", "Count these words, please.")).await;
    assert!(silent.json().get("usage").is_none());
    let events = world.wait_for_events(2).await;
    assert!(!events[0].estimated && events[1].estimated);
    assert_eq!((events[0].input_tokens, events[1].input_tokens), (prompt, prompt));
    assert!(events[1].output_tokens > 0);
    assert_eq!(silent.header("x-turnpike-cost"), events[1].cost.to_string());
}

#[tokio::test]
async fn embeddings_are_metered_by_their_input() {
    let world = World::new().await;
    let running = world.start().await;
    let body = json!({"model": "sandbox/embedding", "input": ["one", "two"]}).to_string();
    let answer = running.client.post("/v1/embeddings", body).await;
    assert_eq!(answer.json()["data"].as_array().unwrap().len(), 2);
    let event = &world.wait_for_events(1).await[0];
    assert_eq!(Some(event.input_tokens), answer.json()["usage"]["prompt_tokens"].as_i64());
    assert_eq!((event.endpoint.as_str(), event.output_tokens), ("embeddings", 0));
}

#[tokio::test]
async fn the_list_of_models_holds_what_can_be_called() {
    let world = World::new().await;
    let running = world.start().await;
    let list = running.client.get("/v1/models").await.json();
    let names: Vec<_> = list["data"].as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap()).collect();
    assert!(names.contains(&"sandbox/small") && list["object"] == "list", "{list}");
    for path in ["/v1/models/sandbox/small", "/v1/models/sandbox%2Fsmall", "/v1/models/Sandbox/sandbox/small"] {
        let model = running.client.get(path).await;
        assert_eq!(model.status, 200, "{path}");
        assert_eq!((&model.json()["object"], &model.json()["owned_by"]), (&json!("model"), &json!("Sandbox")));
    }
    assert_error(&running.client.get("/v1/models/none").await, 404, "model_not_found");
    assert!(world.events().await.is_empty());
}

#[tokio::test]
async fn a_providers_errors_keep_their_meaning_and_cost_nothing() {
    const LIMIT: &str =
        r#"{"error":{"message":"Slow down.","type":"requests","param":null,"code":"rate_limit_exceeded"}}"#;
    let world = World::new().await;
    let upstream = Upstream::start(|request| {
        let says = |word: &str| request.contains(word);
        match () {
            () if says("limit") => answer("429 Too Many Requests", "retry-after: 7\r\n", LIMIT),
            () if says("broken") => answer("500 Internal Server Error", "", "<html>oops</html>"),
            () if says("login") => answer("401 Unauthorized", "", LIMIT),
            () if says("moved") => answer("302 Found", "location: http://127.0.0.1/\r\n", ""),
            () => {
                answer("400 Bad Request", "", r#"{"error":{"message":"No.","type":"invalid_request_error","code":7}}"#)
            }
        }
    })
    .await;
    world.connect_upstream(&upstream).await;
    let running = world.start().await;

    let limited = running.client.chat(&chat("m", "limit")).await;
    assert_eq!((limited.status.as_u16(), limited.text(), limited.header("retry-after")), (429, LIMIT, "7"));
    assert_error(&running.client.chat(&chat("m", "broken")).await, 500, "upstream_invalid_response");
    assert_error(&running.client.chat(&chat("m", "login")).await, 502, "upstream_refused_credentials");
    assert_error(&running.client.chat(&chat("m", "moved")).await, 502, "upstream_invalid_response");
    assert_eq!(running.client.chat(&chat("m", "bad")).await.json()["error"]["message"], "No.");

    let events = world.wait_for_events(5).await;
    let seen: Vec<_> = events.iter().map(|e| (e.http_status, e.error_code.as_deref().unwrap())).collect();
    let expected = [
        (429, "rate_limit_exceeded"),
        (500, "upstream_invalid_response"),
        (502, "upstream_refused_credentials"),
        (502, "upstream_invalid_response"),
        (400, "invalid_request_error"),
    ];
    assert_eq!(seen, expected);
    assert!(events.iter().all(|e| e.status == CallStatus::Error && e.cost == Money::ZERO && e.input_tokens == 0));
}

#[tokio::test]
async fn answers_that_are_none_are_refused() {
    let world = World::new().await;
    let upstream = Upstream::start(|request| {
        let says = |word: &str| request.contains(word);
        match () {
            () if says("html") => answer("200 OK", "", "<html>It works!</html>"),
            () if says("nothing") => answer("200 OK", "", ""),
            () if says("cut") => {
                let mut steps = answer("200 OK", "", &completion(""));
                let Step::Write(bytes) = &mut steps[0] else { unreachable!() };
                bytes.truncate(bytes.len() - 5);
                steps
            }
            () if says("packed") => answer("200 OK", "content-encoding: gzip\r\n", &completion("")),
            () if says("noise") => vec![Step::Write(b"\x00\x01\x02 not http\r\n\r\n".to_vec())],
            () if says("gone") => vec![],
            () => vec![Step::Sleep(Duration::from_secs(20))],
        }
    })
    .await;
    world.connect_upstream(&upstream).await;
    let running = world.start().await;
    for (word, status, code) in [
        ("html", 502, "upstream_invalid_response"),
        ("nothing", 502, "upstream_invalid_response"),
        ("cut", 502, "upstream_invalid_response"),
        ("packed", 502, "upstream_invalid_response"),
        ("noise", 502, "upstream_invalid_response"),
        ("gone", 502, "upstream_unreachable"),
        ("silence", 504, "upstream_timeout"),
    ] {
        assert_error(&running.client.chat(&chat("m", word)).await, status, code);
    }
    let events = world.wait_for_events(7).await;
    assert!(events.iter().all(|e| e.status == CallStatus::Error && e.cost == Money::ZERO));
    assert_eq!(events[6].http_status, 504);
}

#[tokio::test]
async fn a_provider_that_is_not_there_is_said_to_be_unreachable() {
    let world = World::new().await;
    let upstream = Upstream::start(|_| vec![]).await;
    world.connect_upstream(&upstream).await;
    drop(upstream);
    tokio::time::sleep(Duration::from_millis(20)).await;
    let running = world.start().await;
    let answer = running.client.chat(&chat("m", "hi")).await;
    assert_error(&answer, 502, "upstream_unreachable");
    assert!(!answer.text().contains("127.0.0.1"), "an address inside the network is not for the client");
    assert_eq!(world.wait_for_events(1).await[0].error_code.as_deref(), Some("upstream_unreachable"));
}

#[tokio::test]
async fn a_client_that_leaves_before_its_answer_is_metered() {
    let world = World::new().await;
    let upstream = Upstream::start(|_| vec![Step::Sleep(Duration::from_secs(20))]).await;
    world.connect_upstream(&upstream).await;
    let running = world.start().await;
    let socket = running.client.open_chat(&chat("m", "Are you there?")).await;
    crate::support::eventually("the provider was asked", async || upstream.requests().len() == 1).await;
    drop(socket);
    let event = &world.wait_for_events(1).await[0];
    assert_eq!((event.status, event.http_status, event.estimated), (CallStatus::Aborted, 499, true));
    assert!(event.input_tokens > 0 && event.output_tokens == 0);
    crate::support::eventually("the provider was hung up on", async || upstream.hang_ups() == 1).await;
}
