//! An answered call survives `kill -9` under load, once.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt, Full};
use integrations::upstream::Upstream;
use serde_json::{Value, json};

use super::program::Program;

pub(super) const CLIENTS: usize = 8;

/// What the clients saw.
#[derive(Default)]
pub(super) struct Seen {
    /// The calls whose answers arrived whole.
    answered: HashSet<String>,
    /// How many calls ended in a broken connection.
    cut_off: usize,
}

pub(super) async fn prove(rounds: u32) {
    let mut program = Program::new();
    let token = program.bootstrap();
    program.start().await;
    let key =
        program.api(&token, "POST", "/api/v1/keys", Some(json!({ "name": "crash", "environment": "test" }))).await;
    let key = key["secret"].as_str().unwrap().to_owned();
    let seen = Arc::new(Mutex::new(Seen::default()));
    for round in 0..rounds {
        let stop = Arc::new(AtomicBool::new(false));
        let load: Vec<_> =
            (0..CLIENTS).map(|n| tokio::spawn(call_on(&program, &key, n, seen.clone(), stop.clone()))).collect();
        // Not at the same point of the journal's and the batcher's rhythm each time.
        tokio::time::sleep(Duration::from_millis(400 + u64::from(round) * 137 % 900)).await;
        program.kill();
        if round % 2 == 1 {
            // What the next start would do, and then nothing is left to find.
            program.run("doctor", &["--repair"]);
            assert!(program.run("doctor", &[]).ends_with("0 differences\n"));
        }
        stop.store(true, Ordering::Relaxed);
        for client in load {
            client.await.unwrap();
        }
        program.start().await;
    }
    let events = all_events(&program, &token).await;
    judge(&seen.lock().unwrap(), &events, rounds);
    assert!(program.run("doctor", &[]).ends_with("0 differences\n"), "the books are the sums of the events");
    assert!(!program.log().contains("panicked"), "{}", program.log());
}

/// Calls again and again, every other time as a stream, until told to stop.
pub(super) fn call_on(
    program: &Program,
    key: &str,
    client: usize,
    seen: Arc<Mutex<Seen>>,
    stop: Arc<AtomicBool>,
) -> impl Future<Output = ()> + use<> {
    let (upstream, url, key) = (program.client(), program.url("/v1/chat/completions"), format!("Bearer {key}"));
    async move {
        let mut turn = client;
        while !stop.load(Ordering::Relaxed) {
            turn += 1;
            let outcome = call(&upstream, &url, &key, turn).await;
            let mut seen = seen.lock().unwrap();
            match outcome {
                Some(request_id) => assert!(seen.answered.insert(request_id), "a request id was given twice"),
                None => seen.cut_off += 1,
            }
        }
    }
}

/// The id of a call whose answer arrived whole.
async fn call(upstream: &Upstream, url: &str, key: &str, turn: usize) -> Option<String> {
    let stream = turn.is_multiple_of(2);
    let body = json!({ "model": "sandbox/small", "stream": stream, "messages": [{ "role": "user", "content": format!("call {turn}") }] });
    let request =
        Request::post(url).header(header::AUTHORIZATION, key).header(header::CONTENT_TYPE, "application/json");
    let request = request.body(Full::new(Bytes::from(body.to_string()))).unwrap();
    let response = upstream.send(request).await.ok()?;
    let request_id = response.headers().get("x-request-id")?.to_str().ok()?.to_owned();
    assert!(response.status().is_success(), "{}", response.status());
    let body = response.into_body().collect().await.ok()?.to_bytes();
    // A stream that was cut off after a whole chunk may look like an end; its last line tells.
    (!stream || body.trim_ascii_end().ends_with(b"data: [DONE]")).then_some(request_id)
}

/// How each event ended, by the call it is of.
pub(super) async fn all_events(program: &Program, token: &str) -> HashMap<String, Vec<String>> {
    let mut events: HashMap<String, Vec<String>> = HashMap::new();
    let mut cursor = String::new();
    loop {
        let page = program.api(token, "GET", &format!("/api/v1/usage/events?limit=100&cursor={cursor}"), None).await;
        for event in page["data"].as_array().unwrap() {
            let word = |name: &str| event[name].as_str().unwrap().to_owned();
            events.entry(word("request_id")).or_default().push(word("status"));
        }
        match &page["next_cursor"] {
            Value::String(next) => cursor = next.clone(),
            _ => return events,
        }
    }
}

pub(super) fn judge(seen: &Seen, events: &HashMap<String, Vec<String>>, rounds: u32) {
    let lost: Vec<_> = seen.answered.iter().filter(|id| !events.contains_key(*id)).collect();
    assert!(lost.is_empty(), "{} of {} answered calls have no event", lost.len(), seen.answered.len());
    assert!(events.values().all(|e| e.len() == 1), "a call was counted twice");
    let further: Vec<_> =
        events.iter().filter(|(id, _)| !seen.answered.contains(*id)).map(|(_, e)| e[0].as_str()).collect();
    let settled = further.iter().filter(|status| !["interrupted", "aborted"].contains(*status)).count();
    // A call may be settled in the moment in which its last bytes are lost on the way.
    assert!(
        settled <= seen.cut_off,
        "{settled} events belong to no call, but only {} calls were cut off",
        seen.cut_off
    );
    println!(
        "{rounds} rounds: {} answered calls, each with one event; {} further events, {} of them settled as the process ended",
        seen.answered.len(),
        further.len(),
        settled
    );
}
