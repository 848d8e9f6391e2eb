//! How keys are found by what they may call and what they spent, and ordered by whose they are.

use domain::identity::Role;
use serde_json::{Value, json};

use super::usage;
use crate::support::World;

on_both_engines! {
    by_the_models_that_they_may_call
    by_how_near_they_are_to_their_own_budgets
    by_their_owners_in_order_however_these_are_called
    by_no_name_of_another_organization
}

async fn make(world: &World, token: &str, new: Value) -> Value {
    world.call("POST", "/api/v1/keys").token(token).json(&new).send().await.expect(201)
}

async fn names(world: &World, query: &str) -> Vec<String> {
    let page = world.get(format!("/api/v1/keys?{query}")).send().await.expect(200);
    page["data"].as_array().unwrap().iter().map(|key| key["name"].as_str().unwrap().to_owned()).collect()
}

async fn by_the_models_that_they_may_call(world: &World) {
    for (name, environment, models) in [
        ("free", "test", json!([])),
        ("live", "live", json!([])),
        ("small", "test", json!(["sandbox/small"])),
        ("any", "test", json!(["Sandbox/*"])),
        ("other", "test", json!(["gpt-4o"])),
    ] {
        let new = json!({"name": name, "environment": environment, "rules": {"models": models}});
        make(world, &world.owner.token, new).await;
    }
    assert_eq!(names(world, "sort=name&model=sandbox/small").await, ["any", "free", "small"]);
    assert_eq!(names(world, "sort=name&model=Sandbox/sandbox/small").await, ["any", "free", "small"]);
    assert_eq!(names(world, "sort=name&model=!sandbox/small").await, ["live", "other"]);
    assert_eq!(names(world, "model=gpt-4o").await, Vec::<String>::new(), "no connection offers it");
    let preview = json!({"action": {"type": "disable"}, "filter": {"model": "sandbox/small"}, "dry_run": true});
    let preview = world.post("/api/v1/keys/bulk").json(&preview).send().await.expect(200);
    assert_eq!(preview["would_change"], 3, "bulk work takes the same filters");
    let found = world.get("/api/v1/keys/suggestions?field=model&q=SMALL").send().await.expect(200);
    assert_eq!(found[0], json!({"value": "sandbox/small", "label": "sandbox/small"}));
    assert_eq!(found[1]["value"], "Sandbox/sandbox/small");
    let long = "m".repeat(300);
    let refused = world.get(format!("/api/v1/keys?model={long}")).send().await.refused("invalid_request");
    assert_eq!(refused["param"], "model");
}

async fn by_how_near_they_are_to_their_own_budgets(world: &World) {
    let (near, far, bare) = (usage::key(world).await, usage::key(world).await, usage::key(world).await);
    for (key, cost) in [(&near, 800_000_000), (&far, 799_999_999), (&bare, 800_000_000)] {
        usage::event(world, world.organization, key, cost).await;
    }
    for key in [&near, &far] {
        let new = json!({"scope": {"key": key}, "environment": "test", "period": "day", "amount": "1", "hard": false});
        world.post("/api/v1/budgets").json(&new).send().await.expect(201);
    }
    let found = async |query: &str| {
        let page = world.get(format!("/api/v1/keys?{query}")).send().await.expect(200);
        page["data"].as_array().unwrap().iter().map(|key| key["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("near_limit=yes").await, std::slice::from_ref(&near));
    assert_eq!(found("near_limit=no&sort=created").await, [far, bare]);
    world.wait(std::time::Duration::from_secs(86_400));
    assert_eq!(found("near_limit=yes").await, Vec::<String>::new(), "a new day has begun");
    let refused = world.get("/api/v1/keys?near_limit=maybe").send().await.refused("invalid_request");
    assert_eq!(refused["param"], "near_limit");
}

async fn by_their_owners_in_order_however_these_are_called(world: &World) {
    let kim = world.person(world.organization, Role::Developer).await;
    for (name, owner) in [("one", json!(kim.user)), ("two", json!(world.owner.user)), ("three", json!(kim.user))] {
        make(world, &world.owner.token, json!({"name": name, "environment": "test", "owner_id": owner})).await;
    }
    let orphan = make(world, &world.owner.token, json!({"name": "orphan", "environment": "test"})).await;
    let path = format!("/api/v1/keys/{}", orphan["id"].as_str().unwrap());
    world.call("PATCH", path).token(&world.owner.token).json(&json!({"owner_id": null})).send().await.expect(200);
    assert_eq!(names(world, "sort=owner").await, ["one", "three", "two", "orphan"], "Kim, Mara, nobody");
    assert_eq!(names(world, "sort=-owner").await, ["two", "three", "one", "orphan"], "Mara, Kim, nobody");
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.get(format!("/api/v1/keys?sort=owner&limit=1{cursor}")).send().await.expect(200);
        seen.push(page["data"][0]["name"].as_str().unwrap().to_owned());
        let Some(next) = page["next_cursor"].as_str() else { break };
        world.get(format!("/api/v1/keys?sort=calls&cursor={next}")).send().await.refused("invalid_request");
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, ["one", "three", "two", "orphan"]);
    assert_eq!(names(world, "sort=team").await.len(), 4);
    assert_eq!(names(world, "sort=-template").await.len(), 4);
}

async fn by_no_name_of_another_organization(world: &World) {
    let elsewhere = world.organization("Elsewhere").await;
    let stranger = world.person(elsewhere, Role::Owner).await;
    let theirs = make(world, &stranger.token, json!({"name": "theirs", "environment": "test"})).await;
    make(world, &world.owner.token, json!({"name": "ours", "environment": "test"})).await;
    let key = theirs["id"].as_str().unwrap();
    let budget = json!({"scope": {"key": key}, "environment": "test", "period": "day", "amount": "1"});
    world.call("POST", "/api/v1/budgets").token(&stranger.token).json(&budget).send().await.expect(201);
    usage::event(world, elsewhere, key, 2_000_000_000).await;
    for (query, expected) in [
        ("near_limit=yes", vec![]),
        ("near_limit=no", vec!["ours"]),
        ("model=sandbox/small", vec!["ours"]),
        ("sort=owner", vec!["ours"]),
        ("q=theirs", vec![]),
    ] {
        assert_eq!(names(world, query).await, expected, "{query}");
    }
    // Where a stranger's name would stand is not to be found out.
    let cursor = format!("{key}:{}", stranger.user.uuid());
    let refused = world.get(format!("/api/v1/keys?sort=owner&cursor={cursor}")).send().await;
    assert_eq!(refused.refused("invalid_request")["param"], "cursor");
}
