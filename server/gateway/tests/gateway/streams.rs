//! Streams: what the client sees of them, and what is metered.

use std::time::Duration;

use domain::{Money, usage::CallStatus};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use crate::support::{
    Running, World,
    client::{Answer, chat, streamed},
    eventually,
    upstream::{Step, Upstream, answer, delta, end, stream},
};

/// The data of each event.
fn data(answer: &Answer) -> Vec<&str> {
    answer.text().split("\n\n").filter_map(|event| event.strip_prefix("data: ")).collect()
}

fn has_usage(data: &str) -> bool {
    serde_json::from_str::<Value>(data).is_ok_and(|chunk| chunk["usage"].is_object())
}

#[tokio::test]
async fn a_stream_is_metered_by_a_chunk_that_the_client_did_not_ask_for() {
    let world = World::new().await;
    let running = world.start().await;
    let plain = running.client.chat(&chat("sandbox/small", "Tell me something.")).await.json();
    let quiet = running.client.chat(&streamed(chat("sandbox/small", "Tell me something."))).await;
    let mut asking = streamed(chat("sandbox/small", "Tell me something."));
    asking["stream_options"] = json!({"include_usage": true});
    let asked = running.client.chat(&asking).await;

    assert!(quiet.header("content-type").starts_with("text/event-stream"));
    assert_eq!(quiet.header("x-turnpike-route"), "Sandbox/sandbox/small");
    assert!(!data(&quiet).iter().any(|data| has_usage(data)), "{}", quiet.text());
    assert_eq!(data(&asked).iter().filter(|data| has_usage(data)).count(), 1);
    assert_eq!((data(&quiet).last(), data(&asked).last()), (Some(&"[DONE]"), Some(&"[DONE]")));
    for event in world.wait_for_events(3).await {
        assert_eq!(Some(event.input_tokens), plain["usage"]["prompt_tokens"].as_i64());
        assert_eq!(Some(event.output_tokens), plain["usage"]["completion_tokens"].as_i64());
        assert_eq!((event.status, event.estimated), (CallStatus::Ok, false));
    }
}

#[tokio::test]
async fn a_provider_that_refuses_to_be_asked_is_remembered_and_counted() {
    let world = World::new().await;
    let running = world.start().await;
    for _ in 0..2 {
        let answer = running.client.chat(&streamed(chat("sandbox/strict", "Tell me something."))).await;
        assert_eq!((answer.status.as_u16(), data(&answer).last()), (200, Some(&"[DONE]")));
    }
    let events = world.wait_for_events(2).await;
    assert_eq!((events[0].attempts, events[1].attempts), (2, 1));
    assert!(
        events.iter().all(|e| e.estimated && e.input_tokens > 0 && e.output_tokens > 0 && e.status == CallStatus::Ok)
    );
    // A client's own wish is the client's own error.
    let mut asking = streamed(chat("sandbox/strict", "Tell me something."));
    asking["stream_options"] = json!({"include_usage": true});
    assert_eq!(running.client.chat(&asking).await.status, 400);
}

#[tokio::test]
async fn events_come_whole_however_the_network_cuts_them() {
    let world = World::new().await;
    let first = delta("Hél");
    let (head, tail) = first.split_at(30);
    let (head, tail) = (head.to_owned(), tail.to_owned());
    let upstream = Upstream::start(move |_| {
        let usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\r\n\r\n";
        let mut steps =
            stream(&[": hello\n\n", &head, &tail, &delta("lo"), &usage[..40], &usage[40..], "data: [DO", "NE]\n\n"]);
        steps.insert(3, Step::Sleep(Duration::from_millis(50)));
        steps.push(end());
        steps
    })
    .await;
    world.connect_upstream(&upstream).await;
    let running = world.start().await;
    let answer = running.client.chat(&streamed(chat("m", "hi"))).await;
    assert_eq!(answer.text(), format!(": hello\n\n{}{}data: [DONE]\n\n", delta("Hél"), delta("lo")));
    assert!(upstream.requests()[0].contains(r#""stream_options":{"include_usage":true}"#));
    let event = &world.wait_for_events(1).await[0];
    assert_eq!((event.input_tokens, event.output_tokens, event.status), (3, 2, CallStatus::Ok));
}

#[tokio::test]
async fn a_stream_that_breaks_off_ends_with_an_error_and_is_counted() {
    let world = World::new().await;
    let upstream = Upstream::start(|request| {
        let mut steps = stream(&[&delta("Once upon a time"), "data: {\"half"]);
        if request.contains("pause") {
            steps.push(Step::Sleep(Duration::from_secs(20)));
        }
        if request.contains("short") {
            steps.push(end());
        }
        steps
    })
    .await;
    world.connect_upstream(&upstream).await;
    let running = world.start().await;
    for (word, code) in
        [("break", "upstream_invalid_response"), ("pause", "upstream_timeout"), ("short", "upstream_invalid_response")]
    {
        let answer = running.client.chat(&streamed(chat("m", word))).await;
        assert!(answer.text().starts_with(&delta("Once upon a time")), "{}", answer.text());
        let (_, error) = answer.text().rsplit_once("data: ").unwrap();
        let error: Value = serde_json::from_str(error.trim_end()).unwrap();
        assert_eq!((&error["error"]["code"], answer.status.as_u16()), (&json!(code), 200));
        assert_eq!(error["error"]["request_id"], answer.header("x-request-id"));
    }
    let events = world.wait_for_events(3).await;
    for event in &events {
        assert_eq!((event.status, event.http_status, event.estimated), (CallStatus::Error, 200, true));
        assert_eq!(event.output_tokens, 4);
        assert!(event.cost > Money::ZERO);
    }
}

#[tokio::test]
async fn an_error_in_the_stream_is_an_error() {
    let world = World::new().await;
    let upstream = Upstream::start(|_| {
        let mut steps = stream(&[
            &delta("Once"),
            "data: {\"error\":{\"message\":\"x\",\"code\":\"server_overloaded\"}}\n\n",
            "data: [DONE]\n\n",
        ]);
        steps.push(end());
        steps
    })
    .await;
    world.connect_upstream(&upstream).await;
    let running = world.start().await;
    let answer = running.client.chat(&streamed(chat("m", "hi"))).await;
    assert!(answer.text().contains("server_overloaded"));
    let event = &world.wait_for_events(1).await[0];
    assert_eq!((event.status, event.error_code.as_deref()), (CallStatus::Error, Some("server_overloaded")));
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_is_metered_and_the_provider_let_go() {
    let world = World::new().await;
    let upstream = Upstream::start(|_| {
        let mut steps = stream(&[&delta("Once upon a time")]);
        steps.push(Step::Sleep(Duration::from_secs(20)));
        steps
    })
    .await;
    world.connect_upstream(&upstream).await;
    let running = world
        .start_with(gateway::Settings { idle_timeout: Duration::from_secs(60), ..crate::support::settings() })
        .await;
    let mut socket = running.client.open_chat(&streamed(chat("m", "Tell me a story."))).await;
    let mut seen = String::new();
    while !seen.contains("Once upon") {
        let mut buffer = [0; 4096];
        let read = socket.read(&mut buffer).await.unwrap();
        seen.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
    drop(socket);
    let event = &world.wait_for_events(1).await[0];
    assert_eq!((event.status, event.http_status, event.estimated), (CallStatus::Aborted, 200, true));
    assert_eq!(event.output_tokens, 4);
    assert!(event.input_tokens > 0);
    eventually("the provider was hung up on", async || upstream.hang_ups() == 1).await;
}

/// A story whose end takes a while.
async fn slow_story(pause: Duration) -> Upstream {
    Upstream::start(move |request| {
        let usage = r#"{"choices":[],"usage":{"prompt_tokens":11,"completion_tokens":900}}"#;
        if request.contains("\"stream\":true") {
            let mut steps = stream(&[&delta("Once upon a time"), &format!("data: {usage}\n\n"), "data: [DONE]\n\n"]);
            steps.insert(2, Step::Sleep(pause));
            steps.push(end());
            return steps;
        }
        let mut steps = vec![Step::Sleep(pause)];
        steps.extend(answer("200 OK", "", usage));
        steps
    })
    .await
}

/// Leaves as soon as the provider is asked, or the answer has begun.
async fn leave(running: &Running, upstream: &Upstream, body: Value) {
    let streams = body["stream"] == true;
    let mut socket = running.client.open_chat(&body).await;
    eventually("the provider was asked", async || upstream.requests().len() == 1).await;
    let mut seen = String::new();
    while streams && !seen.contains("Once upon") {
        let mut buffer = [0; 4096];
        let read = socket.read(&mut buffer).await.unwrap();
        seen.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
    drop(socket);
}

#[tokio::test]
async fn an_answer_is_read_on_for_what_it_costs_where_its_connection_wants_that() {
    for body in [streamed(chat("m", "Tell me a story.")), chat("m", "Tell me a story.")] {
        let world = World::new().await;
        let upstream = slow_story(Duration::from_millis(200)).await;
        world.connect_upstream(&upstream).await;
        world.read_on().await;
        let running = world.start().await;
        leave(&running, &upstream, body).await;
        let event = &world.wait_for_events(1).await[0];
        assert_eq!((event.status, event.estimated), (CallStatus::Aborted, false));
        assert_eq!((event.input_tokens, event.output_tokens), (11, 900));
    }
}

#[tokio::test]
async fn an_answer_is_not_read_on_for_ever() {
    for body in [streamed(chat("m", "Tell me a story.")), chat("m", "Tell me a story.")] {
        let world = World::new().await;
        let upstream = slow_story(Duration::from_secs(20)).await;
        world.connect_upstream(&upstream).await;
        world.read_on().await;
        let settings = gateway::Settings {
            left_answer_time: Duration::from_millis(50),
            idle_timeout: Duration::from_secs(60),
            first_byte_timeout: Duration::from_secs(60),
            ..crate::support::settings()
        };
        let running = world.start_with(settings).await;
        leave(&running, &upstream, body).await;
        let event = &world.wait_for_events(1).await[0];
        assert_eq!((event.status, event.estimated), (CallStatus::Aborted, true));
        eventually("the provider was hung up on", async || upstream.hang_ups() == 1).await;
    }
}

#[tokio::test]
async fn the_event_stands_before_the_last_byte_is_given_away() {
    let world = World::new().await;
    let running = world.start().await;
    for n in 1..=20 {
        running.client.chat(&streamed(chat("sandbox/small", "hi"))).await;
        let copy = world.dir.path().join(format!("copy {n}"));
        crate::recovery::copy_dir(&world.journal_dir(), &copy);
        let bytes: Vec<u8> =
            std::fs::read_dir(&copy).unwrap().flat_map(|e| std::fs::read(e.unwrap().path()).unwrap()).collect();
        let settled = bytes.windows(10).filter(|window| window == b"{\"settled\"").count();
        assert_eq!(settled, n);
    }
}

#[tokio::test]
async fn failures_of_the_sandbox_are_those_of_a_provider() {
    let world = World::new().await;
    let running = world.start().await;
    for (text, status) in
        [("fail:429", 429), ("fail:500", 500), ("fail:garbage", 502), ("fail:close", 502), ("fail:hang", 504)]
    {
        let answer = running.client.chat(&chat("sandbox/flaky", text)).await;
        assert_eq!(answer.status, status, "{text}: {}", answer.text());
    }
    assert_eq!(world.wait_for_events(5).await.len(), 5);
}
