//! Tenants, other sites, proxies, panics, and where secrets are not.

use axum::{Router, routing::get};
use domain::{RequestId, audit::GENESIS, identity::Role};
use serde_json::{Value, json};
use server::http::{ApiError, cookie};
use service::RequestMeta;

use crate::{
    api::usage,
    support::{Call, EMAIL, PASSWORD, World, logged},
};

on_both_engines! {
    another_organization_s_things_do_not_exist
    another_site_s_page_can_not_use_a_session
    a_session_is_a_cookie_that_signs_in
    secrets_are_shown_once_and_are_nowhere_else
    money_is_a_decimal_string_everywhere
    who_called_from_where_is_written_down
    every_answer_protects_itself
    what_breaks_says_nothing_of_why
    a_database_that_is_away_is_said_to_be
}

async fn another_organization_s_things_do_not_exist(world: &World) {
    let key = usage::key(world).await;
    let event = usage::event(world, world.organization, &key, 1).await.id.to_string();
    let token = world.get("/api/v1/tokens").send().await.expect(200)["data"][0]["id"].as_str().unwrap().to_owned();
    let elsewhere = world.organization("Elsewhere").await;
    let admin = world.person(elsewhere, Role::Owner).await;
    for collection in ["keys", "usage/events"] {
        let page = world.call("GET", format!("/api/v1/{collection}")).token(&admin.token).send().await.expect(200);
        assert_eq!(page["data"], json!([]), "{collection}");
    }
    let own = world.call("GET", "/api/v1/tokens").token(&admin.token).send().await.expect(200);
    assert!(own["data"].as_array().unwrap().iter().all(|t| t["id"] != token.as_str()));
    let sums = world.call("GET", "/api/v1/usage/summary?group_by=key").token(&admin.token).send().await.expect(200);
    assert_eq!((&sums["data"], &sums["total"]["calls"]), (&json!([]), &json!(0)));
    let unknown = |id: &str| format!("{}_01h455vb4pex5vsknk084sn02q", id.split('_').next().unwrap());
    let routes = [
        ("GET", "keys/{}", &key),
        ("PATCH", "keys/{}", &key),
        ("POST", "keys/{}/enable", &key),
        ("POST", "keys/{}/disable", &key),
        ("POST", "keys/{}/revoke", &key),
        ("POST", "tokens/{}/revoke", &token),
        ("GET", "usage/events/{}", &event),
    ];
    for (method, path, id) in routes {
        let ask = async |id: &str| {
            let call = world.call(method, format!("/api/v1/{}", path.replace("{}", id))).token(&admin.token);
            call.json(&json!({})).send().await.refused("not_found")["message"].clone()
        };
        assert_eq!(ask(id).await, ask(&unknown(id)).await, "{method} {path}");
    }
    let filtered = world.call("GET", format!("/api/v1/usage/events?key={key}")).token(&admin.token).send().await;
    assert_eq!(filtered.expect(200)["data"], json!([]));
    assert_eq!(world.get(format!("/api/v1/keys/{key}")).send().await.expect(200)["status"], "active");
}

async fn another_site_s_page_can_not_use_a_session(world: &World) {
    let new = json!({"name": "a", "environment": "test"});
    let post = || world.call("POST", "/api/v1/keys").session(&world.owner.session).json(&new);
    for site in ["cross-site", "same-site"] {
        post().header("sec-fetch-site", site).send().await.refused("cross_site_request");
    }
    post().header("origin", "https://evil.example").send().await.refused("cross_site_request");
    post().header("origin", "null").send().await.refused("cross_site_request");
    post().send().await.refused("cross_site_request");
    for method in ["PATCH", "PUT", "DELETE"] {
        world.call(method, "/api/v1/keys").session(&world.owner.session).send().await.refused("cross_site_request");
    }
    assert_eq!(world.get("/api/v1/keys").send().await.expect(200)["data"], json!([]));
    post().header("sec-fetch-site", "same-origin").send().await.expect(201);
    post().header("origin", "http://turnpike.test").send().await.expect(201);
    post().header("origin", "https://turnpike.example.com").send().await.expect(201);
    // A token is sent on purpose, so it does not matter which page a program calls itself.
    world.post("/api/v1/keys").header("origin", "https://evil.example").json(&new).send().await.expect(201);
    world
        .call("GET", "/api/v1/keys")
        .session(&world.owner.session)
        .header("sec-fetch-site", "cross-site")
        .send()
        .await
        .expect(200);
}

async fn a_session_is_a_cookie_that_signs_in(world: &World) {
    let meta = RequestMeta { request_id: RequestId::mint(world.now(), &world.entropy), ip: None, user_agent: None };
    let signed_in = world.state.sessions.sign_in(EMAIL, PASSWORD, &meta).await.unwrap();
    let line = cookie::begin(&signed_in.secret, signed_in.max_age).unwrap();
    let line = line.to_str().unwrap();
    let pair = line.split(';').next().unwrap();
    world.call("GET", "/api/v1/keys").header("cookie", pair).send().await.expect(200);
    world.call("GET", "/api/v1/keys").header("cookie", &format!("theme=dark; {pair}; x=y")).send().await.expect(200);
    let changed = pair.replace("=tps_", "=tps_A");
    world.call("GET", "/api/v1/keys").header("cookie", &changed).send().await.refused("unauthenticated");
    world.wait(std::time::Duration::from_secs(8 * 86_400));
    world.call("GET", "/api/v1/keys").header("cookie", pair).send().await.refused("unauthenticated");
}

async fn secrets_are_shown_once_and_are_nowhere_else(world: &World) {
    let provider_key = format!("sk-provider-{}", world.owner.token);
    let new = json!({"name": "P", "base_url": "http://127.0.0.1:9/v1", "api_key": provider_key, "environment": "live"});
    world.post("/api/v1/connections").key("c").json(&new).send().await.expect(201);
    let key =
        world.post("/api/v1/keys").key("k").json(&json!({"name": "a", "environment": "test"})).send().await.expect(201);
    let token = world
        .post("/api/v1/tokens")
        .key("t")
        .json(&json!({"name": "a", "scopes": ["keys:read"]}))
        .send()
        .await
        .expect(201);
    let secrets = [&key["secret"], &token["secret"]].map(|secret| secret.as_str().unwrap().to_owned());
    let mut shown = Vec::new();
    for path in ["keys", "tokens", "connections", "models"] {
        shown.push(world.get(format!("/api/v1/{path}")).send().await.text);
    }
    shown.push(world.get(format!("/api/v1/keys/{}", key["id"].as_str().unwrap())).send().await.text);
    shown.extend(audit(world).await);
    shown.push(logged());
    for secret in secrets.iter().chain([&provider_key, &world.owner.token, &world.owner.session]) {
        for (n, text) in shown.iter().enumerate() {
            assert!(!text.contains(secret.as_str()), "a secret is in text {n}");
        }
    }
    assert!(logged().contains("/api/v1/keys"), "requests are logged");
}

/// The first organization's audit log as text, its chain checked.
async fn audit(world: &World) -> Vec<String> {
    let entries = world.db.read().await.unwrap().audit().from(world.organization, 1, 1_000).await.unwrap();
    let mut link = GENESIS;
    for (n, linked) in entries.iter().enumerate() {
        assert_eq!(linked.entry.position, n as i64 + 1);
        link = linked.entry.link(&link);
        assert_eq!(linked.link, link);
    }
    entries.iter().map(|linked| serde_json::to_string(&linked.entry).unwrap()).collect()
}

async fn money_is_a_decimal_string_everywhere(world: &World) {
    let key = usage::key(world).await;
    usage::event(world, world.organization, &key, 123_456_789).await;
    let mut amounts = 0;
    for path in ["keys", "models", "usage/events", "usage/summary?group_by=key", "usage/summary?group_by=hour"] {
        amounts += check_money(&world.get(format!("/api/v1/{path}")).send().await.expect(200), false);
    }
    assert!(amounts > 10);
}

/// Checks that every amount is an exact decimal and that a currency stands beside it, or above.
fn check_money(value: &Value, currency: bool) -> usize {
    const AMOUNTS: [&str; 8] =
        ["cost", "cost_today", "input", "cached_input", "cache_write", "output", "reasoning", "per_request"];
    match value {
        Value::Array(items) => items.iter().map(|item| check_money(item, currency)).sum(),
        Value::Object(members) => {
            let currency = currency || members.get("currency").is_some_and(|c| c == "USD");
            let count = members.iter().map(|(name, value)| match value {
                Value::Null => 0,
                amount if AMOUNTS.contains(&name.as_str()) => {
                    assert!(amount.as_str().is_some_and(|a| a.parse::<domain::Money>().is_ok()), "{name}: {amount}");
                    assert!(currency, "{name} has no currency");
                    1
                }
                other => check_money(other, currency),
            });
            count.sum()
        }
        Value::Number(number) => {
            assert!(!number.is_f64(), "{number} is a float");
            0
        }
        _ => 0,
    }
}

async fn who_called_from_where_is_written_down(world: &World) {
    let make = || world.post("/api/v1/keys").json(&json!({"name": "a", "environment": "test"}));
    let agent = "x".repeat(5_000);
    let first = make().header("x-forwarded-for", "6.6.6.6").header("user-agent", &agent).send().await;
    let second = make()
        .peer("10.1.2.3:1")
        .header("x-forwarded-for", "6.6.6.6, 198.51.100.7")
        .header("x-request-id", "theirs")
        .send()
        .await;
    let entries: Vec<Value> = audit(world).await.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    let of = |id: &Value| entries.iter().find(|e| &e["target"] == id).unwrap();
    let (one, two) = (first.expect(201), second.expect(201));
    assert_eq!(of(&one["id"])["ip"], "203.0.113.9", "a stranger's word about addresses counts for nothing");
    assert_eq!(of(&one["id"])["user_agent"].as_str().unwrap().len(), 300);
    assert_eq!(of(&one["id"])["action"], "key.created");
    assert_eq!(of(&two["id"])["ip"], "198.51.100.7");
    assert_eq!(of(&two["id"])["request_id"].as_str(), second.header("x-request-id"));
    assert_ne!(second.header("x-request-id"), Some("theirs"));
}

async fn every_answer_protects_itself(world: &World) {
    for path in ["/api/v1/keys", "/api/v1/nothing", "/healthz", "/api/v1/docs", "/api/v1/openapi.json"] {
        let answer = world.get(path).send().await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(answer.header("permissions-policy").is_some());
        assert!(answer.header("x-request-id").unwrap().parse::<RequestId>().is_ok());
        assert!(answer.header("access-control-allow-origin").is_none());
    }
}

async fn what_breaks_says_nothing_of_why(world: &World) {
    async fn broken() -> Result<(), ApiError> {
        Err(service::Error::internal("relation \"users\" does not exist").into())
    }
    async fn panics() -> Result<(), ApiError> {
        panic!("the pool at 10.0.0.3 is gone")
    }
    let router = Router::new().route("/broken", get(broken)).route("/panics", get(panics));
    let router = world.around(router);
    for (path, cause) in [("/broken", "relation"), ("/panics", "the pool at 10.0.0.3 is gone")] {
        let answer = Call::new(router.clone(), "GET", path.into()).send().await;
        answer.refused("internal_error");
        assert!(!answer.text.contains(cause));
        let request = answer.header("x-request-id").unwrap();
        assert!(logged().lines().any(|line| line.contains(cause) && line.contains(request)), "the log has no {cause}");
    }
}

async fn a_database_that_is_away_is_said_to_be(world: &World) {
    world.db.close().await;
    world.get("/api/v1/keys").send().await.refused("unavailable");
    world.call("GET", "/readyz").send().await.refused("unavailable");
    world.call("GET", "/healthz").send().await.expect(200);
}
