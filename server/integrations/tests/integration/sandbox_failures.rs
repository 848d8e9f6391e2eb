//! The Sandbox's slow and flaky models.

use std::time::Duration;

use http_body_util::BodyExt;
use integrations::sandbox::CutOff;
use serde_json::json;
use tokio::time::{Instant, timeout};

use crate::sandbox_client::{ask, chat, post};

const CHAT: &str = "/v1/chat/completions";

/// With the clock paused, time moves exactly as far as is slept.
#[tokio::test(start_paused = true)]
async fn slow_streams_one_piece_at_a_time() {
    let start = Instant::now();
    let mut body = post(CHAT, &chat("sandbox/slow", "Take your time", json!({"stream": true}))).await.into_body();
    body.frame().await.unwrap().unwrap();
    assert_eq!(start.elapsed().as_millis() / 100, 15, "the first event");
    let first = Instant::now();
    for _ in 0..20 {
        body.frame().await.unwrap().unwrap();
    }
    let elapsed = first.elapsed();
    assert!((Duration::from_millis(950)..Duration::from_millis(1_100)).contains(&elapsed), "{elapsed:?} for 20 events");
}

#[tokio::test]
async fn flaky_answers_the_status_that_it_is_asked_for() {
    let flaky = |text: &str| chat("sandbox/flaky", text, json!({}));
    let response = post(CHAT, &flaky("fail:429")).await;
    assert_eq!((response.status().as_u16(), response.headers()["retry-after"].to_str().unwrap()), (429, "1"));
    let (status, error) = ask(CHAT, &flaky("fail:500")).await;
    assert_eq!((status.as_u16(), &error["error"]["type"]), (500, &json!("server_error")));
    assert_eq!(ask(CHAT, &flaky("fail:none")).await.0, 200);
    assert_eq!(ask(CHAT, &chat("sandbox/small", "fail:500", json!({}))).await.0, 200, "only flaky fails");
}

#[tokio::test]
async fn flaky_fails_some_distinct_conversations_always_the_same() {
    let statuses = async || {
        let mut statuses = Vec::new();
        for question in 0..60 {
            let body = chat("sandbox/flaky", &format!("Question {question}"), json!({}));
            statuses.push(post(CHAT, &body).await.status().as_u16());
        }
        statuses
    };
    let once = statuses().await;
    for (status, at_least) in [(200, 15), (429, 5), (500, 10)] {
        assert!(once.iter().filter(|other| **other == status).count() >= at_least, "{status}: {once:?}");
    }
    assert_eq!(once, statuses().await);
}

#[tokio::test]
async fn flaky_cuts_off_in_the_middle() {
    for stream in [false, true] {
        let body = chat("sandbox/flaky", "fail:close", json!({"stream": stream}));
        let mut body = post(CHAT, &body).await.into_body();
        assert!(body.frame().await.unwrap().unwrap().into_data().unwrap().starts_with(if stream {
            b"data:"
        } else {
            b"{\"id\""
        }));
        assert_eq!(body.collect().await.unwrap_err(), CutOff, "stream: {stream}");
    }
}

#[tokio::test]
async fn flaky_sends_garbage() {
    for stream in [false, true] {
        let response = post(CHAT, &chat("sandbox/flaky", "fail:garbage", json!({"stream": stream}))).await;
        assert_eq!(response.status(), 200);
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let json = bytes.strip_prefix(b"data: ").unwrap_or(&bytes);
        assert!(!bytes.is_empty() && serde_json::from_slice::<serde_json::Value>(json).is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn flaky_hangs() {
    let body = chat("sandbox/flaky", "fail:hang", json!({}));
    assert!(timeout(Duration::from_secs(3_600), post(CHAT, &body)).await.is_err());
}
