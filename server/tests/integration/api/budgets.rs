use std::time::Duration;

use domain::{
    OrganizationId, TeamId,
    identity::{Permission, Role},
};
use serde_json::{Value, json};
use store::{
    changes::{Change, Since},
    organizations::Team,
};

use super::usage;
use crate::support::World;

on_both_engines! {
    lives_its_whole_life
    is_made_for_each_scope
    is_there_once_for_a_scope_and_a_period
    has_an_amount_that_can_be_spent
    is_only_for_what_the_organization_has
    of_another_organization_is_not_there
    is_seen_but_not_changed_by_a_developer
    says_what_was_spent_and_begins_anew
    is_found_by_the_key_it_bounds
    is_told_to_the_gateways_and_written_down
}

const NOWHERE: &str = "01h455vb4pex5vsknk084sn02q";

/// A budget for the organization, by the month, changed as told.
fn new(world: &World, changes: Value) -> Value {
    let mut new =
        json!({"scope": {"organization": world.organization.to_string()}, "amount": "1.00", "period": "month"});
    new.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    new
}

async fn make(world: &World, changes: Value) -> Value {
    world.post("/api/v1/budgets").json(&new(world, changes)).send().await.expect(201)
}

async fn team(world: &World, organization: OrganizationId, name: &str) -> TeamId {
    let at = world.now();
    let id = TeamId::mint(at, &world.entropy);
    let team = Team { id, organization_id: organization, parent_id: None, name: name.parse().unwrap(), created_at: at };
    let mut tx = world.db.begin().await.unwrap();
    tx.organizations().insert_team(&team).await.unwrap();
    tx.commit().await.unwrap();
    id
}

fn path(budget: &Value) -> String {
    format!("/api/v1/budgets/{}", budget["id"].as_str().unwrap())
}

async fn lives_its_whole_life(world: &World) {
    let answer = world.post("/api/v1/budgets").json(&new(world, json!({}))).send().await;
    let budget = answer.expect(201);
    let path = path(&budget);
    assert_eq!(answer.header("location"), Some(path.as_str()));
    let facts = ["name", "environment", "period", "hard", "amount", "spent", "held", "remaining", "currency"];
    let told: Vec<&Value> = facts.iter().map(|fact| &budget[fact]).collect();
    assert_eq!(json!(told), json!(["Acme", "live", "month", true, "1", "0", "0", "1", "USD"]));
    assert_eq!((&budget["resets_at"], &budget["manageable"]), (&json!("2026-06-01T00:00:00Z"), &json!(true)));
    assert_eq!(world.get(&path).send().await.expect(200), budget);
    let change = async |body| world.call("PATCH", &path).token(&world.owner.token).json(&body).send().await;
    assert_eq!(change(json!({})).await.expect(200), budget);
    let changed = change(json!({"amount": "2.5"})).await.expect(200);
    assert_eq!((&changed["amount"], &changed["hard"]), (&json!("2.5"), &json!(true)));
    let changed = change(json!({"hard": false})).await.expect(200);
    assert_eq!((&changed["amount"], &changed["hard"]), (&json!("2.5"), &json!(false)));
    assert_eq!(change(json!({"amount": "0"})).await.refused("invalid_request")["param"], "amount");
    assert_eq!(change(json!({"period": "day"})).await.refused("invalid_request")["param"], "period");
    let delete = async || world.call("DELETE", &path).token(&world.owner.token).send().await;
    let gone = delete().await;
    assert_eq!((gone.status, gone.text.as_str()), (204, ""));
    delete().await.refused("not_found");
    change(json!({"amount": "3"})).await.refused("not_found");
    world.get(&path).send().await.refused("not_found");
    assert_eq!(world.get("/api/v1/budgets").send().await.expect(200), json!({"data": [], "next_cursor": null}));
}

async fn is_made_for_each_scope(world: &World) {
    let (team, key) = (team(world, world.organization, "Search").await, usage::key(world).await);
    let scopes = [
        (json!({"organization": world.organization.to_string()}), "Acme"),
        (json!({"team": team.to_string()}), "Search"),
        (json!({"user": world.owner.user.to_string()}), "Mara"),
        (json!({"key": key}), "calling"),
    ];
    for (scope, name) in &scopes {
        let budget = make(world, json!({"scope": scope, "environment": "test", "hard": false})).await;
        assert_eq!((&budget["scope"], &budget["name"]), (scope, &json!(name)));
        assert_eq!((&budget["environment"], &budget["hard"]), (&json!("test"), &json!(false)));
    }
    let page = world.get("/api/v1/budgets?limit=3").send().await.expect(200);
    let names = |page: &Value| -> Vec<String> {
        page["data"].as_array().unwrap().iter().map(|b| b["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&page), ["Acme", "Search", "Mara"]);
    let next = format!("/api/v1/budgets?limit=3&cursor={}", page["next_cursor"].as_str().unwrap());
    let next = world.get(next).send().await.expect(200);
    assert_eq!((names(&next), &next["next_cursor"]), (vec!["calling".to_owned()], &json!(null)));
    let live = world.get("/api/v1/budgets?environment=live").send().await.expect(200);
    assert_eq!(names(&live), Vec::<String>::new());
    let bad = world.get("/api/v1/budgets?environment=prod").send().await.refused("invalid_request");
    assert_eq!(bad["param"], "environment");
}

async fn is_there_once_for_a_scope_and_a_period(world: &World) {
    make(world, json!({})).await;
    let again = async |changes| world.post("/api/v1/budgets").json(&new(world, changes)).send().await;
    assert_eq!(again(json!({"amount": "5", "hard": false})).await.refused("conflict")["param"], "period");
    again(json!({"period": "day"})).await.expect(201);
    again(json!({"environment": "test"})).await.expect(201);
}

async fn has_an_amount_that_can_be_spent(world: &World) {
    for bad in
        ["0", "0.000", "-1", "-0.000000001", "", "x", "1e3", "1.0000000001", "9223372037", "99999999999999999999"]
    {
        let answer = world.post("/api/v1/budgets").json(&new(world, json!({"amount": bad}))).send().await;
        assert_eq!(answer.refused("invalid_request")["param"], "amount", "{bad}");
    }
    let float = world.post("/api/v1/budgets").json(&new(world, json!({"amount": 1.5}))).send().await;
    assert_eq!(float.refused("invalid_request")["param"], "amount");
    let most = make(world, json!({"amount": "9223372036.854775807"})).await;
    assert_eq!(most["remaining"], "9223372036.854775807");
    make(world, json!({"amount": "0.000000001", "period": "day"})).await;
}

async fn is_only_for_what_the_organization_has(world: &World) {
    let elsewhere = world.organization("Elsewhere").await;
    let theirs = world.person(elsewhere, Role::Owner).await;
    let new_key = json!({"name": "theirs", "environment": "live"});
    let key = world.call("POST", "/api/v1/keys").token(&theirs.token).json(&new_key).send().await.expect(201);
    let scopes = [
        json!({"organization": elsewhere.to_string()}),
        json!({"team": team(world, elsewhere, "Theirs").await.to_string()}),
        json!({"user": theirs.user.to_string()}),
        json!({"key": key["id"]}),
        json!({"organization": format!("org_{NOWHERE}")}),
        json!({"team": format!("team_{NOWHERE}")}),
        json!({"user": format!("usr_{NOWHERE}")}),
        json!({"key": format!("key_{NOWHERE}")}),
    ];
    for scope in scopes {
        let answer = world.post("/api/v1/budgets").json(&new(world, json!({"scope": scope}))).send().await;
        assert_eq!(answer.refused("invalid_request")["param"], "scope", "{scope}");
    }
    let test_key = json!({"scope": {"key": usage::key(world).await}, "environment": "live"});
    let answer = world.post("/api/v1/budgets").json(&new(world, test_key)).send().await;
    assert_eq!(answer.refused("invalid_request")["param"], "environment");
    let two = json!({"organization": world.organization.to_string(), "user": world.owner.user.to_string()});
    for shape in
        [json!("organization"), json!({}), json!({"planet": "x"}), json!({"key": "x"}), json!(null), json!(1), two]
    {
        let answer = world.post("/api/v1/budgets").json(&new(world, json!({"scope": shape}))).send().await;
        let refusal = answer.refused("invalid_request");
        assert!(refusal["param"].as_str().unwrap().starts_with("scope"), "{shape}: {refusal}");
    }
}

async fn of_another_organization_is_not_there(world: &World) {
    let budget = make(world, json!({})).await;
    let elsewhere = world.organization("Elsewhere").await;
    let stranger = world.person(elsewhere, Role::Owner).await;
    let by = |method| world.call(method, path(&budget)).token(&stranger.token);
    by("GET").send().await.refused("not_found");
    by("PATCH").json(&json!({"amount": "100"})).send().await.refused("not_found");
    by("DELETE").send().await.refused("not_found");
    let list = world.call("GET", "/api/v1/budgets").token(&stranger.token).send().await.expect(200);
    assert_eq!(list["data"], json!([]));
    assert_eq!(world.get(path(&budget)).send().await.expect(200), budget);
}

async fn is_seen_but_not_changed_by_a_developer(world: &World) {
    let budget = make(world, json!({})).await;
    for role in [Role::Developer, Role::Analyst] {
        let person = world.person(world.organization, role).await;
        let by = |method, path: String| world.call(method, path).token(&person.token);
        let seen = by("GET", path(&budget)).send().await.expect(200);
        assert_eq!(seen["manageable"], false);
        let body = new(world, json!({"period": "day"}));
        let refusal = by("POST", "/api/v1/budgets".into()).json(&body).send().await.refused("forbidden");
        assert!(refusal["message"].as_str().unwrap().contains("budgets:manage"));
        by("PATCH", path(&budget)).json(&json!({"amount": "9"})).send().await.refused("forbidden");
        by("DELETE", path(&budget)).send().await.refused("forbidden");
    }
    let reads = world.token(&[Permission::BudgetsRead], None).await;
    world.call("GET", path(&budget)).token(&reads).send().await.expect(200);
    world.call("DELETE", path(&budget)).token(&reads).send().await.refused("forbidden");
}

async fn says_what_was_spent_and_begins_anew(world: &World) {
    let key = usage::key(world).await;
    usage::event(world, world.organization, &key, 300_000_000).await;
    let test = |period| json!({"scope": {"key": key}, "environment": "test", "period": period});
    let (day, week) = (make(world, test("day")).await, make(world, test("week")).await);
    let live = make(world, json!({})).await;
    assert_eq!((&day["spent"], &day["remaining"]), (&json!("0.3"), &json!("0.7")));
    assert_eq!((&live["spent"], &live["remaining"]), (&json!("0"), &json!("1")));
    // Since a quarter of an hour before that began.
    world.wait(Duration::from_secs(900));
    let total = make(world, test("total")).await;
    assert_eq!((&total["spent"], &total["resets_at"]), (&json!("0"), &json!(null)));
    usage::event(world, world.organization, &key, 900_000_000).await;
    let now = async |budget: &Value| world.get(path(budget)).send().await.expect(200);
    assert_eq!((&now(&day).await["spent"], &now(&day).await["remaining"]), (&json!("1.2"), &json!("0")));
    assert_eq!(now(&total).await["spent"], "0.9");
    world.wait(Duration::from_secs(86_400));
    let (tomorrow, same_week) = (now(&day).await, now(&week).await);
    assert_eq!((&tomorrow["spent"], &tomorrow["resets_at"]), (&json!("0"), &json!("2026-05-06T00:00:00Z")));
    assert_eq!((&same_week["spent"], &same_week["resets_at"]), (&json!("1.2"), &json!("2026-05-11T00:00:00Z")));
    assert_eq!(now(&total).await["spent"], "0.9");
}

async fn is_found_by_the_key_it_bounds(world: &World) {
    let (key, other) = (usage::key(world).await, usage::key(world).await);
    let whole = make(world, json!({"environment": "test"})).await;
    make(world, json!({"environment": "live"})).await;
    let owner = make(world, json!({"scope": {"user": world.owner.user.to_string()}, "environment": "test"})).await;
    let own = make(world, json!({"scope": {"key": key}, "environment": "test"})).await;
    make(world, json!({"scope": {"key": other}, "environment": "test"})).await;
    let found = world.get(format!("/api/v1/budgets?key={key}")).send().await.expect(200);
    assert_eq!(found["data"], json!([whole, owner, own]));
    world.get(format!("/api/v1/budgets?key=key_{NOWHERE}")).send().await.refused("not_found");
    let bad = world.get("/api/v1/budgets?key=mine").send().await.refused("invalid_request");
    assert_eq!(bad["param"], "key");
}

async fn is_told_to_the_gateways_and_written_down(world: &World) {
    let told = async || {
        let since = world.db.read().await.unwrap().changes().since(0, 1_000).await.unwrap();
        let Since::Changes(changes) = since else { panic!("nothing was pruned") };
        changes.iter().filter(|(_, change)| *change == Change::Budgets(world.organization)).count()
    };
    assert_eq!(told().await, 0);
    let budget = make(world, json!({})).await;
    assert_eq!(told().await, 1);
    let change = async |body| world.call("PATCH", path(&budget)).token(&world.owner.token).json(&body).send().await;
    change(json!({"amount": "1.0"})).await.expect(200);
    assert_eq!(told().await, 1, "nothing changed");
    change(json!({"amount": "1.1"})).await.expect(200);
    world.call("DELETE", path(&budget)).token(&world.owner.token).send().await;
    assert_eq!(told().await, 3);
    let log = world.db.read().await.unwrap().audit().from(world.organization, 1, 1_000).await.unwrap();
    let log: Vec<_> = log.into_iter().map(|linked| linked.entry).filter(|e| e.target == budget["id"]).collect();
    let actions: Vec<&str> = log.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["budget.created", "budget.updated", "budget.deleted"]);
    let written = |text: &Option<String>| serde_json::from_str::<Value>(text.as_deref().unwrap()).unwrap();
    let (was, is) = (written(&log[1].before), written(&log[1].after));
    assert_eq!((&was["amount"], &is["amount"], &is["scope"]), (&json!("1"), &json!("1.1"), &budget["scope"]));
    assert_eq!((&log[0].before, &log[2].after), (&None, &None));
}
