//! `Idempotency-Key`: carried out once, answered as often as sent.

use std::time::Duration;

use domain::identity::{Permission, Role};
use futures_util::future::join_all;
use serde_json::{Value, json};
use store::platform::ReplayKey;

use crate::support::{Call, World};

on_both_engines! {
    the_first_answer_is_given_again_without_its_secret
    another_body_is_another_request
    many_at_once_make_one
    a_key_belongs_to_its_actor_and_route
    refusals_of_the_request_are_kept_and_those_of_the_moment_are_not
    a_key_has_a_length
    what_still_runs_is_not_run_again
    a_client_that_hangs_up_can_ask_again
}

fn new(name: &str) -> Value {
    json!({"name": name, "environment": "test"})
}

fn make(world: &World, key: &str, body: &Value) -> Call {
    world.post("/api/v1/keys").key(key).json(body)
}

async fn keys(world: &World) -> usize {
    world.get("/api/v1/keys").send().await.expect(200)["data"].as_array().unwrap().len()
}

async fn the_first_answer_is_given_again_without_its_secret(world: &World) {
    let first = make(world, "k1", &new("a")).send().await;
    let mut body = first.expect(201);
    assert_eq!(first.header("idempotency-replayed"), None);
    let secret = body.as_object_mut().unwrap().remove("secret").unwrap();
    let again = make(world, "k1", &new("a")).send().await;
    assert_eq!(again.expect(201), body);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(again.header("content-type"), Some("application/json"));
    assert_ne!(again.header("x-request-id"), first.header("x-request-id"));
    assert_eq!(keys(world).await, 1);
    let actor = format!("{} ", world.organization);
    assert!(!stored(world, &actor).await.contains(secret.as_str().unwrap()));
    let path = format!("/api/v1/keys/{}/revoke", body["id"].as_str().unwrap());
    let first = world.post(&path).key("k1").send().await.expect(200);
    assert_eq!(world.post(&path).key("k1").send().await.expect(200), first);
}

/// Everything that is kept for repeated requests, as text.
async fn stored(world: &World, actor: &str) -> String {
    const SQL: &str = "SELECT actor, body FROM idempotency_keys WHERE status IS NOT NULL";
    let rows: Vec<(String, Vec<u8>)> = match &world.db {
        store::Db::Sqlite { read, .. } => sqlx::query_as(SQL).fetch_all(read).await.unwrap(),
        store::Db::Postgres(pool) => sqlx::query_as(SQL).fetch_all(pool).await.unwrap(),
    };
    assert!(!rows.is_empty() && rows.iter().all(|(owner, _)| owner.starts_with(actor)));
    rows.iter().map(|(_, body)| String::from_utf8_lossy(body).into_owned()).collect()
}

async fn another_body_is_another_request(world: &World) {
    make(world, "k1", &new("a")).send().await.expect(201);
    make(world, "k1", &new("b")).send().await.refused("idempotency_mismatch");
    assert_eq!(keys(world).await, 1);
}

async fn many_at_once_make_one(world: &World) {
    let answers = join_all((0..12).map(|_| make(world, "k1", &new("a")).send())).await;
    let made: Vec<_> =
        answers.iter().filter(|a| a.status == 201 && a.header("idempotency-replayed").is_none()).collect();
    assert_eq!(made.len(), 1);
    for other in answers.iter().filter(|a| a.status != 201) {
        other.refused("idempotency_in_progress");
    }
    assert_eq!(keys(world).await, 1);
    make(world, "k1", &new("a")).send().await.expect(201);
    assert_eq!(keys(world).await, 1);
}

async fn a_key_belongs_to_its_actor_and_route(world: &World) {
    make(world, "k1", &new("a")).send().await.expect(201);
    let other = world.token(Permission::ALL, None).await;
    let second = world.call("POST", "/api/v1/keys").token(&other).key("k1").json(&new("a")).send().await;
    assert!(second.expect(201)["secret"].is_string());
    let token = json!({"name": "a", "scopes": ["keys:read"]});
    world.post("/api/v1/tokens").key("k1").json(&token).send().await.expect(201);
    assert_eq!(keys(world).await, 2);
}

async fn refusals_of_the_request_are_kept_and_those_of_the_moment_are_not(world: &World) {
    let first = make(world, "k1", &new("")).send().await;
    first.refused("invalid_request");
    let again = make(world, "k1", &new("")).send().await;
    assert_eq!((again.status, &again.text), (400, &first.text));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    // What someone may do can change, so that is asked anew.
    let owners = world.post("/api/v1/keys").json(&new("b")).send().await.expect(201);
    let path = format!("/api/v1/keys/{}/revoke", owners["id"].as_str().unwrap());
    let developer = world.person(world.organization, Role::Developer).await;
    for _ in 0..2 {
        let refused = world.call("POST", &path).token(&developer.token).key("k1").send().await;
        refused.refused("forbidden");
        assert_eq!(refused.header("idempotency-replayed"), None);
    }
}

async fn a_key_has_a_length(world: &World) {
    for bad in ["", &"k".repeat(256)] {
        let refusal = make(world, bad, &new("a")).send().await.refused("invalid_request");
        assert_eq!(refusal["param"], "Idempotency-Key");
    }
    make(world, &"k".repeat(255), &new("a")).send().await.expect(201);
    let strange = world.post("/api/v1/keys").key("ключ").json(&new("a")).send().await.refused("invalid_request");
    assert_eq!(strange["param"], "Idempotency-Key");
}

async fn what_still_runs_is_not_run_again(world: &World) {
    let body = new("a").to_string();
    let fingerprint = *domain::secrets::SecretHash::of(&body).as_bytes();
    let tokens = world.get("/api/v1/tokens").send().await.expect(200);
    let actor = format!("{} token:{}", world.organization, tokens["data"][0]["id"].as_str().unwrap());
    let mut tx = world.db.begin().await.unwrap();
    let key = ReplayKey { actor: &actor, route: "POST /api/v1/keys", key: "k1" };
    assert!(tx.platform().claim_replay(key, &fingerprint, world.now()).await.unwrap().is_none());
    tx.commit().await.unwrap();
    make(world, "k1", &new("a")).send().await.refused("idempotency_in_progress");
    assert_eq!(keys(world).await, 0);
}

async fn a_client_that_hangs_up_can_ask_again(world: &World) {
    for round in 0..40 {
        let (key, body) = (format!("k{round}"), new("a"));
        let asking = tokio::spawn(make(world, &key, &body).send());
        tokio::time::sleep(Duration::from_micros(200 * round)).await;
        asking.abort();
        // Whatever the first request came to, it comes to an end, and to no second key.
        let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
        loop {
            let again = make(world, &key, &body).send().await;
            if again.status == 201 {
                break;
            }
            again.refused("idempotency_in_progress");
            assert!(tokio::time::Instant::now() < deadline, "round {round} never ends");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(keys(world).await as u64, round + 1);
    }
}
