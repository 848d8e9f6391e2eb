//! What a key may call, and from where.

use domain::{catalog::Provider, keys::Environment};
use gateway::Settings;
use http::Method;
use serde_json::{Value, json};

use crate::support::{
    Running, World,
    client::{Answer, assert_error, chat},
    eventually, settings,
};

/// A gateway whose key has these rules.
async fn bound(world: &World, rules: Value) -> Running {
    world.change_key(|key| key.rules = serde_json::from_value(rules).unwrap()).await;
    world.start().await
}

fn listed(answer: &Answer) -> Vec<String> {
    let body = answer.json();
    let names = body["data"].as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap().to_owned());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

#[tokio::test]
async fn only_models_that_are_named_can_be_called_seen_and_listed() {
    let world = World::new().await;
    let running = bound(&world, json!({"models": ["sandbox/small", "*reason*"]})).await;
    for model in ["sandbox/small", "Sandbox/sandbox/small", "sandbox/reasoning"] {
        assert_eq!(running.client.chat(&chat(model, "hi")).await.status, 200, "{model}");
    }
    for model in ["sandbox/large", "Sandbox/sandbox/large"] {
        let answer = running.client.chat(&chat(model, "hi")).await;
        assert_error(&answer, 403, "model_not_allowed");
        assert_eq!(answer.json()["error"]["param"], "model");
        assert!(answer.text().contains("rules of this key") && answer.text().contains("Sandbox/sandbox/large"));
    }
    assert_error(&running.client.chat(&chat("sandbox/none", "hi")).await, 404, "model_not_found");
    assert_eq!(listed(&running.client.get("/v1/models").await), ["sandbox/reasoning", "sandbox/small"]);
    assert_eq!(running.client.get("/v1/models/sandbox/small").await.status, 200);
    assert_error(&running.client.get("/v1/models/sandbox%2Flarge").await, 403, "model_not_allowed");
    assert_eq!(world.wait_for_events(3).await.len(), 3, "refused calls are no events");
}

#[tokio::test]
async fn the_longer_name_is_no_way_around_a_rule() {
    let world = World::new().await;
    world.connect("Other", Provider::Sandbox, Environment::Test, None, &["sandbox/small"]).await;
    let running = bound(&world, json!({"models": ["Other/*"]})).await;
    assert_eq!(running.client.chat(&chat("Other/sandbox/small", "hi")).await.status, 200);
    for model in ["Sandbox/sandbox/small", "sandbox/large", "Sandbox/sandbox/large"] {
        assert_error(&running.client.chat(&chat(model, "hi")).await, 403, "model_not_allowed");
    }
    assert_eq!(listed(&running.client.get("/v1/models").await), ["Other/sandbox/small"]);
}

#[tokio::test]
async fn only_endpoints_that_are_named_can_be_called() {
    let world = World::new().await;
    let running = bound(&world, json!({"endpoints": ["embeddings"]})).await;
    let answer = running.client.chat(&chat("sandbox/small", "hi")).await;
    assert_error(&answer, 403, "endpoint_not_allowed");
    assert!(answer.text().contains("do not allow chat.completions"), "{}", answer.text());
    // What the body says does not matter: it is not even read.
    assert_error(&running.client.post("/v1/chat/completions", "not json").await, 403, "endpoint_not_allowed");
    let embed = json!({"model": "sandbox/embedding", "input": "hi"}).to_string();
    assert_eq!(running.client.post("/v1/embeddings", embed).await.status, 200);
    assert_eq!(running.client.get("/v1/models").await.status, 200, "what may be called can always be asked");
}

#[tokio::test]
async fn only_addresses_that_are_named_can_be_called_from() {
    let world = World::new().await;
    let running = bound(&world, json!({"ips": ["10.0.0.0/8"]})).await;
    for answer in [running.client.get("/v1/models").await, running.client.chat(&chat("sandbox/small", "hi")).await] {
        assert_error(&answer, 403, "ip_not_allowed");
        assert!(answer.text().contains("from 127.0.0.1"), "{}", answer.text());
    }
    // What a stranger says of itself is not believed.
    let forged = [("x-forwarded-for", "10.0.0.1")];
    assert_error(&running.client.request(Method::GET, "/v1/models", &forged, "").await, 403, "ip_not_allowed");
    world.change_key(|key| key.rules = serde_json::from_value(json!({"ips": ["127.0.0.0/8"]})).unwrap()).await;
    eventually("the address is allowed", async || running.client.get("/v1/models").await.status == 200).await;
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_client_s_address_counts() {
    let world = World::new().await;
    world.change_key(|key| key.rules = serde_json::from_value(json!({"ips": ["2001:db8::/32"]})).unwrap()).await;
    let trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let running = world.start_with(Settings { trusted_proxies, ..settings() }).await;
    for (hops, allowed) in [("2001:db8::7", true), ("2001:db8::7, 192.0.2.1", false), ("192.0.2.1", false)] {
        let answer = running.client.request(Method::GET, "/v1/models", &[("x-forwarded-for", hops)], "").await;
        assert_eq!(answer.status, if allowed { 200 } else { 403 }, "{hops}");
    }
    assert_error(&running.client.get("/v1/models").await, 403, "ip_not_allowed");
}

#[tokio::test]
async fn a_change_of_rules_is_in_force_within_a_second() {
    let world = World::new().await;
    let running = world.start().await;
    assert_eq!(running.client.chat(&chat("sandbox/small", "hi")).await.status, 200);
    world.change_key(|key| key.rules = serde_json::from_value(json!({"models": ["gpt-*"]})).unwrap()).await;
    tokio::time::sleep(std::time::Duration::from_millis(800)).await;
    assert_error(&running.client.chat(&chat("sandbox/small", "hi")).await, 403, "model_not_allowed");
    assert_eq!(listed(&running.client.get("/v1/models").await), [""; 0]);
}
