use axum::body::Body;
use serde_json::{Value, json};
use server::http::BODY_LIMIT;

use crate::support::World;

on_both_engines! {
    bodies_are_json_of_the_right_shape
    pages_and_filters_are_checked
    ids_are_checked
    unknown_paths_and_methods_are_said_to_be
    too_large_is_too_large
}

async fn bodies_are_json_of_the_right_shape(world: &World) {
    let post = || world.post("/api/v1/keys");
    for text in
        ["", "{", "name=a", "{\"name\": \"a\",}", "{\"name\": \"a\", \"environment\": \"test\"} {}", "\u{feff}{}"]
    {
        let refusal = post().header("content-type", "application/json").body(text).send().await.refused("invalid_json");
        assert!(!refusal["message"].as_str().unwrap().contains(" line "));
    }
    let bytes = Body::from(b"{\"name\": \"\xff\xfe\", \"environment\": \"test\"}".to_vec());
    post().header("content-type", "application/json").body(bytes).send().await.refused("invalid_json");
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp"] {
        let body = json!({"name": "a", "environment": "test"}).to_string();
        post().header("content-type", kind).body(body).send().await.refused("unsupported_media_type");
    }
    post().body("{}").send().await.refused("unsupported_media_type");
    let charset = post().header("content-type", "Application/JSON; charset=utf-8");
    charset.body(json!({"name": "a", "environment": "test"}).to_string()).send().await.expect(201);
    let cases: [(Value, &str); 9] = [
        (json!({"environment": "test"}), "name"),
        (json!({"name": "a"}), "environment"),
        (json!({"name": "", "environment": "test"}), "name"),
        (json!({"name": 1, "environment": "test"}), "name"),
        (json!({"name": "a", "environment": "prod"}), "environment"),
        (json!({"name": "a", "environment": "test", "colour": "red"}), "colour"),
        (json!({"name": "a", "environment": "test", "labels": {"UPPER": "x"}}), "labels"),
        (json!({"name": "a", "environment": "test", "labels": []}), "labels"),
        (json!({"name": "a", "environment": "test", "expires_at": "soon"}), "expires_at"),
    ];
    for list in [json!(["a", "test"]), json!(["a", "test", {}, null]), json!("a"), json!(null), json!(1)] {
        let refusal = post().json(&list).send().await.refused("invalid_request");
        assert_eq!(refusal["message"], "Send a JSON object, as in {\"name\": …}.");
    }
    for (body, param) in cases {
        let refusal = post().json(&body).send().await.refused("invalid_request");
        assert_eq!(refusal["param"], param, "{body}: {refusal}");
    }
}

async fn pages_and_filters_are_checked(world: &World) {
    for collection in ["keys", "budgets", "limits", "connections", "models", "tokens", "jobs", "usage/events"] {
        for (query, param) in [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("limit=-1", "limit"),
            ("limit=ten", "limit"),
            ("limit=", "limit"),
            ("cursor=x", "cursor"),
            ("cursor=org_01h455vb4pex5vsknk084sn02q", "cursor"),
            ("limits=5", "limits"),
            ("limit=1&limit=2", "limit"),
        ] {
            let refusal = world.get(format!("/api/v1/{collection}?{query}")).send().await.refused("invalid_request");
            assert_eq!(refusal["param"], param, "{collection}?{query}: {refusal}");
        }
        world.get(format!("/api/v1/{collection}?limit=100&cursor=")).send().await.expect(200);
    }
    let bad = world.get("/api/v1/keys?status=active,lost").send().await.refused("invalid_request");
    assert_eq!(bad["param"], "status");
    world.get("/api/v1/keys?q=%ff").send().await;
    world.get("/api/v1/keys?q=%25_%5C'%22").send().await.expect(200);
}

async fn ids_are_checked(world: &World) {
    for bad in ["x", "key_", "usr_01h455vb4pex5vsknk084sn02q", "key_01H455VB4PEX5VSKNK084SN02Q", "key_%00", "%ff"] {
        let refusal = world.get(format!("/api/v1/keys/{bad}")).send().await.refused("invalid_request");
        assert_eq!(refusal["param"], "id", "{bad}");
    }
    world.get("/api/v1/keys/key_01h455vb4pex5vsknk084sn02q").send().await.refused("not_found");
}

async fn unknown_paths_and_methods_are_said_to_be(world: &World) {
    for path in ["/api", "/api/", "/api/v1", "/api/v2/keys", "/api/v1/keys/", "/api/v1/nothing"] {
        for method in ["GET", "POST", "DELETE"] {
            world.call(method, path).token(&world.owner.token).send().await.refused("not_found");
        }
    }
    let answer = world.call("DELETE", "/api/v1/keys").token(&world.owner.token).send().await;
    answer.refused("method_not_allowed");
    let mut allowed: Vec<&str> = answer.header("allow").unwrap().split(',').map(str::trim).collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["GET", "HEAD", "POST"]);
}

async fn too_large_is_too_large(world: &World) {
    let body = |bytes: usize| format!("{{\"name\": \"{}\"}}", "a".repeat(bytes));
    let post = || world.post("/api/v1/keys").header("content-type", "application/json");
    post().body(body(BODY_LIMIT)).send().await.refused("request_too_large");
    post().key("k").body(body(BODY_LIMIT)).send().await.refused("request_too_large");
    post().body(body(BODY_LIMIT - 1024)).send().await.refused("invalid_request");
}
