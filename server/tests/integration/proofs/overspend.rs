//! A hard budget is spent to its end and not beyond, by a crowd and through `kill -9`.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt, Full};
use integrations::upstream::Upstream;
use serde_json::{Value, json};

use super::program::Program;

pub(super) const CLIENTS: usize = 64;
const NANOS: i64 = 1_000_000_000;

/// `cents` is how much there is to spend.
pub(super) async fn prove(cents: i64) {
    let mut program = Program::new();
    let token = program.bootstrap();
    program.start().await;
    for bounded in [false, true] {
        let Purse { name, key, path, .. } = Purse::fill(&program, &token, bounded, cents).await;
        let crowd = (0..CLIENTS).map(|_| tokio::spawn(spend(&program, &key, bounded, false)));
        let first = crowd.collect::<Vec<_>>();
        tokio::time::sleep(Duration::from_millis(700)).await;
        program.kill();
        let mut answered = 0;
        for client in first {
            answered += client.await.unwrap();
        }
        program.start().await;
        let crowd = (0..CLIENTS).map(|_| tokio::spawn(spend(&program, &key, bounded, true)));
        for client in crowd.collect::<Vec<_>>() {
            answered += client.await.unwrap();
        }
        let spent = nanos(&program.api(&token, "GET", &path, None).await["spent"]);
        judge(name, answered, spent, cents);
        tokio::time::sleep(Duration::from_millis(300)).await;
        let said: Value = serde_json::from_str(&program.run("doctor", &["--json"])).unwrap();
        assert_eq!(said["differences"], json!([]), "{said}");
    }
    assert!(!program.log().contains("panicked"), "{}", program.log());
}

/// A key with a hard budget.
pub(super) struct Purse {
    pub(super) name: &'static str,
    pub(super) key: String,
    pub(super) key_id: String,
    /// Of the budget.
    pub(super) path: String,
}

impl Purse {
    pub(super) async fn fill(program: &Program, token: &str, bounded: bool, cents: i64) -> Self {
        let name = if bounded { "bounded" } else { "unbounded" };
        let new = json!({ "name": name, "environment": "test" });
        let key = program.api(token, "POST", "/api/v1/keys", Some(new)).await;
        let amount = format!("{}.{:02}", cents / 100, cents % 100);
        let scope = json!({ "key": key["id"] });
        let budget =
            json!({ "scope": scope, "amount": amount, "period": "month", "hard": true, "environment": "test" });
        let budget = program.api(token, "POST", "/api/v1/budgets", Some(budget)).await;
        let path = format!("/api/v1/budgets/{}", budget["id"].as_str().unwrap());
        // The gateway hears of it within a moment.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let word = |name: &str| key[name].as_str().unwrap().to_owned();
        Self { name, key: word("secret"), key_id: word("id"), path }
    }
}

/// Not more than there was is spent, and nearly all of it.
pub(super) fn judge(name: &str, answered: usize, spent: i64, cents: i64) {
    let limit = cents * NANOS / 100;
    assert!(spent <= limit, "{spent} of {limit} nano-units spent");
    assert!(spent * 100 >= limit * 99, "only {spent} of {limit} nano-units could be spent");
    println!("{name}: {answered} answered calls spent {spent} of {limit} nano-units");
}

/// Calls until there is no money left, or until the connection breaks; answers how often.
pub(super) fn spend(
    program: &Program,
    key: &str,
    bounded: bool,
    until_refused: bool,
) -> impl Future<Output = usize> + use<> {
    let (upstream, url, key) = (program.client(), program.url("/v1/chat/completions"), format!("Bearer {key}"));
    async move {
        let mut answered = 0;
        loop {
            match call(&upstream, &url, &key, bounded).await {
                Some(200) => answered += 1,
                Some(402) => return answered,
                // For a moment nobody can say what is left.
                Some(503) => tokio::time::sleep(Duration::from_millis(50)).await,
                Some(status) => panic!("answered {status}"),
                None if until_refused => tokio::time::sleep(Duration::from_millis(10)).await,
                None => return answered,
            }
        }
    }
}

async fn call(upstream: &Upstream, url: &str, key: &str, bounded: bool) -> Option<u16> {
    let mut body = json!({ "model": "sandbox/large", "messages": [{ "role": "user", "content": "Spend." }] });
    if bounded {
        body["max_tokens"] = 64.into();
    }
    let request =
        Request::post(url).header(header::AUTHORIZATION, key).header(header::CONTENT_TYPE, "application/json");
    let response = upstream.send(request.body(Full::new(Bytes::from(body.to_string()))).unwrap()).await.ok()?;
    let status = response.status().as_u16();
    response.into_body().collect().await.ok()?;
    Some(status)
}

pub(super) fn nanos(amount: &Value) -> i64 {
    let amount: domain::Money = amount.as_str().unwrap().parse().unwrap();
    amount.nanos()
}
