//! For minutes at half of what is possible: no error, no growing memory, and books that agree.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use http::{Request, header};
use http_body_util::{BodyExt, Full};
use integrations::upstream::Upstream;
use serde_json::{Value, json};

use super::program::Program;

const CLIENTS: usize = 32;
/// For how long what is possible is found out.
const TRIAL: Duration = Duration::from_secs(4);
/// What memory may grow by between the second quarter and the last, besides a tenth of itself: caches
/// and allocators settle.
const SLACK_KB: u64 = 8 << 10;

/// How long each answer took, in microseconds.
type Waits = Arc<Mutex<Vec<u32>>>;

pub(super) async fn prove(duration: Duration) {
    let mut program = Program::new();
    let token = program.bootstrap();
    program.start().await;
    let key = program.api(&token, "POST", "/api/v1/keys", Some(json!({ "name": "soak", "environment": "test" }))).await;
    bind(&program, &token, &key["id"]).await;
    let key = key["secret"].as_str().unwrap().to_owned();

    let trial = load(&program, &key, TRIAL, None).await;
    let possible = trial.len() as f64 / TRIAL.as_secs_f64();
    let watching = Arc::new(AtomicBool::new(true));
    let memory = tokio::spawn(watch(program.process(), watching.clone()));
    let mut waits = load(&program, &key, duration, Some(possible / 2.0)).await;
    watching.store(false, Ordering::Relaxed);
    let memory = memory.await.unwrap();

    let answered = trial.len() + waits.len();
    waits.sort_unstable();
    let p95 = waits[waits.len() * 95 / 100];
    let (second, last) = (quarter(&memory, 1), quarter(&memory, 3));
    println!(
        "{} s at {:.0} of {possible:.0} calls a second: {} answered, p95 {:.1} ms, memory {} MB then {} MB",
        duration.as_secs(),
        possible / 2.0,
        waits.len(),
        f64::from(p95) / 1_000.0,
        second >> 10,
        last >> 10
    );
    assert!(last <= second + second / 10 + SLACK_KB, "memory grew from {second} KB to {last} KB");
    tokio::time::sleep(Duration::from_secs(1)).await;
    let summary = program.api(&token, "GET", "/api/v1/usage/summary?group_by=day", None).await;
    assert_eq!(summary["total"]["calls"].as_u64().unwrap(), answered as u64, "every answered call is in the books");
    let said: Value = serde_json::from_str(&program.run("doctor", &["--json"])).unwrap();
    assert_eq!(said["differences"], json!([]), "{said}");
    assert!(!program.log().contains("panicked"), "{}", program.log());
}

/// Limits and budgets that are never reached, since they are part of the work.
async fn bind(program: &Program, token: &str, key: &Value) {
    let scope = json!({ "key": key });
    let budget = json!({ "scope": scope, "amount": "1000000", "period": "month", "hard": true, "environment": "test" });
    program.api(token, "POST", "/api/v1/budgets", Some(budget)).await;
    for kind in ["requests_per_minute", "tokens_per_minute", "parallel_requests"] {
        let limit = json!({ "scope": scope, "kind": kind, "amount": 1_000_000_000, "environment": "test" });
        program.api(token, "POST", "/api/v1/limits", Some(limit)).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
}

/// Calls for so long, as often as it goes or at a rate per second.
async fn load(program: &Program, key: &str, duration: Duration, rate: Option<f64>) -> Vec<u32> {
    let waits = Waits::default();
    let clients = (0..CLIENTS).map(|n| tokio::spawn(client(program, key, n, duration, rate, waits.clone())));
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
    std::mem::take(&mut *waits.lock().unwrap())
}

fn client(
    program: &Program,
    key: &str,
    number: usize,
    duration: Duration,
    rate: Option<f64>,
    waits: Waits,
) -> impl Future<Output = ()> + use<> {
    let (upstream, url, key) = (program.client(), program.url("/v1/chat/completions"), format!("Bearer {key}"));
    let pause = rate.map(|rate| Duration::from_secs_f64(CLIENTS as f64 / rate));
    async move {
        let begun = Instant::now();
        let mut turn = 0;
        while begun.elapsed() < duration {
            let asked = Instant::now();
            call(&upstream, &url, &key).await;
            waits.lock().unwrap().push(asked.elapsed().as_micros() as u32);
            turn += 1;
            if let Some(pause) = pause {
                // Not all at once.
                let due = pause.mul_f64(f64::from(turn) + number as f64 / CLIENTS as f64);
                tokio::time::sleep(due.saturating_sub(begun.elapsed())).await;
            }
        }
    }
}

async fn call(upstream: &Upstream, url: &str, key: &str) {
    let body =
        json!({ "model": "sandbox/small", "messages": [{ "role": "user", "content": "Go on." }], "max_tokens": 20 });
    let request =
        Request::post(url).header(header::AUTHORIZATION, key).header(header::CONTENT_TYPE, "application/json");
    let response = upstream.send(request.body(Full::new(body.to_string().into())).unwrap()).await.unwrap();
    assert!(response.status().is_success(), "{}", response.status());
    response.into_body().collect().await.unwrap();
}

/// What the process takes of the machine's memory, in KB, some times a second.
async fn watch(process: u32, watching: Arc<AtomicBool>) -> Vec<u64> {
    let mut seen = Vec::new();
    while watching.load(Ordering::Relaxed) {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let kb: Option<u64> =
            status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix("kB")?.trim().parse().ok());
        seen.extend(kb);
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    seen
}

/// The mean of one quarter.
fn quarter(figures: &[u64], number: usize) -> u64 {
    let length = figures.len() / 4;
    let part = &figures[number * length..(number + 1) * length];
    part.iter().sum::<u64>() / part.len().max(1) as u64
}
