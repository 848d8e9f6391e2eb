//! Limits hold on two nodes together while a crowd comes to both: within the bound that docs/nodes.md states
//! on PostgreSQL alone, exactly with Redis, and nobody waits for a Redis that is gone.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use integrations::upstream::{Body, Upstream};
use serde_json::json;

use super::{nodes::on_postgres, program::Program};
use crate::redis_server::RedisServer;

/// Of both limits; half of them on each node.
const CLIENTS: usize = 64;
/// Requests a second.
const RATE: usize = 20;
const BURST: usize = 40;
const PARALLEL: usize = 6;
/// A second's: until one node hears of the other, which takes a tenth of it where there is room.
const UNHEARD: usize = RATE;

/// What the crowd got through.
#[derive(Default)]
struct Seen {
    stop: AtomicBool,
    passed: AtomicUsize,
    refused: AtomicUsize,
    under_way: AtomicUsize,
    most_under_way: AtomicUsize,
    slowest_ms: AtomicUsize,
}

/// Two nodes, and keys with a limit each.
struct Stage {
    nodes: [Program; 2],
    rate: String,
    parallel: String,
}

impl Stage {
    async fn set(url: &str, redis: Option<String>) -> Self {
        let one = Program::on(url).with_redis(redis);
        let token = one.bootstrap();
        let other = one.beside("other");
        let mut nodes = [one, other];
        for node in &mut nodes {
            node.start().await;
        }
        let kinds = [("requests_per_minute", RATE * 60, Some(BURST)), ("parallel_requests", PARALLEL, None)];
        let mut keys = Vec::new();
        for (kind, amount, burst) in kinds {
            let new = json!({ "name": kind, "environment": "test" });
            let key = nodes[0].api(&token, "POST", "/api/v1/keys", Some(new)).await;
            let mut limit =
                json!({ "scope": { "key": key["id"] }, "environment": "test", "kind": kind, "amount": amount });
            if let Some(burst) = burst {
                limit["burst"] = burst.into();
            }
            nodes[0].api(&token, "POST", "/api/v1/limits", Some(limit)).await;
            keys.push(key["secret"].as_str().unwrap().to_owned());
        }
        // Both hear of it within a moment.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let [rate, parallel] = keys.try_into().unwrap();
        Self { nodes, rate, parallel }
    }

    /// A crowd comes to both nodes for as long as `meanwhile` takes. Answers what it saw, and how long that was.
    async fn crowd(&self, meanwhile: impl Future<Output = ()>) -> (Arc<Seen>, f64) {
        let (seen, began) = (Arc::new(Seen::default()), Instant::now());
        let clients = (0..CLIENTS).map(|client| {
            let node = &self.nodes[client % 2];
            let (upstream, url, seen) = (node.client(), node.url("/v1/chat/completions"), seen.clone());
            match client % 4 {
                0 | 1 => tokio::spawn(hammer(upstream, url, self.rate.clone(), seen)),
                _ => tokio::spawn(linger(upstream, url, self.parallel.clone(), seen)),
            }
        });
        let clients: Vec<_> = clients.collect();
        meanwhile.await;
        let time = began.elapsed().as_secs_f64();
        seen.stop.store(true, Ordering::Relaxed);
        for client in clients {
            client.await.unwrap();
        }
        (seen, time)
    }

    fn end(self) {
        for node in &self.nodes {
            assert!(!node.log().contains("panicked"), "{}", node.log());
        }
    }
}

impl Seen {
    /// No more passed than the rate and so many beyond it, and not much less either; no more were under way
    /// than `parallel`.
    fn judge(&self, name: &str, time: f64, beyond: usize, parallel: usize) {
        let load = |figure: &AtomicUsize| figure.load(Ordering::Relaxed);
        let (passed, refused, most) = (load(&self.passed), load(&self.refused), load(&self.most_under_way));
        let (rate, slowest) = ((RATE as f64 * time).ceil() as usize, load(&self.slowest_ms));
        println!(
            "{name}: {passed} passed and {refused} were refused in {time:.1} s, of {rate} and at most {beyond} beyond; \
             {most} were under way at once; the slowest answer took {slowest} ms"
        );
        assert!(passed <= rate + beyond, "{passed} passed");
        assert!(passed >= rate / 5 * 4, "only {passed} passed");
        assert!((PARALLEL..=parallel).contains(&most), "{most} were under way");
    }
}

/// Calls as fast as it can. When it is told to stop, what is on its way is not counted: that may be late.
async fn hammer(upstream: Upstream, url: String, key: String, seen: Arc<Seen>) {
    while !seen.stop.load(Ordering::Relaxed) {
        let began = Instant::now();
        let response = call(&upstream, &url, &key, "sandbox/small").await;
        let status = response.status().as_u16();
        response.into_body().collect().await.unwrap();
        if seen.stop.load(Ordering::Relaxed) {
            return;
        }
        seen.slowest_ms.fetch_max(began.elapsed().as_millis() as usize, Ordering::Relaxed);
        match status {
            200 => seen.passed.fetch_add(1, Ordering::Relaxed),
            429 => seen.refused.fetch_add(1, Ordering::Relaxed),
            other => panic!("answered {other}"),
        };
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Begins streams and leaves them. It counts them for a part of the time for which they are under way.
async fn linger(upstream: Upstream, url: String, key: String, seen: Arc<Seen>) {
    while !seen.stop.load(Ordering::Relaxed) {
        let response = call(&upstream, &url, &key, "sandbox/slow").await;
        match response.status().as_u16() {
            200 => {
                let now = seen.under_way.fetch_add(1, Ordering::SeqCst) + 1;
                seen.most_under_way.fetch_max(now, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(300)).await;
                seen.under_way.fetch_sub(1, Ordering::SeqCst);
            }
            429 => tokio::time::sleep(Duration::from_millis(20)).await,
            other => panic!("answered {other}"),
        }
    }
}

async fn call(upstream: &Upstream, url: &str, key: &str, model: &str) -> Response<Body> {
    let body =
        json!({ "model": model, "stream": true, "messages": [{ "role": "user", "content": "Count to a hundred." }] });
    let request = Request::post(url).header(header::AUTHORIZATION, format!("Bearer {key}"));
    let request = request.header(header::CONTENT_TYPE, "application/json");
    upstream.send(request.body(Full::new(Bytes::from(body.to_string()))).unwrap()).await.unwrap()
}

/// `seconds` is how long the crowd comes.
pub(super) async fn prove(seconds: u64) {
    let third = Duration::from_secs(seconds) / 3;
    on_postgres(|_, url| async move {
        let stage = Stage::set(&url, None).await;
        let (seen, time) = stage.crowd(tokio::time::sleep(3 * third)).await;
        seen.judge("PostgreSQL alone", time, 2 * BURST + UNHEARD, PARALLEL);
        stage.end();
    })
    .await;
    let Some(mut redis) = RedisServer::start().await else { return };
    on_postgres(|_, url| async move {
        let stage = Stage::set(&url, Some(redis.url())).await;
        let (seen, time) = stage.crowd(tokio::time::sleep(3 * third)).await;
        seen.judge("Redis", time, BURST, PARALLEL);
        let (seen, time) = stage
            .crowd(async {
                tokio::time::sleep(third).await;
                redis.kill();
                tokio::time::sleep(third).await;
                redis.start_again().await;
                tokio::time::sleep(third).await;
            })
            .await;
        // What nodes keep alone, and a burst of a Redis that counts anew.
        seen.judge("Redis that is killed and comes back", time, 3 * BURST + UNHEARD, 2 * PARALLEL);
        stage.end();
    })
    .await;
}
