//! Rotations that are due, limits and budgets that are set for many keys, and what people are reminded of.

use std::time::Duration;

use domain::{
    RequestId,
    identity::{Permission, Role},
    keys::Need,
};
use serde_json::{Value, json};
use service::RequestMeta;

use super::bulk::{items, key, run};
use crate::support::{Person, World};

on_both_engines! {
    a_rotation_is_due_when_the_template_wants_it
    a_rotation_is_asked_for_and_collected
    nobody_elses_rotation_is_asked_for
    limits_and_budgets_are_set_and_put_back
    bounds_are_for_those_who_may_set_them
    applying_a_template_is_undone_with_its_bounds
    everyone_is_reminded_of_what_is_theirs
}

const DAY: Duration = Duration::from_secs(86_400);

async fn seen(world: &World, key: &str) -> Value {
    world.get(format!("/api/v1/keys/{key}")).send().await.expect(200)
}

async fn found(world: &World, filter: &str) -> Vec<String> {
    let page = world.get(format!("/api/v1/keys?{filter}&sort=created")).send().await.expect(200);
    page["data"].as_array().unwrap().iter().map(|key| key["name"].as_str().unwrap().to_owned()).collect()
}

async fn bounds(world: &World, room: &str, key: &str) -> Vec<Value> {
    let page = world.get(format!("/api/v1/{room}?key={key}")).send().await.expect(200);
    page["data"].as_array().unwrap().clone()
}

async fn undo(world: &World, job: &Value) -> Value {
    let path = format!("/api/v1/jobs/{}/undo", job["id"].as_str().unwrap());
    let undo = world.post(path).send().await.expect(202);
    world.runner.work_off().await.unwrap();
    undo
}

async fn collect(world: &World, key: &str) -> Value {
    let path = format!("/api/v1/keys/{key}/rotate");
    world.post(path).json(&json!({"overlap": "24h"})).send().await.expect(200)
}

fn after(time: &Value, days: u32) -> String {
    time.as_str().unwrap().parse::<domain::Timestamp>().unwrap().plus(DAY * days).to_string()
}

async fn a_rotation_is_due_when_the_template_wants_it(world: &World) {
    let recipe = |days: u32| json!({"environment": "test", "rotate_every_days": days});
    let new = json!({"name": "Shop", "recipe": recipe(90)});
    let template = world.post("/api/v1/key-templates").json(&new).send().await.expect(201);
    let new = json!({"name": "by schedule", "template_id": template["id"]});
    let id = world.post("/api/v1/keys").json(&new).send().await.expect(201)["id"].as_str().unwrap().to_owned();
    key(world, "free", json!({})).await;
    let made = seen(world, &id).await;
    assert_eq!(made["secret_made_at"], made["created_at"]);
    assert_eq!(made["rotation_due_at"], after(&made["created_at"], 90));
    assert!(found(world, "rotation=due").await.is_empty());
    world.wait(DAY * 90);
    assert_eq!(found(world, "rotation=due").await, ["by schedule"]);
    assert_eq!(found(world, "rotation=!due").await, ["free"]);
    let rotated = collect(world, &id).await;
    assert_ne!(rotated["secret_made_at"], made["secret_made_at"]);
    assert_eq!(rotated["rotation_due_at"], after(&rotated["secret_made_at"], 90));
    assert!(found(world, "rotation=due").await.is_empty());
    assert_eq!(found(world, "rotation=overlap").await, ["by schedule"]);
    assert_eq!(found(world, "rotation=none").await, ["free"]);
    // Another period is another version, which reaches keys when it is applied to them.
    let path = format!("/api/v1/key-templates/{}", template["id"].as_str().unwrap());
    let change = world.call("PATCH", path).token(&world.owner.token);
    change.json(&json!({"recipe": recipe(30)})).send().await.expect(200);
    assert_eq!(seen(world, &id).await["rotation_due_at"], rotated["rotation_due_at"]);
    let apply = json!({"type": "apply_template", "template_id": template["id"]});
    run(world, &json!({"action": apply, "ids": [id]})).await;
    assert_eq!(seen(world, &id).await["rotation_due_at"], after(&rotated["secret_made_at"], 30));
    world.get("/api/v1/keys?rotation=soon").send().await.refused("invalid_request");
}

async fn a_rotation_is_asked_for_and_collected(world: &World) {
    let mut keys = Vec::new();
    for name in ["collected", "waiting", "revoked"] {
        keys.push(key(world, name, json!({})).await);
    }
    world.post(format!("/api/v1/keys/{}/revoke", keys[2])).send().await.expect(200);
    let ask = json!({"action": {"type": "rotate"}, "ids": keys});
    let job = run(world, &ask).await;
    assert_eq!((&job["title"], &job["progress"]["done"]), (&json!("Ask for rotation of 3 keys"), &json!(2)));
    assert_eq!(found(world, "rotation=due").await, ["collected", "waiting"]);
    let waiting = seen(world, &keys[1]).await;
    assert_eq!((&waiting["status"], &waiting["rotation"]), (&json!("active"), &json!(null)), "it goes on as it was");
    let dry = json!({"action": {"type": "rotate"}, "ids": keys, "dry_run": true});
    let preview = world.post("/api/v1/keys/bulk").json(&dry).send().await.expect(200);
    let reasons: Vec<&Value> = preview["skipped"].as_array().unwrap().iter().map(|skip| &skip["reason"]).collect();
    assert_eq!((json!(reasons), &preview["is_final"]), (json!(["already_due", "revoked"]), &json!(null)));
    let collected = collect(world, &keys[0]).await;
    assert_eq!((&collected["rotation_due_at"], collected["rotation"].is_object()), (&json!(null), true));
    let undo = undo(world, &job).await;
    let reasons: Vec<Value> = items(world, &undo, "").await.iter().map(|item| item["reason"].clone()).collect();
    assert_eq!(reasons, [json!("changed_since"), json!(null)], "what was collected stays");
    assert!(found(world, "rotation=due").await.is_empty());
}

async fn nobody_elses_rotation_is_asked_for(world: &World) {
    let developer = world.person(world.organization, Role::Developer).await;
    let stranger = world.person(world.organization("Elsewhere").await, Role::Owner).await;
    let mine = key(world, "the owner's", json!({})).await;
    let ask = json!({"action": {"type": "rotate"}, "ids": [mine], "dry_run": true});
    for (person, reason) in [(&developer, "not_yours"), (&stranger, "not_found")] {
        let call = world.call("POST", "/api/v1/keys/bulk").token(&person.token).json(&ask);
        assert_eq!(call.send().await.expect(200)["skipped"][0]["reason"], reason);
    }
    run(world, &json!({"action": {"type": "rotate"}, "ids": [mine]})).await;
    let theirs = world.call("GET", "/api/v1/keys?rotation=due").token(&stranger.token).send().await.expect(200);
    assert_eq!(theirs["data"], json!([]));
}

/// Since when the organization's only budget counts.
async fn since(world: &World) -> domain::Timestamp {
    let budgets = world.db.read().await.unwrap().budgets().list(world.organization).await.unwrap();
    assert_eq!(budgets.len(), 1);
    budgets[0].budget.since
}

/// What of a limit or a budget is its own.
fn figures(bounds: &[Value]) -> Vec<Value> {
    let of = |bound: &Value| json!([bound["kind"], bound["endpoint"], bound["period"], bound["amount"], bound["hard"]]);
    let mut figures: Vec<Value> = bounds.iter().map(of).collect();
    figures.sort_by_key(ToString::to_string);
    figures
}

async fn limits_and_budgets_are_set_and_put_back(world: &World) {
    let keys = [key(world, "bound", json!({})).await, key(world, "free", json!({})).await];
    let scope = json!({"key": keys[0]});
    let limit = json!({"scope": scope, "environment": "test", "kind": "requests_per_minute", "amount": 60, "burst": 5});
    world.post("/api/v1/limits").json(&limit).send().await.expect(201);
    let budget = json!({"scope": scope, "environment": "test", "period": "total", "amount": "5", "hard": true});
    world.post("/api/v1/budgets").json(&budget).send().await.expect(201);
    let since = since(world).await;
    world.wait(DAY);
    for (action, room, after) in [
        (
            json!({"type": "set_limit", "kind": "requests_per_minute", "amount": 9}),
            "limits",
            json!([[["requests_per_minute", null, null, 9, null]], [["requests_per_minute", null, null, 9, null]]]),
        ),
        (
            json!({"type": "set_limit", "kind": "parallel_requests", "amount": 2, "endpoint": "embeddings"}),
            "limits",
            json!([
                [["parallel_requests", "embeddings", null, 2, null], ["requests_per_minute", null, null, 60, null]],
                [["parallel_requests", "embeddings", null, 2, null]],
            ]),
        ),
        (json!({"type": "remove_limits"}), "limits", json!([[], []])),
        (
            json!({"type": "set_budget", "amount": "7.5", "period": "total", "hard": false}),
            "budgets",
            json!([[[null, null, "total", "7.5", false]], [[null, null, "total", "7.5", false]]]),
        ),
        (json!({"type": "remove_budget"}), "budgets", json!([[], []])),
    ] {
        let mut before = Vec::new();
        for key in &keys {
            before.push(figures(&bounds(world, room, key).await));
        }
        let dry = json!({"action": action, "ids": keys, "dry_run": true});
        let preview = world.post("/api/v1/keys/bulk").json(&dry).send().await.expect(200);
        let job = run(world, &json!({"action": action, "ids": keys})).await;
        assert_eq!(job["progress"]["done"], preview["would_change"], "{action}: {preview}");
        let again = world.post("/api/v1/keys/bulk").json(&dry).send().await.expect(200);
        assert_eq!(again["would_change"], 0, "{action} done twice has nothing to do");
        for (n, key) in keys.iter().enumerate() {
            assert_eq!(json!(figures(&bounds(world, room, key).await)), after[n], "{action}");
        }
        undo(world, &job).await;
        for (n, key) in keys.iter().enumerate() {
            assert_eq!(figures(&bounds(world, room, key).await), before[n], "undo of {action}");
        }
    }
    assert_eq!(self::since(world).await, since, "a budget for all time counts since it did");
    let limit = &bounds(world, "limits", &keys[0]).await[0];
    assert_eq!(limit["burst"], 5);
    // What is wrong is said before anything is done.
    for (action, param) in [
        (json!({"type": "set_limit", "kind": "parallel_requests", "amount": 0}), "amount"),
        (json!({"type": "set_limit", "kind": "parallel_requests", "amount": 2, "burst": 1}), "burst"),
        (json!({"type": "set_budget", "period": "day", "amount": "-1"}), "amount"),
    ] {
        let wrong = json!({"action": action, "ids": keys});
        let refusal = world.post("/api/v1/keys/bulk").json(&wrong).send().await.refused("invalid_request");
        assert_eq!(refusal["param"], param, "{refusal}");
    }
    // Somebody changed one of them since.
    let action = json!({"type": "set_limit", "kind": "requests_per_minute", "amount": 9});
    let job = run(world, &json!({"action": action, "ids": keys})).await;
    let id = bounds(world, "limits", &keys[1]).await[0]["id"].as_str().unwrap().to_owned();
    let change = world.call("PATCH", format!("/api/v1/limits/{id}")).token(&world.owner.token);
    change.json(&json!({"amount": 10})).send().await.expect(200);
    let undo = undo(world, &job).await;
    let reasons: Vec<Value> = items(world, &undo, "").await.iter().map(|item| item["reason"].clone()).collect();
    assert_eq!(reasons, [json!(null), json!("changed_since")]);
    let log = world.db.read().await.unwrap().audit().from(world.organization, 1, 1_000).await.unwrap();
    let noted = |action: &str| log.iter().filter(|linked| linked.entry.action == action).count();
    assert!(
        ["limit.created", "limit.updated", "limit.deleted", "budget.created"].iter().all(|action| noted(action) > 1)
    );
    assert_eq!(noted("key.updated"), 0, "the keys themselves are as they were");
}

async fn bounds_are_for_those_who_may_set_them(world: &World) {
    let developer = world.person(world.organization, Role::Developer).await;
    let new = json!({"name": "own", "environment": "test"});
    let own = world.call("POST", "/api/v1/keys").token(&developer.token).json(&new).send().await.expect(201);
    let actions = [
        json!({"type": "set_limit", "kind": "parallel_requests", "amount": 2}),
        json!({"type": "remove_limits"}),
        json!({"type": "set_budget", "period": "day", "amount": "1"}),
        json!({"type": "remove_budget"}),
    ];
    let keys = world.token(&[Permission::KeysRead, Permission::KeysManage], None).await;
    for token in [&developer.token, &keys] {
        for action in &actions {
            let request = json!({"action": action, "ids": [own["id"]]});
            world.call("POST", "/api/v1/keys/bulk").token(token).json(&request).send().await.refused("forbidden");
        }
    }
    let stranger = world.person(world.organization("Elsewhere").await, Role::Owner).await;
    let request = json!({"action": actions[0], "ids": [own["id"]], "dry_run": true});
    let preview = world.call("POST", "/api/v1/keys/bulk").token(&stranger.token).json(&request).send().await;
    assert_eq!(preview.expect(200)["skipped"][0]["reason"], "not_found");
    assert!(bounds(world, "limits", own["id"].as_str().unwrap()).await.is_empty());
}

async fn applying_a_template_is_undone_with_its_bounds(world: &World) {
    let recipe = json!({
        "environment": "test", "limits": [{"kind": "requests_per_minute", "amount": 60}],
        "budget": {"amount": "50", "period": "month"}, "locked": ["limits", "budget"],
    });
    let new = json!({"name": "Shop", "recipe": recipe});
    let template = world.post("/api/v1/key-templates").json(&new).send().await.expect(201);
    let id = key(world, "bound", json!({})).await;
    let limit = json!({"scope": {"key": id}, "environment": "test", "kind": "tokens_per_minute", "amount": 7});
    world.post("/api/v1/limits").json(&limit).send().await.expect(201);
    let before = (figures(&bounds(world, "limits", &id).await), seen(world, &id).await);
    let apply = json!({"type": "apply_template", "template_id": template["id"]});
    let job = run(world, &json!({"action": apply, "ids": [id]})).await;
    assert_eq!(bounds(world, "limits", &id).await[0]["amount"], 60);
    assert_eq!(bounds(world, "budgets", &id).await.len(), 1);
    undo(world, &job).await;
    assert_eq!((figures(&bounds(world, "limits", &id).await), seen(world, &id).await), before);
    assert!(bounds(world, "budgets", &id).await.is_empty());
}

/// Whom what keys need, and how many do.
async fn reminders(world: &World, person: &Person) -> Vec<(Need, u64)> {
    let meta = RequestMeta { request_id: RequestId::mint(world.now(), &world.entropy), ip: None, user_agent: None };
    let actor = world.state.tokens.authenticate(&person.token, meta).await.unwrap();
    let reminders = world.state.keys.reminders(&actor, None).await.unwrap();
    for reminder in &reminders {
        assert_eq!(
            world.state.keys.count(&actor, &reminder.query).await.unwrap(),
            reminder.keys,
            "the list says the same"
        );
    }
    reminders.into_iter().map(|reminder| (reminder.need, reminder.keys)).collect()
}

async fn everyone_is_reminded_of_what_is_theirs(world: &World) {
    let [developer, analyst] = [Role::Developer, Role::Analyst].map(|role| world.person(world.organization, role));
    let (developer, analyst) = (developer.await, analyst.await);
    let stranger = world.person(world.organization("Elsewhere").await, Role::Owner).await;
    assert!(reminders(world, &world.owner).await.is_empty());
    let end = world.now().plus(DAY * 10).to_string();
    for (person, name) in [(&world.owner, "owner's"), (&developer, "developer's")] {
        let new = json!({"name": name, "environment": "test", "expires_at": end});
        world.call("POST", "/api/v1/keys").token(&person.token).json(&new).send().await.expect(201);
    }
    let far = key(world, "ends later", json!({})).await;
    run(world, &json!({"action": {"type": "rotate"}, "ids": [far]})).await;
    assert_eq!(reminders(world, &world.owner).await, [(Need::End, 2), (Need::Rotation, 1)]);
    assert_eq!(reminders(world, &developer).await, [(Need::End, 1)]);
    for other in [&analyst, &stranger] {
        assert!(reminders(world, other).await.is_empty());
    }
    collect(world, &far).await;
    world.wait(DAY * 11);
    assert!(reminders(world, &world.owner).await.is_empty(), "what has ended is past reminding of");
}
