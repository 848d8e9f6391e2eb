use domain::identity::{Permission, Role};
use serde_json::{Value, json};

use crate::support::World;

on_both_engines! {
    a_keys_history_names_who_changed_what
    a_keys_history_is_paged_from_the_newest
    a_keys_history_is_for_those_who_manage_it_or_read_the_log
}

async fn made(world: &World, name: &str) -> String {
    let new = json!({"name": name, "environment": "test"});
    world.post("/api/v1/keys").json(&new).send().await.expect(201)["id"].as_str().unwrap().to_owned()
}

async fn history(world: &World, id: &str, query: &str) -> Value {
    world.get(format!("/api/v1/keys/{id}/audit?{query}")).send().await.expect(200)
}

fn actions(page: &Value) -> Vec<&str> {
    page["data"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect()
}

async fn a_keys_history_names_who_changed_what(world: &World) {
    let (id, other) = (made(world, "checkout").await, made(world, "search").await);
    let changes = json!({"name": "checkout-2", "labels": {"tier": "1"}, "rules": {"models": ["gpt-4o*"]}});
    world.call("PATCH", format!("/api/v1/keys/{id}")).token(&world.owner.token).json(&changes).send().await.expect(200);
    let limit =
        |key: &str| json!({"scope": {"key": key}, "environment": "test", "kind": "parallel_requests", "amount": 5});
    let limited = world.post("/api/v1/limits").json(&limit(&id)).send().await.expect(201);
    world.post("/api/v1/limits").json(&limit(&other)).send().await.expect(201);
    let gone = format!("/api/v1/limits/{}", limited["id"].as_str().unwrap());
    assert_eq!(world.call("DELETE", gone).token(&world.owner.token).send().await.status, 204);
    let secret =
        world.post(format!("/api/v1/keys/{id}/rotate")).json(&json!({"overlap": "1h"})).send().await.expect(200);

    let page = history(world, &id, "").await;
    assert_eq!(actions(&page), ["key.rotated", "limit.deleted", "limit.created", "key.updated", "key.created"]);
    let updated = &page["data"][3];
    let change = |field: &str, before: Value, after: Value| json!({"field": field, "before": before, "after": after});
    assert_eq!(
        updated["changes"],
        json!([
            change("labels.tier", Value::Null, json!("1")),
            change("name", json!("checkout"), json!("checkout-2")),
            change("rules.models", Value::Null, json!(["gpt-4o*"])),
        ])
    );
    assert_eq!(updated["actor_name"], "deploy (token)");
    assert_eq!(updated["target"], *id);
    let owner = world.owner.user.to_string();
    assert_eq!(page["data"][4]["names"], json!({owner: "Mara"}), "the owner of the new key is named");
    let secret = secret["secret"].as_str().unwrap();
    assert!(!page.to_string().contains(secret), "no entry holds a secret");
}

async fn a_keys_history_is_paged_from_the_newest(world: &World) {
    let id = made(world, "checkout").await;
    for action in ["disable", "enable", "disable", "revoke"] {
        world.post(format!("/api/v1/keys/{id}/{action}")).json(&json!({})).send().await.expect(200);
    }
    let first = history(world, &id, "limit=2").await;
    assert_eq!(actions(&first), ["key.revoked", "key.disabled"]);
    let second = history(world, &id, &format!("limit=2&cursor={}", first["next_cursor"].as_str().unwrap())).await;
    assert_eq!(actions(&second), ["key.enabled", "key.disabled"]);
    let third = history(world, &id, &format!("limit=2&cursor={}", second["next_cursor"].as_str().unwrap())).await;
    assert_eq!((actions(&third), &third["next_cursor"]), (vec!["key.created"], &Value::Null));
    let wrong = world.get(format!("/api/v1/keys/{id}/audit?cursor=yesterday")).send().await.refused("invalid_request");
    assert_eq!(wrong["param"], "cursor");
}

async fn a_keys_history_is_for_those_who_manage_it_or_read_the_log(world: &World) {
    let owners = made(world, "the owner's").await;
    let developer = world.person(world.organization, Role::Developer).await;
    let new = json!({"name": "mine", "environment": "test"});
    let mine = world.call("POST", "/api/v1/keys").token(&developer.token).json(&new).send().await.expect(201);
    let mine = mine["id"].as_str().unwrap();
    let ask = |id: &str, token: &str| {
        world.call("GET", format!("/api/v1/keys/{id}/audit")).token(token).header("user-agent", "curl/8")
    };

    let seen = ask(mine, &developer.token).send().await.expect(200);
    assert_eq!(actions(&seen), ["key.created"]);
    assert_eq!(seen["data"][0]["user_agent"], Value::Null, "from where is told to those who read the log");
    ask(&owners, &developer.token).send().await.refused("forbidden");
    let analyst = world.person(world.organization, Role::Analyst).await;
    ask(&owners, &analyst.token).send().await.refused("forbidden");

    // To read the log is enough, to manage every key as well.
    for scope in [Permission::AuditRead, Permission::KeysManage] {
        let token = world.token(&[scope], None).await;
        assert_eq!(actions(&ask(mine, &token).send().await.expect(200)), ["key.created"], "{scope}");
    }
    ask(mine, &world.token(&[Permission::KeysRead], None).await).send().await.refused("forbidden");

    let stranger = world.organization("Other").await;
    let stranger = world.person(stranger, Role::Owner).await;
    ask(mine, &stranger.token).send().await.refused("not_found");
}
