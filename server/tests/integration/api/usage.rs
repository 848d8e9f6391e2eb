use std::time::Duration;

use domain::{
    EventId, KeyId, Money, OrganizationId, PriceId, RequestId,
    keys::{Environment, Labels},
    usage::{Attribution, CallStatus, Endpoint, EventKind, Outcome, Service, Target, Timings, TokenUsage, UsageEvent},
};
use serde_json::json;

use crate::support::World;

on_both_engines! {
    events_are_listed_filtered_and_opened
    is_summed_by_what_is_asked
    is_adjusted_by_an_event_of_its_own
    refuses_spans_and_words_that_are_none
}

/// Records a call with a key of the organization's, and gives its event.
pub(crate) async fn event(world: &World, organization: OrganizationId, key: &str, cost: i64) -> UsageEvent {
    let entry = world.db.read().await.unwrap().catalog().snapshot().await.unwrap().remove(0);
    let at = world.now();
    let event = UsageEvent {
        id: EventId::mint(at, &world.entropy),
        request_id: RequestId::mint(at, &world.entropy),
        client_request_id: Some("mine".into()),
        kind: EventKind::Call,
        at,
        environment: Environment::Test,
        service: Service::Ai,
        endpoint: Endpoint::ChatCompletions,
        attribution: Attribution {
            organization,
            team: None,
            parent_team: None,
            user: None,
            key: key.parse().unwrap(),
            labels: Labels::default(),
        },
        target: Target {
            provider: entry.provider,
            connection: entry.connection,
            model: entry.model,
            requested_model: entry.upstream_id.to_string(),
            actual_model: entry.upstream_id.to_string(),
        },
        usage: TokenUsage::new(100, 10, 0, 20, 5),
        estimated: false,
        price: PriceId::mint(at, &world.entropy),
        cost: Money::from_nanos(cost),
        outcome: Outcome { status: CallStatus::Ok, http_status: 200, error_code: None, attempts: 1 },
        timings: Timings { first_byte_us: Some(1_000), total_us: 3_000 },
    };
    let mut tx = world.db.begin().await.unwrap();
    tx.usage().record(std::slice::from_ref(&event)).await.unwrap();
    tx.commit().await.unwrap();
    event
}

pub(crate) async fn key(world: &World) -> String {
    let new = json!({"name": "calling", "environment": "test"});
    world.post("/api/v1/keys").json(&new).send().await.expect(201)["id"].as_str().unwrap().to_owned()
}

async fn events_are_listed_filtered_and_opened(world: &World) {
    let (one, two) = (key(world).await, key(world).await);
    let first = event(world, world.organization, &one, 21_000).await;
    let second = event(world, world.organization, &two, 1_500_000_000).await;
    let list = async |query: &str| -> Vec<String> {
        let page = world.get(format!("/api/v1/usage/events?{query}")).send().await.expect(200);
        page["data"].as_array().unwrap().iter().map(|e| e["id"].as_str().unwrap().to_owned()).collect()
    };
    let (a, b) = (first.id.to_string(), second.id.to_string());
    assert_eq!(list("").await, [b.clone(), a.clone()]);
    assert_eq!(list(&format!("key={one}")).await, std::slice::from_ref(&a));
    assert_eq!(list(&format!("request_id={}", second.request_id)).await, std::slice::from_ref(&b));
    assert_eq!(list(&format!("limit=1&cursor={b}")).await, std::slice::from_ref(&a));
    assert_eq!(list("status=error").await, Vec::<String>::new());
    assert_eq!(list("environment=live").await, Vec::<String>::new());
    assert_eq!(list("from=2030-01-01").await, Vec::<String>::new());
    let opened = world.get(format!("/api/v1/usage/events/{a}")).send().await.expect(200);
    assert_eq!((&opened["cost"], &opened["currency"]), (&json!("0.000021"), &json!("USD")));
    assert_eq!(opened["request_id"], first.request_id.to_string());
    assert_eq!(opened["client_request_id"], "mine");
    assert_eq!((&opened["input_tokens"], &opened["key_name"]), (&json!(100), &json!("calling")));
    let unknown = KeyId::mint(world.now(), &world.entropy).to_string().replace("key_", "evt_");
    world.get(format!("/api/v1/usage/events/{unknown}")).send().await.refused("not_found");
}

async fn is_summed_by_what_is_asked(world: &World) {
    let (one, two) = (key(world).await, key(world).await);
    event(world, world.organization, &one, 1_000_000).await;
    event(world, world.organization, &two, 3_000_000).await;
    world.wait(Duration::from_secs(3600));
    event(world, world.organization, &one, 500_000_000).await;
    let sum = async |query: &str| world.get(format!("/api/v1/usage/summary?{query}")).send().await.expect(200);
    let by_key = sum("group_by=key").await;
    assert_eq!((&by_key["data"][0]["group"], &by_key["data"][0]["cost"]), (&json!(one), &json!("0.501")));
    assert_eq!((&by_key["data"][1]["group"], &by_key["data"][1]["cost"]), (&json!(two), &json!("0.003")));
    assert_eq!(
        (&by_key["total"]["calls"], &by_key["total"]["cost"], &by_key["currency"]),
        (&json!(3), &json!("0.504"), &json!("USD"))
    );
    assert_eq!(sum("group_by=hour").await["data"].as_array().unwrap().len(), 2);
    assert_eq!(sum("group_by=day").await["data"][0]["calls"], 3);
    assert_eq!(sum("group_by=model").await["data"].as_array().unwrap().len(), 1);
    assert_eq!(sum("group_by=provider").await["data"][0]["group"], "sandbox");
    assert_eq!(sum("group_by=key&environment=live").await["data"], json!([]));
    let shown = world.get(format!("/api/v1/keys/{one}")).send().await.expect(200);
    assert_eq!((&shown["calls_today"], &shown["cost_today"]), (&json!(2), &json!("0.501")));
}

async fn refuses_spans_and_words_that_are_none(world: &World) {
    let cases = [
        ("summary?group_by=colour", "group_by"),
        ("summary?from=yesterday", "from"),
        ("summary?from=2026-05-02&to=2026-05-01", "to"),
        ("summary?from=2020-01-01&to=2026-05-01", "to"),
        ("summary?environment=prod", "environment"),
        ("events?status=fine", "status"),
        ("events?key=usr_1", "key"),
        ("events?model=gpt", "model"),
        ("events?request_id=1", "request_id"),
        ("events?to=soon", "to"),
    ];
    for (query, param) in cases {
        let refusal = world.get(format!("/api/v1/usage/{query}")).send().await.refused("invalid_request");
        assert_eq!(refusal["param"], param, "{query}");
    }
}

async fn is_adjusted_by_an_event_of_its_own(world: &World) {
    let key = key(world).await;
    let call = event(world, world.organization, &key, 21_000).await;
    let path = format!("/api/v1/usage/events/{}/adjustments", call.id);
    let budget = json!({"scope": {"key": key}, "environment": "test", "period": "day", "amount": "1.00"});
    let budget = world.post("/api/v1/budgets").json(&budget).send().await.expect(201);
    let dearer = world.post(&path).json(&json!({"cost": "0.50"})).send().await.expect(201);
    assert_eq!((&dearer["kind"], &dearer["cost"]), (&json!("adjustment"), &json!("0.499979")));
    assert_eq!((&dearer["request_id"], &dearer["input_tokens"]), (&json!(call.request_id), &json!(0)));
    assert_eq!(dearer["at"], json!(call.at));
    let cheaper = world.post(&path).json(&json!({"cost": "0.10"})).send().await.expect(201);
    assert_eq!(cheaper["cost"], "-0.4");
    let spent = world.get(format!("/api/v1/budgets/{}", budget["id"].as_str().unwrap())).send().await.expect(200);
    assert_eq!(spent["spent"], "0.1");
    let summary = world.get("/api/v1/usage/summary?group_by=key").send().await.expect(200);
    assert_eq!((&summary["total"]["cost"], &summary["total"]["calls"]), (&json!("0.1"), &json!(1)));
    let kept = world.get(format!("/api/v1/usage/events/{}", call.id)).send().await.expect(200);
    assert_eq!(kept["cost"], "0.000021", "an event is never edited");
    let mut tx = world.db.begin().await.unwrap();
    assert_eq!(tx.usage().mismatches(false).await.unwrap(), [], "the books are the sums of the events");
    tx.commit().await.unwrap();

    world.post(&path).json(&json!({"cost": "0.10"})).send().await.refused("conflict");
    world.post(&path).json(&json!({"cost": "-0.10"})).send().await.refused("invalid_request");
    let of_adjustment = format!("/api/v1/usage/events/{}/adjustments", cheaper["id"].as_str().unwrap());
    world.post(&of_adjustment).json(&json!({"cost": "0.20"})).send().await.refused("conflict");
    let foreign = event(world, OrganizationId::mint(world.now(), &world.entropy), &key, 5).await;
    let foreign = format!("/api/v1/usage/events/{}/adjustments", foreign.id);
    world.post(&foreign).json(&json!({"cost": "0.20"})).send().await.refused("not_found");
}
