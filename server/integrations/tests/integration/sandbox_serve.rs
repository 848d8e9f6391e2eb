//! The Sandbox over HTTP.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use integrations::openai_compatible::{BaseUrl, list_models};
use integrations::sandbox::{MODELS, serve};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::peers::local_upstream;
use crate::sandbox_client::chat;

struct Server {
    base_url: BaseUrl,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

async fn server() -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let ended = tokio::spawn(serve(listener, async move { drop(stopped.await) }));
    Server { base_url, stop, ended }
}

fn request(base_url: &BaseUrl, body: &Value) -> Request<Full<Bytes>> {
    Request::post(base_url.join("chat/completions")).body(Full::new(body.to_string().into())).unwrap()
}

#[tokio::test]
async fn the_sandbox_is_a_provider_like_any_other() {
    let server = server().await;
    let models = list_models(&local_upstream(), &server.base_url, "any key").await.unwrap();
    let ids: Vec<_> = models.iter().map(|model| model.id.as_str()).collect();
    assert_eq!(ids, MODELS.iter().map(|model| model.id).collect::<Vec<_>>());
    assert_eq!(models[0].owned_by.as_deref(), Some("turnpike"));
}

/// The stream takes about three seconds; its first event must be here long before that.
#[tokio::test]
async fn a_stream_arrives_as_it_is_made() {
    let server = server().await;
    let body = chat("sandbox/slow", "Hello", json!({"stream": true, "max_tokens": 25}));
    let start = Instant::now();
    let mut body = local_upstream().send(request(&server.base_url, &body)).await.unwrap().into_body();
    body.frame().await.unwrap().unwrap();
    let first = start.elapsed();
    body.collect().await.unwrap();
    assert!(first + Duration::from_secs(1) < start.elapsed(), "{first:?} of {:?}", start.elapsed());
}

#[tokio::test]
async fn a_cut_off_answer_is_a_broken_one_on_the_wire() {
    let server = server().await;
    for stream in [false, true] {
        let body = chat("sandbox/flaky", "fail:close", json!({"stream": stream}));
        let response = local_upstream().send(request(&server.base_url, &body)).await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(response.into_body().collect().await.is_err(), "stream: {stream}");
    }
}

#[tokio::test]
async fn stopping_lets_answers_end() {
    let server = server().await;
    let body = chat("sandbox/slow", "Bye", json!({"stream": true, "max_tokens": 5}));
    let response = local_upstream().send(request(&server.base_url, &body)).await.unwrap();
    server.stop.send(()).unwrap();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    assert!(bytes.ends_with(b"data: [DONE]\n\n"));
    server.ended.await.unwrap();
    let refused = local_upstream().send(request(&server.base_url, &body)).await;
    assert!(refused.is_err(), "nobody listens any more");
}
