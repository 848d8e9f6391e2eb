use std::collections::HashMap;

use domain::{
    audit::{AuditEntry, GENESIS},
    identity::{Permission, Role},
};
use serde_json::{Value, json};

use crate::support::World;

on_both_engines! {
    a_dry_run_says_what_the_run_then_does
    another_number_of_keys_is_a_conflict
    every_key_that_is_changed_has_one_entry_in_the_log
    nobody_elses_keys_are_reached
    developers_change_what_is_theirs
    what_was_done_is_undone_where_nobody_changed_it_since
    deleted_keys_take_their_bounds_with_them
    who_may_no_longer_changes_nothing
    a_request_is_checked_before_anything_is_done
}

async fn a_dry_run_says_what_the_run_then_does(world: &World) {
    let team = team(world, "Search").await;
    let actions = [
        json!({"type": "add_labels", "labels": {"tier": "1"}}),
        json!({"type": "remove_labels", "names": ["tier", "none"]}),
        json!({"type": "extend_expiry", "expires_at": "2031-01-01T00:00:00Z"}),
        json!({"type": "set_team", "team_id": team}),
        json!({"type": "set_team", "team_id": null}),
        json!({"type": "set_owner", "owner_id": world.person(world.organization, Role::Developer).await.user}),
        json!({"type": "disable"}),
        json!({"type": "enable"}),
        json!({"type": "revoke"}),
        json!({"type": "delete_revoked"}),
    ];
    for action in actions {
        for (n, status) in ["active", "disabled", "revoked"].into_iter().enumerate() {
            let key = key(world, &format!("{status} key"), json!({"n": n.to_string()})).await;
            if n > 0 {
                let verb = if n == 1 { "disable" } else { "revoke" };
                world.post(format!("/api/v1/keys/{key}/{verb}")).send().await.expect(200);
            }
        }
        let request = json!({"action": action, "filter": {"q": "key"}, "dry_run": true});
        let preview = world.post("/api/v1/keys/bulk").json(&request).send().await.expect(200);
        let skipped: u64 = preview["skipped"].as_array().unwrap().iter().map(|s| s["count"].as_u64().unwrap()).sum();
        let (matching, would) = (number(&preview["matching"]), number(&preview["would_change"]));
        assert_eq!(would + skipped, matching, "{preview}");
        let request = json!({"action": action, "filter": {"q": "key"}, "expected_count": matching});
        let job = run(world, &request).await;
        let progress = &job["progress"];
        assert_eq!((&job["state"], number(&progress["total"])), (&json!("done"), matching));
        assert_eq!((number(&progress["done"]), number(&progress["skipped"])), (would, skipped), "{action}: {preview}");
        let mut reasons: HashMap<String, u64> = HashMap::new();
        for item in items(world, &job, "outcome=skipped").await {
            *reasons.entry(item["reason"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        for skipped in preview["skipped"].as_array().unwrap() {
            assert_eq!(reasons[skipped["reason"].as_str().unwrap()], number(&skipped["count"]), "{action}");
            assert!(skipped["message"].as_str().unwrap().ends_with('.'));
            assert!(!skipped["samples"].as_array().unwrap().is_empty());
        }
    }
}

async fn another_number_of_keys_is_a_conflict(world: &World) {
    for name in ["shop 1", "shop 2", "till"] {
        key(world, name, json!({})).await;
    }
    let request = |count: u64| json!({"action": {"type": "disable"}, "filter": {"q": "shop"}, "expected_count": count});
    let refusal = world.post("/api/v1/keys/bulk").json(&request(3)).send().await.refused("conflict");
    assert!(refusal["message"].as_str().unwrap().starts_with("2 keys match now, not 3."), "{refusal}");
    assert_eq!(refusal["param"], "expected_count");
    assert_eq!(world.get("/api/v1/jobs").send().await.expect(200)["data"], json!([]), "no job is left behind");
    let job = run(world, &request(2)).await;
    assert_eq!((&job["progress"]["done"], &job["title"]), (&json!(2), &json!("Disable 2 keys")));
}

async fn every_key_that_is_changed_has_one_entry_in_the_log(world: &World) {
    let mut keys = Vec::new();
    for n in 0..1_203 {
        keys.push(key(world, &format!("key {n}"), json!({})).await);
    }
    world.post(format!("/api/v1/keys/{}/disable", keys[7])).send().await.expect(200);
    let before = log(world).await.len();
    let request = json!({"action": {"type": "disable"}, "filter": {"q": "key "}, "expected_count": 1_203});
    let job = run(world, &request).await;
    assert_eq!((&job["progress"]["done"], &job["progress"]["skipped"]), (&json!(1_202), &json!(1)));
    let log = log(world).await;
    assert_eq!(
        (log[before].action.as_str(), log[before].target.as_str()),
        ("job.created", job["id"].as_str().unwrap())
    );
    let entries = &log[before + 1..];
    let mut targets: Vec<&str> = entries.iter().map(|entry| entry.target.as_str()).collect();
    targets.sort_unstable();
    keys.remove(7);
    assert_eq!(targets, keys, "ids sort by time, and so do their texts");
    for entry in entries {
        assert_eq!(entry.action, "key.disabled");
        assert!(entry.actor.starts_with("token:") && entry.actor == log[before].actor);
        assert_eq!((entry.request_id, &entry.ip), (log[before].request_id, &Some("203.0.113.9".to_owned())));
        assert!(entry.before.as_ref().unwrap().contains("\"active\""));
        assert!(entry.after.as_ref().unwrap().contains("\"disabled\""));
    }
    for status in ["active", "disabled"] {
        let page = world.get(format!("/api/v1/keys?status={status}&limit=1")).send().await.expect(200);
        assert_eq!(page["data"].as_array().unwrap().is_empty(), status == "active");
    }
    world.runner.work_off().await.unwrap();
    assert_eq!(self::log(world).await.len(), log.len(), "what is done is not done again");
}

async fn nobody_elses_keys_are_reached(world: &World) {
    let elsewhere = world.organization("Elsewhere").await;
    let stranger = world.person(elsewhere, Role::Owner).await;
    let new = json!({"name": "their secret name", "environment": "test"});
    let theirs = world.call("POST", "/api/v1/keys").token(&stranger.token).json(&new).send().await.expect(201);
    let (theirs, mine) = (theirs["id"].as_str().unwrap(), key(world, "mine", json!({})).await);
    let ids = json!([theirs, mine, "key_01h455vb4pex5vsknk084sn02q"]);
    let request = json!({"action": {"type": "revoke"}, "ids": ids, "dry_run": true});
    let answer = world.post("/api/v1/keys/bulk").json(&request).send().await;
    let preview = answer.expect(200);
    assert_eq!((&preview["matching"], &preview["would_change"]), (&json!(1), &json!(1)));
    assert_eq!((&preview["skipped"][0]["reason"], &preview["skipped"][0]["count"]), (&json!("not_found"), &json!(2)));
    let job = run(world, &json!({"action": {"type": "revoke"}, "ids": ids, "expected_count": 1})).await;
    let skipped = items(world, &job, "outcome=skipped").await;
    assert_eq!(skipped.len(), 2);
    assert!(skipped.iter().all(|item| item["reason"] == "not_found" && item["name"].is_null()), "{skipped:?}");
    assert!(!answer.text.contains("secret name"));
    let all = json!({"action": {"type": "disable"}, "filter": {}, "dry_run": true});
    assert_eq!(world.post("/api/v1/keys/bulk").json(&all).send().await.expect(200)["matching"], 1);
    let untouched = world.call("GET", format!("/api/v1/keys/{theirs}")).token(&stranger.token).send().await;
    assert_eq!(untouched.expect(200)["status"], "active");
    // Nor can a key be given to somebody, or to a team, that the organization does not have.
    let theirs = team_of(world, elsewhere, "Theirs").await;
    for (action, param) in [
        (json!({"type": "set_owner", "owner_id": stranger.user}), "owner_id"),
        (json!({"type": "set_team", "team_id": theirs}), "team_id"),
    ] {
        let request = json!({"action": action, "ids": [mine], "dry_run": true});
        let refusal = world.post("/api/v1/keys/bulk").json(&request).send().await.refused("invalid_request");
        assert_eq!(refusal["param"], param);
    }
}

async fn developers_change_what_is_theirs(world: &World) {
    let developer = world.person(world.organization, Role::Developer).await;
    let by = |path: &str| world.call("POST", path).token(&developer.token);
    let new = json!({"name": "own", "environment": "test"});
    let own = by("/api/v1/keys").json(&new).send().await.expect(201);
    key(world, "other", json!({})).await;
    let request = json!({"action": {"type": "disable"}, "filter": {}, "dry_run": true});
    let preview = by("/api/v1/keys/bulk").json(&request).send().await.expect(200);
    assert_eq!((&preview["matching"], &preview["would_change"]), (&json!(2), &json!(1)));
    assert_eq!(
        preview["skipped"],
        json!([{
            "reason": "not_yours", "message": preview["skipped"][0]["message"], "count": 1, "samples": ["other"],
        }])
    );
    let give = json!({"action": {"type": "set_owner", "owner_id": world.owner.user}, "filter": {}, "dry_run": true});
    let preview = by("/api/v1/keys/bulk").json(&give).send().await.expect(200);
    assert_eq!(preview["would_change"], 0, "{preview}");
    let request = json!({"action": {"type": "disable"}, "filter": {}, "expected_count": 2});
    let job = by("/api/v1/keys/bulk").json(&request).send().await.expect(202);
    world.runner.work_off().await.unwrap();
    let path = format!("/api/v1/jobs/{}", job["id"].as_str().unwrap());
    let job = world.call("GET", path).token(&developer.token).send().await.expect(200);
    assert_eq!((&job["progress"]["done"], &job["progress"]["skipped"]), (&json!(1), &json!(1)));
    let own = world.get(format!("/api/v1/keys/{}", own["id"].as_str().unwrap())).send().await.expect(200);
    assert_eq!(own["status"], "disabled");
    let active = world.get("/api/v1/keys?status=active").send().await.expect(200);
    assert_eq!(active["data"].as_array().unwrap().len(), 1);
}

async fn what_was_done_is_undone_where_nobody_changed_it_since(world: &World) {
    let mut keys = Vec::new();
    for n in 0..4 {
        keys.push(key(world, &format!("key {n}"), json!({"n": n.to_string()})).await);
    }
    let request = json!({"action": {"type": "disable"}, "ids": keys});
    let job = run(world, &request).await;
    assert!(job["undo_until"].is_string());
    // One is enabled by hand, one revoked, and one is renamed, which the job has not touched.
    world.post(format!("/api/v1/keys/{}/enable", keys[0])).send().await.expect(200);
    world.post(format!("/api/v1/keys/{}/revoke", keys[1])).send().await.expect(200);
    let rename = world.call("PATCH", format!("/api/v1/keys/{}", keys[2])).token(&world.owner.token);
    rename.json(&json!({"name": "another"})).send().await.expect(200);
    let path = format!("/api/v1/jobs/{}", job["id"].as_str().unwrap());
    let undo = world.post(format!("{path}/undo")).send().await.expect(202);
    assert_eq!((&undo["undoes"], &undo["title"]), (&job["id"], &json!("Undo: disable 4 keys")));
    world.post(format!("{path}/undo")).send().await.refused("conflict");
    world.runner.work_off().await.unwrap();
    let undone = world.get(&path).send().await.expect(200);
    assert_eq!((&undone["undone_by"], &undone["undo_until"]), (&undo["id"], &json!(null)));
    let reasons: Vec<Value> = items(world, &undo, "").await.iter().map(|item| item["reason"].clone()).collect();
    assert_eq!(reasons, [json!("changed_since"), json!("revoked"), json!(null), json!(null)]);
    let mut statuses = Vec::new();
    for key in &keys {
        let key = world.get(format!("/api/v1/keys/{key}")).send().await.expect(200);
        statuses.push(key["status"].as_str().unwrap().to_owned());
    }
    assert_eq!(statuses, ["active", "revoked", "active", "active"]);
    let undo = format!("/api/v1/jobs/{}/undo", undo["id"].as_str().unwrap());
    world.post(undo).send().await.refused("conflict");
    // Labels, owners and ends come back as they were.
    let before = world.get(format!("/api/v1/keys/{}", keys[3])).send().await.expect(200);
    let other = world.person(world.organization, Role::Developer).await.user;
    for action in [
        json!({"type": "add_labels", "labels": {"n": "9", "tier": "1"}}),
        json!({"type": "remove_labels", "names": ["n"]}),
        json!({"type": "set_owner", "owner_id": other}),
        json!({"type": "set_team", "team_id": team(world, "Search").await}),
    ] {
        let job = run(world, &json!({"action": action, "ids": [keys[3]]})).await;
        assert_eq!(job["progress"]["done"], 1);
        assert_ne!(log(world).await.last().unwrap().after, log(world).await.last().unwrap().before);
        world.post(format!("/api/v1/jobs/{}/undo", job["id"].as_str().unwrap())).send().await.expect(202);
        world.runner.work_off().await.unwrap();
        let after = world.get(format!("/api/v1/keys/{}", keys[3])).send().await.expect(200);
        assert_eq!(after, before, "{action}");
    }
}

async fn deleted_keys_take_their_bounds_with_them(world: &World) {
    let (gone, kept) = (key(world, "gone", json!({})).await, key(world, "kept", json!({})).await);
    world.post(format!("/api/v1/keys/{gone}/revoke")).send().await.expect(200);
    for id in [&gone, &kept] {
        let scope = json!({"key": id});
        let budget = json!({"scope": scope, "environment": "test", "period": "day", "amount": "5", "hard": true});
        world.post("/api/v1/budgets").json(&budget).send().await.expect(201);
        let limit = json!({"scope": scope, "environment": "test", "kind": "requests_per_minute", "amount": 5});
        world.post("/api/v1/limits").json(&limit).send().await.expect(201);
    }
    let job = run(world, &json!({"action": {"type": "delete_revoked"}, "ids": [gone, kept]})).await;
    assert_eq!((&job["progress"]["done"], &job["undo_until"]), (&json!(1), &json!(null)));
    let item = &items(world, &job, "outcome=done").await[0];
    assert_eq!((&item["key_id"], &item["name"]), (&json!(gone), &json!("gone")), "its name is still known");
    world.get(format!("/api/v1/keys/{gone}")).send().await.refused("not_found");
    world.get(format!("/api/v1/keys/{kept}")).send().await.expect(200);
    for room in ["budgets", "limits"] {
        let left = world.get(format!("/api/v1/{room}")).send().await.expect(200);
        let scopes: Vec<&Value> = left["data"].as_array().unwrap().iter().map(|one| &one["scope"]["key"]).collect();
        assert_eq!(scopes, [&json!(kept)], "{room}");
    }
    let actions: Vec<String> = log(world).await.into_iter().map(|entry| entry.action).collect();
    assert!(actions.ends_with(&["key.deleted".into(), "budget.deleted".into(), "limit.deleted".into()]), "{actions:?}");
}

async fn who_may_no_longer_changes_nothing(world: &World) {
    let key = key(world, "a", json!({})).await;
    let token = world.token(Permission::ALL, None).await;
    let request = json!({"action": {"type": "revoke"}, "ids": [key]});
    let job = world.call("POST", "/api/v1/keys/bulk").token(&token).json(&request).send().await.expect(202);
    let mine = world.call("GET", "/api/v1/tokens").token(&token).send().await.expect(200);
    let id = mine["data"][0]["id"].as_str().unwrap();
    world.post(format!("/api/v1/tokens/{id}/revoke")).send().await.expect(200);
    world.runner.work_off().await.unwrap();
    let path = format!("/api/v1/jobs/{}", job["id"].as_str().unwrap());
    let job = world.get(&path).send().await.expect(200);
    assert_eq!((&job["state"], &job["progress"]["failed"]), (&json!("done"), &json!(1)));
    assert_eq!(items(world, &job, "outcome=failed").await[0]["reason"], "no_longer_allowed");
    assert_eq!(world.get(format!("/api/v1/keys/{key}")).send().await.expect(200)["status"], "active");
    // A retry is in the same name, and so comes to the same.
    assert_eq!(world.post(format!("{path}/retry")).send().await.expect(200)["state"], "waiting");
    world.runner.work_off().await.unwrap();
    let job = world.get(&path).send().await.expect(200);
    assert_eq!((&job["progress"]["failed"], &job["can_retry"]), (&json!(1), &json!(true)));
}

async fn a_request_is_checked_before_anything_is_done(world: &World) {
    let key = key(world, "a", json!({})).await;
    let disable = json!({"type": "disable"});
    let cases = [
        (json!({}), "action"),
        (json!({"action": disable}), "filter"),
        (json!({"action": disable, "filter": {}}), "expected_count"),
        (json!({"action": disable, "filter": {}, "ids": [key], "dry_run": true}), "filter"),
        (json!({"action": disable, "ids": [], "dry_run": true}), "ids"),
        (json!({"action": disable, "ids": ["x"], "dry_run": true}), "ids[0]"),
        (json!({"action": disable, "filter": {"statuss": "active"}, "dry_run": true}), "filter.statuss"),
        (json!({"action": disable, "filter": {"status": "lost"}, "dry_run": true}), "status"),
        (json!({"action": {"type": "paint"}, "ids": [key]}), "action"),
        (json!({"action": {"type": "disable", "at": "noon"}, "ids": [key]}), "action.at"),
        (json!({"action": {"type": "set_team"}, "ids": [key]}), "action.team_id"),
        (
            json!({"action": {"type": "extend_expiry", "expires_at": "2020-01-01T00:00:00Z"}, "ids": [key]}),
            "expires_at",
        ),
        (json!({"action": {"type": "add_labels", "labels": {}}, "ids": [key]}), "labels"),
        (json!({"action": {"type": "remove_labels", "names": []}, "ids": [key]}), "names"),
    ];
    for (request, param) in cases {
        let refusal = world.post("/api/v1/keys/bulk").json(&request).send().await.refused("invalid_request");
        assert_eq!(refusal["param"], param, "{request}: {refusal}");
    }
    let many: Vec<&str> = std::iter::repeat_n(key.as_str(), 10_001).collect();
    let request = json!({"action": disable, "ids": many, "dry_run": true});
    let refusal = world.post("/api/v1/keys/bulk").json(&request).send().await.refused("invalid_request");
    assert_eq!(refusal["param"], "ids");
    world.runner.work_off().await.unwrap();
    assert_eq!(world.get(format!("/api/v1/keys/{key}")).send().await.expect(200)["status"], "active");
}

/// Asks for a job, works it off and answers how it ended.
pub(super) async fn run(world: &World, request: &Value) -> Value {
    let job = world.post("/api/v1/keys/bulk").json(request).send().await.expect(202);
    assert_eq!(job["state"], "waiting");
    world.runner.work_off().await.unwrap();
    world.get(format!("/api/v1/jobs/{}", job["id"].as_str().unwrap())).send().await.expect(200)
}

/// A new key's id.
pub(super) async fn key(world: &World, name: &str, labels: Value) -> String {
    let new = json!({"name": name, "environment": "test", "labels": labels, "expires_at": "2030-01-01T00:00:00Z"});
    let made = world.post("/api/v1/keys").json(&new).send().await.expect(201);
    made["id"].as_str().unwrap().to_owned()
}

/// The first page of what became of a job's items.
pub(super) async fn items(world: &World, job: &Value, query: &str) -> Vec<Value> {
    let path = format!("/api/v1/jobs/{}/items?limit=100&{query}", job["id"].as_str().unwrap());
    world.get(path).send().await.expect(200)["data"].as_array().unwrap().clone()
}

pub(super) async fn team(world: &World, name: &str) -> String {
    team_of(world, world.organization, name).await
}

async fn team_of(world: &World, organization: domain::OrganizationId, name: &str) -> String {
    let at = world.now();
    let team = store::organizations::Team {
        id: domain::TeamId::mint(at, &world.entropy),
        organization_id: organization,
        parent_id: None,
        name: name.parse().unwrap(),
        created_at: at,
    };
    let mut tx = world.db.begin().await.unwrap();
    tx.organizations().insert_team(&team).await.unwrap();
    tx.commit().await.unwrap();
    team.id.to_string()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

/// The organization's audit log, whose chain is whole.
pub(super) async fn log(world: &World) -> Vec<AuditEntry> {
    let log = world.db.read().await.unwrap().audit().from(world.organization, 1, 10_000).await.unwrap();
    let mut previous = GENESIS;
    for linked in &log {
        previous = linked.entry.link(&previous);
        assert_eq!(linked.link, previous);
    }
    log.into_iter().map(|linked| linked.entry).collect()
}
