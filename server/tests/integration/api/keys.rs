use std::time::Duration;

use domain::identity::Role;
use serde_json::json;

use crate::support::World;

on_both_engines! {
    lives_its_whole_life
    is_changed_member_by_member
    is_found_by_filters_and_in_pages
    owes_its_expiry_to_the_future
    is_ordered_by_what_is_asked
    is_found_by_values_that_there_are
    is_exported_without_formulas
}

async fn lives_its_whole_life(world: &World) {
    let new = json!({"name": " checkout ", "environment": "test", "labels": {"service": "shop"}});
    let answer = world.post("/api/v1/keys").json(&new).send().await;
    let created = answer.expect(201);
    let id = created["id"].as_str().unwrap();
    let secret = created["secret"].as_str().unwrap();
    assert_eq!(answer.header("location"), Some(format!("/api/v1/keys/{id}").as_str()));
    assert!(secret.starts_with("tpk_test_") && secret.ends_with(created["last_four"].as_str().unwrap()));
    assert_eq!(created["name"], "checkout");
    assert_eq!(created["labels"], json!({"service": "shop"}));
    assert_eq!(
        (&created["calls_today"], &created["cost_today"], &created["currency"]),
        (&json!(0), &json!("0"), &json!("USD"))
    );
    let path = format!("/api/v1/keys/{id}");
    let mut shown = created.clone();
    shown.as_object_mut().unwrap().remove("secret");
    shown["created_by"] = json!("deploy (token)");
    assert_eq!(world.get(&path).send().await.expect(200), shown);
    for (verb, status) in [
        ("disable", "disabled"),
        ("disable", "disabled"),
        ("enable", "active"),
        ("revoke", "revoked"),
        ("revoke", "revoked"),
    ] {
        let now = world.post(format!("{path}/{verb}")).send().await.expect(200);
        assert_eq!(now["status"], status, "after {verb}");
    }
    assert!(world.get(&path).send().await.expect(200)["revoked_at"].is_string());
    for verb in ["enable", "disable"] {
        world.post(format!("{path}/{verb}")).send().await.refused("conflict");
    }
    let rename = world.call("PATCH", &path).token(&world.owner.token).json(&json!({"name": "again"}));
    rename.send().await.refused("conflict");
}

async fn is_changed_member_by_member(world: &World) {
    let end = "2030-01-01T00:00:00Z";
    let new = json!({"name": "a", "environment": "live", "labels": {"x": "1"}, "expires_at": end});
    let created = world.post("/api/v1/keys").json(&new).send().await.expect(201);
    let path = format!("/api/v1/keys/{}", created["id"].as_str().unwrap());
    let change = async |body| world.call("PATCH", &path).token(&world.owner.token).json(&body).send().await.expect(200);
    let key = change(json!({})).await;
    assert_eq!((&key["name"], &key["labels"], &key["expires_at"]), (&json!("a"), &json!({"x": "1"}), &json!(end)));
    let key = change(json!({"name": "b"})).await;
    assert_eq!((&key["name"], &key["labels"], &key["expires_at"]), (&json!("b"), &json!({"x": "1"}), &json!(end)));
    let key = change(json!({"labels": {}, "expires_at": null})).await;
    assert_eq!((&key["name"], &key["labels"], &key["expires_at"]), (&json!("b"), &json!({}), &json!(null)));
}

async fn is_found_by_filters_and_in_pages(world: &World) {
    for (name, environment) in [("Alpha", "test"), ("Beta", "live"), ("alphabet", "live"), ("Gamma", "test")] {
        world.post("/api/v1/keys").json(&json!({"name": name, "environment": environment})).send().await.expect(201);
    }
    let names = async |query: &str| -> Vec<String> {
        let page = world.get(format!("/api/v1/keys?{query}")).send().await.expect(200);
        page["data"].as_array().unwrap().iter().map(|key| key["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("").await, ["Gamma", "alphabet", "Beta", "Alpha"]);
    assert_eq!(names("q=ALPHA").await, ["alphabet", "Alpha"]);
    assert_eq!(names("environment=live").await, ["alphabet", "Beta"]);
    assert_eq!(names("environment=live&q=alpha&status=active,disabled").await, ["alphabet"]);
    assert_eq!(names("status=revoked").await, Vec::<String>::new());
    let (mut seen, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let after = cursor.map(|c| format!("&cursor={c}")).unwrap_or_default();
        let page = world.get(format!("/api/v1/keys?limit=3{after}")).send().await.expect(200);
        seen.push(page["data"].as_array().unwrap().len());
        cursor = page["next_cursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, [3, 1]);
}

async fn owes_its_expiry_to_the_future(world: &World) {
    let body = |at: &str| json!({"name": "a", "environment": "test", "expires_at": at});
    let past = world.post("/api/v1/keys").json(&body("2020-01-01T00:00:00Z")).send().await.refused("invalid_request");
    assert_eq!(past["param"], "expires_at");
    world.wait(Duration::from_secs(1));
    let future = world.post("/api/v1/keys").json(&body("2030-01-01T02:00:00+02:00")).send().await.expect(201);
    assert_eq!(future["expires_at"], "2030-01-01T00:00:00Z");
}

async fn is_ordered_by_what_is_asked(world: &World) {
    for name in ["beta", "Alpha", "gamma"] {
        world.post("/api/v1/keys").json(&json!({"name": name, "environment": "test"})).send().await.expect(201);
    }
    let (mut names, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.get(format!("/api/v1/keys?sort=name&limit=1{cursor}")).send().await.expect(200);
        names.push(page["data"][0]["name"].as_str().unwrap().to_owned());
        let Some(next) = page["next_cursor"].as_str() else { break };
        world.get(format!("/api/v1/keys?sort=-cost&cursor={next}")).send().await.refused("invalid_request");
        cursor = format!("&cursor={next}");
    }
    assert_eq!(names, ["Alpha", "beta", "gamma"]);
    for (query, param) in
        [("sort=size", "sort"), ("calls=many", "calls"), ("last_used=90", "last_used"), ("label=%3D", "label")]
    {
        let refused = world.get(format!("/api/v1/keys?{query}")).send().await;
        assert_eq!(refused.refused("invalid_request")["param"], param);
    }
}

async fn is_found_by_values_that_there_are(world: &World) {
    let elsewhere = world.organization("Elsewhere").await;
    let stranger = world.person(elsewhere, Role::Owner).await;
    for (token, zone) in [(&world.owner.token, "north, west"), (&stranger.token, "nowhere")] {
        let new = json!({"name": zone, "environment": "test", "labels": {"zone": zone}});
        world.call("POST", "/api/v1/keys").token(token).json(&new).send().await.expect(201);
    }
    let values = async |query: &str| {
        let found = world.get(format!("/api/v1/keys/suggestions?{query}")).send().await.expect(200);
        found.as_array().unwrap().iter().map(|v| v["value"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let labels = values("field=label&q=NO").await;
    assert_eq!(labels, [r"zone=north\, west"], "as the filter takes it");
    let found = world.get(r"/api/v1/keys?label=zone%3Dnorth%5C,%20west&owner=me").send().await.expect(200);
    assert_eq!(found["data"].as_array().unwrap().len(), 1);
    assert_eq!(values("field=owner&q=").await, ["me".to_owned(), "none".into(), world.owner.user.to_string()]);
    assert_eq!(values("field=team").await, ["none"]);
    assert_eq!(values("field=q&q=north").await.len(), 1);
    world.get("/api/v1/keys/suggestions?field=secret_hash").send().await.refused("invalid_request");
}

async fn is_exported_without_formulas(world: &World) {
    let elsewhere = world.organization("Elsewhere").await;
    let stranger = world.person(elsewhere, Role::Owner).await;
    let make = async |token: &str, name: &str| {
        let new = json!({"name": name, "environment": "test", "labels": {"formula": "=1+1"}});
        world.call("POST", "/api/v1/keys").token(token).json(&new).send().await.expect(201)["id"].clone()
    };
    let (one, other) = (make(&world.owner.token, "=HYPERLINK(\"x\")").await, make(&world.owner.token, "plain").await);
    let theirs = make(&stranger.token, "theirs").await;
    let csv = world.get("/api/v1/keys/export").send().await;
    assert_eq!(csv.header("content-disposition"), Some("attachment; filename=\"keys.csv\""));
    assert!(csv.text.contains(r#""'=HYPERLINK(""x"")""#), "{}", csv.text);
    assert!(csv.text.contains("plain") && !csv.text.contains("theirs") && !csv.text.contains("tpk_"));
    let named = format!("/api/v1/keys/export?format=json&ids={},{}", other.as_str().unwrap(), theirs.as_str().unwrap());
    let lines = world.get(named).send().await.text;
    assert_eq!(lines.lines().count(), 1);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&lines).unwrap()["id"], other);
    let found = world.get("/api/v1/keys/export?format=json&q=hyperlink").send().await.text;
    assert!(found.contains(one.as_str().unwrap()) && found.lines().count() == 1);
    for (query, param) in [("format=xml", "format"), ("ids=key_x", "ids"), ("status=gone", "status")] {
        let refused = world.get(format!("/api/v1/keys/export?{query}")).send().await;
        assert_eq!(refused.refused("invalid_request")["param"], param);
    }
}
