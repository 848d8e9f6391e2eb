//! A job that makes keys goes on after `kill -9` in its middle, makes each once, and has the secret of each.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use http::Request;
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};

use super::{
    bulk::{accepted, ended},
    program::Program,
};

const KEYS: usize = 3_000;

/// On a file of its own.
pub(super) async fn on_a_file(rounds: u32) {
    prove(Program::new(), rounds).await;
}

/// On this database, which is another process's to keep.
pub(super) async fn on_a_server(url: &str, rounds: u32) {
    prove(Program::on(url), rounds).await;
}

/// How long it takes to make 10,000 keys from a template with a limit and a budget, and that each works.
pub(super) async fn measure(mut program: Program) {
    const MANY: usize = 10_000;
    let token = program.bootstrap();
    program.start().await;
    let recipe = json!({ "environment": "test", "limits": [{ "kind": "requests_per_minute", "amount": 600 }],
        "budget": { "amount": "5", "period": "month" } });
    let template = json!({ "name": "Tills", "recipe": recipe, "allowed": {} });
    let template = program.api(&token, "POST", "/api/v1/key-templates", Some(template)).await;
    let mut request = pattern(MANY, 0);
    request["template_id"] = template["id"].clone();
    let began = Instant::now();
    let job = program.api(&token, "POST", "/api/v1/keys/many", Some(request)).await;
    let asked = began.elapsed();
    let job = ended(&program, &token, job["id"].as_str().unwrap()).await;
    let took = began.elapsed();
    let secrets = secrets(&program, &token, &job).await;
    assert_eq!((&job["progress"]["done"], accepted(&program, &secrets).await), (&json!(MANY), MANY));
    println!("made {MANY} keys in {took:?}, answered after {asked:?}; each works");
}

fn pattern(count: usize, round: u32) -> Value {
    json!({ "environment": "test", "pattern": { "name": format!("round-{round}-{{n}}"), "count": count } })
}

/// The secrets of a job's keys, each of a key of its own.
async fn secrets(program: &Program, token: &str, job: &Value) -> Vec<String> {
    let path = format!("/api/v1/jobs/{}/secrets", job["id"].as_str().unwrap());
    let request = Request::post(program.url(&path)).header("authorization", format!("Bearer {token}"));
    let answer = program.send(request.body(Full::default()).unwrap()).await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
    let text = answer.into_body().collect().await.unwrap().to_bytes();
    let rows = domain::csv::read(std::str::from_utf8(&text).unwrap()).unwrap();
    let keys: HashSet<&str> = rows[1..].iter().map(|row| row.cells[0].as_str()).collect();
    assert_eq!(keys.len(), rows.len() - 1, "a key is there twice");
    rows[1..].iter().map(|row| row.cells[3].clone()).collect()
}

async fn prove(mut program: Program, rounds: u32) {
    let token = program.bootstrap();
    program.start().await;
    let mut under_way = 0;
    for round in 0..rounds {
        let job = program.api(&token, "POST", "/api/v1/keys/many", Some(pattern(KEYS, round))).await;
        let id = job["id"].as_str().unwrap().to_owned();
        // Not at the same point of the work each time.
        tokio::time::sleep(Duration::from_millis(20 + u64::from(round) * 53 % 300)).await;
        program.kill();
        program.start().await;
        let after = program.api(&token, "GET", &format!("/api/v1/jobs/{id}"), None).await;
        under_way += u32::from(after["state"] != "done");
        let job = ended(&program, &token, &id).await;
        let expected = json!({ "total": KEYS, "done": KEYS, "skipped": 0, "failed": 0 });
        assert_eq!((&job["state"], &job["progress"]), (&json!("done"), &expected), "{job}");
        let secrets = secrets(&program, &token, &job).await;
        assert_eq!(secrets.len(), KEYS);
        assert_eq!(accepted(&program, &secrets).await, KEYS, "each works");
        let preview =
            json!({ "action": { "type": "enable" }, "filter": { "q": format!("round-{round}-") }, "dry_run": true });
        let preview = program.api(&token, "POST", "/api/v1/keys/bulk", Some(preview)).await;
        assert_eq!(preview["matching"], json!(KEYS), "each key is there once");
    }
    assert!(under_way > 0, "no job was killed in its middle; the proof proves nothing");
    assert!(!program.log().contains("panicked"), "{}", program.log());
    program.kill();
    println!(
        "{rounds} jobs that made {KEYS} keys through kill -9, {under_way} of them in the middle: each key once, each with its secret"
    );
}
