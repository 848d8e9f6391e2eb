//! A job goes on after `kill -9` in its middle, and does each key once.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use domain::audit::GENESIS;
use futures_util::{StreamExt, stream};
use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};
use store::Db;

use super::program::Program;

const KEYS: usize = 3_000;

/// On a file of its own.
pub(super) async fn on_a_file(rounds: u32) {
    let program = Program::new();
    let url = program.file_url();
    prove(program, &url, rounds).await;
}

/// On this database, which is another process's to keep.
pub(super) async fn on_a_server(url: &str, rounds: u32) {
    prove(Program::on(url), url, rounds).await;
}

/// Makes keys and answers their secrets.
async fn keys(program: &Program, token: &str, count: usize) -> Vec<String> {
    let made = stream::iter(0..count).map(|n| async move {
        let new = json!({ "name": format!("key {n}"), "environment": "test" });
        let key = program.api(token, "POST", "/api/v1/keys", Some(new)).await;
        key["secret"].as_str().unwrap().to_owned()
    });
    made.buffer_unordered(8).collect().await
}

/// How long it takes to revoke 10,000 keys, each of which the gateway knew, and what it says to them a second later.
pub(super) async fn measure(mut program: Program) {
    const MANY: usize = 10_000;
    let token = program.bootstrap();
    program.start().await;
    let secrets = keys(&program, &token, MANY).await;
    assert_eq!(accepted(&program, &secrets).await, MANY);
    let request = json!({ "action": { "type": "revoke" }, "filter": {}, "expected_count": MANY });
    let began = Instant::now();
    let job = program.api(&token, "POST", "/api/v1/keys/bulk", Some(request)).await;
    let asked = began.elapsed();
    let job = ended(&program, &token, job["id"].as_str().unwrap()).await;
    let took = began.elapsed();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!((&job["progress"]["done"], accepted(&program, &secrets).await), (&json!(MANY), 0));
    println!("revoked {MANY} keys in {took:?}, answered after {asked:?}; none accepted a second later");
}

/// How many of these keys may see the models.
pub(super) async fn accepted(program: &Program, secrets: &[String]) -> usize {
    let asked = stream::iter(secrets).map(|secret| async move {
        let request = Request::get(program.url("/v1/models")).header("authorization", format!("Bearer {secret}"));
        let answer = program.send(request.body(Full::default()).unwrap()).await.unwrap();
        usize::from(answer.status().is_success())
    });
    asked.buffer_unordered(16).fold(0, |sum, one| async move { sum + one }).await
}

async fn prove(mut program: Program, url: &str, rounds: u32) {
    let token = program.bootstrap();
    program.start().await;
    keys(&program, &token, KEYS).await;
    let mut jobs = Vec::new();
    let mut under_way = 0;
    for round in 0..rounds {
        let verb = if round % 2 == 0 { "disable" } else { "enable" };
        let request = json!({ "action": { "type": verb }, "filter": {}, "expected_count": KEYS });
        let job = program.api(&token, "POST", "/api/v1/keys/bulk", Some(request)).await;
        let id = job["id"].as_str().unwrap().to_owned();
        // Not at the same point of the work each time.
        tokio::time::sleep(Duration::from_millis(u64::from(round) * 53 % 300)).await;
        program.kill();
        program.start().await;
        let after = program.api(&token, "GET", &format!("/api/v1/jobs/{id}"), None).await;
        under_way += u32::from(after["state"] != "done");
        let job = ended(&program, &token, &id).await;
        let expected = json!({ "total": KEYS, "done": KEYS, "skipped": 0, "failed": 0 });
        assert_eq!((&job["state"], &job["progress"]), (&json!("done"), &expected), "{job}");
        jobs.push((id, format!("key.{verb}d")));
    }
    assert!(under_way > 0, "no job was killed in its middle; the proof proves nothing");
    assert!(!program.log().contains("panicked"), "{}", program.log());
    program.kill();
    judge(&Db::connect(url).await.unwrap(), &jobs).await;
    println!("{rounds} jobs of {KEYS} keys through kill -9, {under_way} of them in the middle: each key once");
}

pub(super) async fn ended(program: &Program, token: &str, id: &str) -> Value {
    for _ in 0..1_200 {
        let job = program.api(token, "GET", &format!("/api/v1/jobs/{id}"), None).await;
        if !["waiting", "running"].contains(&job["state"].as_str().unwrap()) {
            return job;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the job did not end within a minute:\n{}", program.log());
}

/// The log says of each job, and of each key in it, that it was done once; and nothing was lost of the chain.
async fn judge(db: &Db, jobs: &[(String, String)]) {
    let organization = organization(db).await;
    let mut log = Vec::new();
    loop {
        let page = db.read().await.unwrap().audit().from(organization, log.len() as i64 + 1, 5_000).await.unwrap();
        if page.is_empty() {
            break;
        }
        log.extend(page);
    }
    let mut previous = GENESIS;
    for linked in &log {
        previous = linked.entry.link(&previous);
        assert_eq!(linked.link, previous, "the chain is broken at {}", linked.entry.position);
    }
    for (id, action) in jobs {
        let begun = log.iter().find(|l| l.entry.action == "job.created" && l.entry.target == *id).unwrap();
        let mut times: HashMap<&str, u32> = HashMap::new();
        let same =
            |l: &&store::audit::Linked| l.entry.request_id == begun.entry.request_id && l.entry.action == *action;
        for linked in log.iter().filter(same) {
            *times.entry(&linked.entry.target).or_default() += 1;
        }
        assert_eq!(times.len(), KEYS, "{id}");
        assert!(times.values().all(|times| *times == 1), "a key was done twice by {id}");
    }
    db.close().await;
}

/// The only one there is.
async fn organization(db: &Db) -> domain::OrganizationId {
    const SQL: &str = "SELECT id FROM organizations";
    let id: uuid::Uuid = match db {
        Db::Sqlite { read, .. } => sqlx::query_scalar(SQL).fetch_one(read).await.unwrap(),
        Db::Postgres(pool) => sqlx::query_scalar(SQL).fetch_one(pool).await.unwrap(),
    };
    domain::OrganizationId::from_uuid(id)
}
