use domain::identity::{Permission, Role};
use serde_json::{Value, json};
use store::changes::{Change, Since};

use super::usage;
use crate::support::World;

on_both_engines! {
    lives_its_whole_life
    is_there_once_for_a_scope_an_endpoint_and_a_kind
    has_an_amount_and_a_burst_that_go_together
    is_only_for_what_the_organization_has
    of_another_organization_is_not_there
    is_seen_but_not_changed_by_a_developer
    is_found_by_the_key_it_limits
    is_told_to_the_gateways_and_written_down
}

const NOWHERE: &str = "01h455vb4pex5vsknk084sn02q";

/// A limit of the organization's requests, changed as told.
fn new(world: &World, changes: Value) -> Value {
    let mut new = json!({
        "scope": {"organization": world.organization.to_string()}, "kind": "requests_per_minute", "amount": 60,
    });
    new.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    new
}

async fn make(world: &World, changes: Value) -> Value {
    world.post("/api/v1/limits").json(&new(world, changes)).send().await.expect(201)
}

fn path(limit: &Value) -> String {
    format!("/api/v1/limits/{}", limit["id"].as_str().unwrap())
}

async fn lives_its_whole_life(world: &World) {
    let answer = world.post("/api/v1/limits").json(&new(world, json!({}))).send().await;
    let limit = answer.expect(201);
    let path = path(&limit);
    assert_eq!(answer.header("location"), Some(path.as_str()));
    let facts = ["name", "environment", "endpoint", "kind", "amount", "burst", "used", "remaining"];
    let told: Vec<&Value> = facts.iter().map(|fact| &limit[fact]).collect();
    assert_eq!(json!(told), json!(["Acme", "live", null, "requests_per_minute", 60, 60, 0, 60]));
    assert_eq!((&limit["resets_in_seconds"], &limit["manageable"]), (&json!(0), &json!(true)));
    assert_eq!(world.get(&path).send().await.expect(200), limit);
    let change = async |body| world.call("PATCH", &path).token(&world.owner.token).json(&body).send().await;
    assert_eq!(change(json!({})).await.expect(200), limit);
    let sizes = |limit: Value| (limit["amount"].clone(), limit["burst"].clone());
    assert_eq!(sizes(change(json!({"amount": 90})).await.expect(200)), (json!(90), json!(90)));
    assert_eq!(sizes(change(json!({"burst": 10})).await.expect(200)), (json!(90), json!(10)));
    assert_eq!(sizes(change(json!({"amount": 120})).await.expect(200)), (json!(120), json!(10)));
    assert_eq!(change(json!({"amount": 0})).await.refused("invalid_request")["param"], "amount");
    assert_eq!(change(json!({"burst": 121})).await.refused("invalid_request")["param"], "burst");
    assert_eq!(change(json!({"kind": "tokens_per_minute"})).await.refused("invalid_request")["param"], "kind");
    let delete = async || world.call("DELETE", &path).token(&world.owner.token).send().await;
    let gone = delete().await;
    assert_eq!((gone.status, gone.text.as_str()), (204, ""));
    delete().await.refused("not_found");
    change(json!({"amount": 3})).await.refused("not_found");
    world.get(&path).send().await.refused("not_found");
    assert_eq!(world.get("/api/v1/limits").send().await.expect(200), json!({"data": [], "next_cursor": null}));
}

async fn is_there_once_for_a_scope_an_endpoint_and_a_kind(world: &World) {
    make(world, json!({})).await;
    let again = async |changes| world.post("/api/v1/limits").json(&new(world, changes)).send().await;
    assert_eq!(again(json!({"amount": 5})).await.refused("conflict")["param"], "kind");
    again(json!({"kind": "tokens_per_minute"})).await.expect(201);
    again(json!({"environment": "test"})).await.expect(201);
    let own = again(json!({"endpoint": "embeddings"})).await.expect(201);
    assert_eq!(own["endpoint"], "embeddings");
    assert_eq!(again(json!({"endpoint": "embeddings"})).await.refused("conflict")["param"], "kind");
    assert_eq!(again(json!({"endpoint": "images"})).await.refused("invalid_request")["param"], "endpoint");
}

async fn has_an_amount_and_a_burst_that_go_together(world: &World) {
    let send = async |changes| world.post("/api/v1/limits").json(&new(world, changes)).send().await;
    for bad in [json!(0), json!(-1), json!(1_000_000_001), json!(1.5), json!("60"), json!(null), json!(u64::MAX)] {
        assert_eq!(send(json!({"amount": bad})).await.refused("invalid_request")["param"], "amount", "{bad}");
    }
    for bad in [json!(0), json!(61), json!(-1), json!("x")] {
        assert_eq!(send(json!({"burst": bad})).await.refused("invalid_request")["param"], "burst", "{bad}");
    }
    let parallel = |burst| json!({"kind": "parallel_requests", "amount": 4, "burst": burst});
    assert_eq!(send(parallel(json!(4))).await.refused("invalid_request")["param"], "burst");
    let made = send(parallel(json!(null))).await.expect(201);
    assert_eq!((&made["burst"], &made["resets_in_seconds"]), (&json!(null), &json!(null)));
    assert_eq!((&made["used"], &made["remaining"]), (&json!(0), &json!(4)));
    let most = make(world, json!({"amount": 1_000_000_000, "burst": 1})).await;
    assert_eq!(most["remaining"], 1);
}

async fn is_only_for_what_the_organization_has(world: &World) {
    let elsewhere = world.organization("Elsewhere").await;
    let theirs = world.person(elsewhere, Role::Owner).await;
    let new_key = json!({"name": "theirs", "environment": "live"});
    let key = world.call("POST", "/api/v1/keys").token(&theirs.token).json(&new_key).send().await.expect(201);
    let scopes = [
        json!({"organization": elsewhere.to_string()}),
        json!({"user": theirs.user.to_string()}),
        json!({"key": key["id"]}),
        json!({"team": format!("team_{NOWHERE}")}),
        json!({"key": format!("key_{NOWHERE}")}),
    ];
    for scope in scopes {
        let answer = world.post("/api/v1/limits").json(&new(world, json!({"scope": scope}))).send().await;
        assert_eq!(answer.refused("invalid_request")["param"], "scope", "{scope}");
    }
    let test_key = json!({"scope": {"key": usage::key(world).await}, "environment": "live"});
    let answer = world.post("/api/v1/limits").json(&new(world, test_key)).send().await;
    assert_eq!(answer.refused("invalid_request")["param"], "environment");
}

async fn of_another_organization_is_not_there(world: &World) {
    let limit = make(world, json!({})).await;
    let elsewhere = world.organization("Elsewhere").await;
    let stranger = world.person(elsewhere, Role::Owner).await;
    let by = |method| world.call(method, path(&limit)).token(&stranger.token);
    by("GET").send().await.refused("not_found");
    by("PATCH").json(&json!({"amount": 100})).send().await.refused("not_found");
    by("DELETE").send().await.refused("not_found");
    let list = world.call("GET", "/api/v1/limits").token(&stranger.token).send().await.expect(200);
    assert_eq!(list["data"], json!([]));
    let key = usage::key(world).await;
    let of_key = format!("/api/v1/limits?key={key}");
    world.call("GET", of_key).token(&stranger.token).send().await.refused("not_found");
    assert_eq!(world.get(path(&limit)).send().await.expect(200), limit);
}

async fn is_seen_but_not_changed_by_a_developer(world: &World) {
    let limit = make(world, json!({})).await;
    for role in [Role::Developer, Role::Analyst] {
        let person = world.person(world.organization, role).await;
        let by = |method, path: String| world.call(method, path).token(&person.token);
        let seen = by("GET", path(&limit)).send().await.expect(200);
        assert_eq!(seen["manageable"], false);
        let body = new(world, json!({"kind": "tokens_per_minute"}));
        let refusal = by("POST", "/api/v1/limits".into()).json(&body).send().await.refused("forbidden");
        assert!(refusal["message"].as_str().unwrap().contains("limits:manage"));
        by("PATCH", path(&limit)).json(&json!({"amount": 9})).send().await.refused("forbidden");
        by("DELETE", path(&limit)).send().await.refused("forbidden");
    }
    let reads = world.token(&[Permission::LimitsRead], None).await;
    world.call("GET", path(&limit)).token(&reads).send().await.expect(200);
    world.call("DELETE", path(&limit)).token(&reads).send().await.refused("forbidden");
    let budgets = world.token(&[Permission::BudgetsRead, Permission::BudgetsManage], None).await;
    world.call("GET", path(&limit)).token(&budgets).send().await.refused("forbidden");
}

async fn is_found_by_the_key_it_limits(world: &World) {
    let (key, other) = (usage::key(world).await, usage::key(world).await);
    let whole = make(world, json!({"environment": "test"})).await;
    make(world, json!({"environment": "live"})).await;
    let owner = make(world, json!({"scope": {"user": world.owner.user.to_string()}, "environment": "test"})).await;
    let own = make(world, json!({"scope": {"key": key}, "environment": "test", "endpoint": "embeddings"})).await;
    make(world, json!({"scope": {"key": other}, "environment": "test"})).await;
    let found = world.get(format!("/api/v1/limits?key={key}")).send().await.expect(200);
    assert_eq!(found["data"], json!([whole, owner, own]));
    let live = world.get(format!("/api/v1/limits?key={key}&environment=live")).send().await.expect(200);
    assert_eq!(live["data"], json!([]));
    world.get(format!("/api/v1/limits?key=key_{NOWHERE}")).send().await.refused("not_found");
}

async fn is_told_to_the_gateways_and_written_down(world: &World) {
    let told = async || {
        let since = world.db.read().await.unwrap().changes().since(0, 1_000).await.unwrap();
        let Since::Changes(changes) = since else { panic!("nothing was pruned") };
        changes.iter().filter(|(_, change)| *change == Change::Limits(world.organization)).count()
    };
    assert_eq!(told().await, 0);
    let limit = make(world, json!({})).await;
    assert_eq!(told().await, 1);
    let change = async |body| world.call("PATCH", path(&limit)).token(&world.owner.token).json(&body).send().await;
    change(json!({"amount": 60})).await.expect(200);
    assert_eq!(told().await, 1, "nothing changed");
    change(json!({"amount": 61})).await.expect(200);
    world.call("DELETE", path(&limit)).token(&world.owner.token).send().await;
    assert_eq!(told().await, 3);
    let log = world.db.read().await.unwrap().audit().from(world.organization, 1, 1_000).await.unwrap();
    let log: Vec<_> = log.into_iter().map(|linked| linked.entry).filter(|e| e.target == limit["id"]).collect();
    let actions: Vec<&str> = log.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["limit.created", "limit.updated", "limit.deleted"]);
    let written = |text: &Option<String>| serde_json::from_str::<Value>(text.as_deref().unwrap()).unwrap();
    let (was, is) = (written(&log[1].before), written(&log[1].after));
    assert_eq!((&was["amount"], &is["amount"], &is["scope"]), (&json!(60), &json!(61), &limit["scope"]));
    assert_eq!((&log[0].before, &log[2].after), (&None, &None));
}
