//! Calls that are refused, and by which code.

use std::time::Duration;

use domain::{
    Entropy, Money, Timestamp,
    catalog::Provider,
    keys::{Environment, KeyStatus},
    secrets::Secret,
};
use gateway::Settings;
use http::Method;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{
    World,
    client::{assert_error, chat},
    eventually, settings,
    upstream::{Upstream, answer},
};

#[tokio::test]
async fn without_a_good_key_nothing_is_answered() {
    let world = World::new().await;
    let running = world.start().await;
    let key = world.key.expose();
    let stranger = Secret::mint("tpk_test_", &Entropy::new(|out| out.fill(9)));
    let body = chat("sandbox/small", "hi").to_string();
    for (value, code) in [
        ("", "missing_api_key"),
        ("Bearer", "missing_api_key"),
        ("Bearer tpk_test_short", "invalid_api_key"),
        (&format!("Bearer {}", &key[..key.len() - 1]), "invalid_api_key"),
        (&format!("Bearer {}", stranger.expose()), "invalid_api_key"),
    ] {
        let headers = [("authorization", value)];
        let answer = running.client.request(Method::POST, "/v1/chat/completions", &headers, body.clone()).await;
        assert_error(&answer, 401, code);
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    assert_eq!(running.client.chat(&chat("sandbox/small", "hi")).await.status, 200);
    assert_eq!(world.wait_for_events(1).await.len(), 1, "refused calls are no events");
}

#[tokio::test]
async fn what_another_process_does_to_a_key_counts_within_a_second() {
    let world = World::new().await;
    let running = world.start().await;
    let ask = async || running.client.get("/v1/models").await;
    assert_eq!(ask().await.status, 200);
    world.change_key(|key| key.status = KeyStatus::Disabled).await;
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_error(&ask().await, 401, "key_disabled");
    world.change_key(|key| key.status = KeyStatus::Active).await;
    running.gateway.refresh();
    eventually("the key is good again", async || ask().await.status == 200).await;
    world.change_key(|key| key.expires_at = Some(Timestamp::from_micros(1))).await;
    eventually("the key has expired", async || ask().await.status == 401).await;
    assert_error(&ask().await, 401, "key_expired");
    world.change_key(|key| key.status = KeyStatus::Revoked).await;
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_error(&ask().await, 401, "key_revoked");
}

#[tokio::test]
async fn a_new_key_works_though_it_was_unknown_a_moment_ago() {
    let world = World::new().await;
    let running = world.start().await;
    let (secret, _) = world.add_key(Environment::Test).await;
    let header = format!("Bearer {}", secret.expose());
    let ask = async || running.client.request(Method::GET, "/v1/models", &[("authorization", &header)], "").await;
    assert_eq!(ask().await.status, 200);
}

#[tokio::test]
async fn models_are_refused_by_what_is_wrong_with_them() {
    let world = World::new().await;
    world.connect("Live", Provider::Sandbox, Environment::Live, None, &["live-only"]).await;
    world.connect("Other", Provider::Sandbox, Environment::Test, None, &["sandbox/large", "unpriced"]).await;
    let running = world.start().await;
    for (model, status, code) in [
        ("gpt-nothing", 404, "model_not_found"),
        ("sandbox/large", 404, "model_not_found"),
        ("live-only", 403, "wrong_environment"),
        ("unpriced", 403, "price_missing"),
    ] {
        let answer = running.client.chat(&chat(model, "hi")).await;
        assert_error(&answer, status, code);
        assert_eq!(answer.json()["error"]["param"], "model");
    }
    assert_eq!(running.client.chat(&chat("Other/sandbox/large", "hi")).await.status, 200);
}

#[tokio::test]
async fn bodies_are_refused_by_what_is_wrong_with_them() {
    let world = World::new().await;
    let running = world.start().await;
    let post = async |body: Vec<u8>| running.client.post("/v1/chat/completions", body).await;
    assert_error(&post(b"not json".to_vec()).await, 400, "invalid_json");
    assert_error(&post(Vec::new()).await, 400, "invalid_json");
    assert_error(&post(b"{\"model\":\"sandbox/small\",\"x\":\"\xff\"}".to_vec()).await, 400, "invalid_json");
    assert_error(&post(b"[]".to_vec()).await, 400, "invalid_request");
    assert_error(&post(b"{}".to_vec()).await, 400, "invalid_request");
    let large = chat("sandbox/small", &"x".repeat(settings().max_body_bytes)).to_string();
    assert_error(&post(large.into_bytes()).await, 413, "request_too_large");
    assert!(world.events().await.is_empty());
}

#[tokio::test]
async fn a_body_without_a_length_is_cut_at_the_bound_too() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let world = World::new().await;
    let running = world.start().await;
    let mut socket = tokio::net::TcpStream::connect(running.client.address).await.unwrap();
    let head = format!(
        "POST /v1/embeddings HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ntransfer-encoding: chunked\r\n\r\n",
        world.key.expose()
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let chunk = [b"8000\r\n", &[b' '; 0x8000][..], b"\r\n"].concat();
    for _ in 0..8 {
        // The gateway may close in the middle of it.
        let _ = socket.write_all(&chunk).await;
    }
    let mut answer = vec![0; 12];
    socket.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 413");
}

#[tokio::test]
async fn a_body_that_never_ends_is_not_waited_for() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let world = World::new().await;
    let running = world.start().await;
    let mut socket = tokio::net::TcpStream::connect(running.client.address).await.unwrap();
    let head = format!(
        "POST /v1/embeddings HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: 100\r\n\r\n{{",
        world.key.expose()
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 12];
    socket.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 408");
}

#[tokio::test]
async fn other_paths_and_methods_are_refused_in_the_envelope() {
    let world = World::new().await;
    let running = world.start().await;
    assert_error(&running.client.get("/v1/nothing").await, 404, "not_found");
    let answer = running.client.get("/v1/chat/completions").await;
    assert_error(&answer, 405, "method_not_allowed");
    assert_eq!(answer.header("allow"), "POST");
    assert!(gateway::Gateway::owns("/v1") && gateway::Gateway::owns("/v1/x"));
    assert!(!gateway::Gateway::owns("/v10") && !gateway::Gateway::owns("/") && !gateway::Gateway::owns("/api/v1/keys"));
}

#[tokio::test]
async fn a_directory_that_cannot_be_written_stops_the_start_with_a_sentence() {
    let world = World::new().await;
    let file = world.dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let refusal = world.try_start(settings(), file.join("journal")).await.unwrap_err().to_string();
    assert!(refusal.contains("can't be written") && refusal.contains("Choose a directory"), "{refusal}");
    let running = world.start().await;
    let refusal = world.try_start(settings(), world.journal_dir()).await.unwrap_err().to_string();
    assert!(refusal.contains("Another Turnpike"), "{refusal}");
    drop(running);
}

#[tokio::test]
async fn a_model_without_a_price_can_be_free_where_the_operator_wants_that() {
    let world = World::new().await;
    let upstream = Upstream::start(|_| {
        answer("200 OK", "", r#"{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":5}}"#)
    })
    .await;
    let url = Some(upstream.base_url());
    world.connect("Other", Provider::OpenaiCompatible, Environment::Test, url, &["unpriced"]).await;
    let running = world.start_with(Settings { unpriced_models_free: true, ..settings() }).await;
    let listed = running.client.get("/v1/models/unpriced").await;
    assert_eq!(listed.status, 200, "{}", listed.text());
    let answer = running.client.chat(&chat("unpriced", "hi")).await;
    assert_eq!((answer.status.as_u16(), answer.header("x-turnpike-cost")), (200, "0"));
    let event = &world.wait_for_events(1).await[0];
    assert_eq!((event.cost, event.input_tokens), (Money::ZERO, 5));
}

#[tokio::test]
async fn a_request_with_too_many_or_too_long_headers_is_refused_and_does_no_harm() {
    let world = World::new().await;
    let running = world.start().await;
    for bomb in ["x-many: y\r\n".repeat(5_000), format!("x-long: {}\r\n", "y".repeat(4 << 20))] {
        let mut socket = TcpStream::connect(running.client.address).await.unwrap();
        // It may be hung up on before all is written.
        let _ = socket.write_all(format!("GET /v1/models HTTP/1.1\r\nhost: x\r\n{bomb}\r\n").as_bytes()).await;
        let mut answer = Vec::new();
        let _ = socket.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    }
    assert_eq!(running.client.chat(&chat("sandbox/small", "hi")).await.status, 200);
}
