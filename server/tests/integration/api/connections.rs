use axum::{Json, Router, http::HeaderMap, routing::get};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::World;

on_both_engines! {
    is_made_tested_switched_and_given_another_key
    is_made_although_its_provider_is_away
    has_an_address_and_a_name_of_its_own
    of_the_sandbox_has_no_key
}

const SECRET: &str = "sk-upstream-secret-0123456789abcd";

/// A provider that shows its models to whoever has the key.
async fn provider() -> String {
    async fn models(headers: HeaderMap) -> Result<Json<Value>, axum::http::StatusCode> {
        let right =
            headers.get("authorization").is_some_and(|a| a.to_str().unwrap().starts_with("Bearer sk-upstream-secret"));
        match right {
            true => Ok(Json(
                json!({"object": "list", "data": [{"id": "gpt-4o", "object": "model"}, {"id": "own-1", "object": "model"}]}),
            )),
            false => Err(axum::http::StatusCode::UNAUTHORIZED),
        }
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/v1/models", get(models))).await });
    format!("http://{address}/v1")
}

async fn is_made_tested_switched_and_given_another_key(world: &World) {
    let url = provider().await;
    let new = json!({"name": "Own", "base_url": url, "api_key": SECRET, "environment": "live"});
    let answer = world.post("/api/v1/connections").json(&new).send().await;
    let made = answer.expect(201);
    let id = made["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/connections/{id}");
    assert_eq!(answer.header("location"), Some(path.as_str()));
    assert_eq!(
        (&made["test"]["ok"], &made["test"]["models"], &made["test"]["added"]),
        (&json!(true), &json!(2), &json!(2))
    );
    assert_eq!(
        (&made["models"], &made["unpriced"], &made["api_key_last_four"]),
        (&json!(2), &json!(2), &json!("abcd"))
    );
    let again = world.post(format!("{path}/test")).send().await.expect(200);
    assert_eq!((&again["ok"], &again["added"]), (&json!(true), &json!(0)));
    assert_eq!(world.post(format!("{path}/disable")).send().await.expect(200)["enabled"], false);
    assert_eq!(world.post(format!("{path}/enable")).send().await.expect(200)["enabled"], true);
    let put = world.call("PUT", format!("{path}/api-key")).token(&world.owner.token);
    let replaced = put.json(&json!({"api_key": "sk-wrong-0123456789wxyz"})).send().await.expect(200);
    assert_eq!(replaced["api_key_last_four"], "wxyz");
    let wrong = world.post(format!("{path}/test")).send().await.expect(200);
    assert_eq!(wrong["ok"], false, "{wrong}");
    assert_eq!(world.get(&path).send().await.expect(200)["name"], "Own");
    let list = world.get("/api/v1/connections").send().await.expect(200);
    let names: Vec<&str> = list["data"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Own", "Sandbox"]);
}

async fn is_made_although_its_provider_is_away(world: &World) {
    let new = json!({"name": "Away", "base_url": "http://127.0.0.1:9/v1", "api_key": SECRET, "environment": "live"});
    let made = world.post("/api/v1/connections").json(&new).send().await.expect(201);
    assert_eq!(made["test"]["ok"], false);
    assert!(!made["test"]["message"].as_str().unwrap().contains(SECRET));
    assert_eq!(made["models"], 0);
}

async fn has_an_address_and_a_name_of_its_own(world: &World) {
    let new = |name: &str, url: &str| json!({"name": name, "base_url": url, "api_key": SECRET, "environment": "live"});
    for bad in
        ["", "example.com", "ftp://example.com", "http://user:pw@example.com/v1", "http://169.254.169.254/latest"]
    {
        let answer = world.post("/api/v1/connections").json(&new("Bad", bad)).send().await;
        if answer.status == 201 {
            // An address that is one may only be refused when it is called.
            assert_eq!(answer.json()["test"]["ok"], false, "{bad}");
        } else {
            assert_eq!(answer.refused("invalid_request")["param"], "base_url", "{bad}");
        }
    }
    let url = "http://127.0.0.1:9/v1";
    world.post("/api/v1/connections").json(&new("One", url)).send().await.expect(201);
    let taken = world.post("/api/v1/connections").json(&new("One", url)).send().await.refused("conflict");
    assert_eq!(taken["param"], "name");
}

async fn of_the_sandbox_has_no_key(world: &World) {
    let list = world.get("/api/v1/connections").send().await.expect(200);
    let path = format!("/api/v1/connections/{}", list["data"][0]["id"].as_str().unwrap());
    assert_eq!(world.post(format!("{path}/test")).send().await.expect(200)["ok"], true);
    let put = world.call("PUT", format!("{path}/api-key")).token(&world.owner.token);
    put.json(&json!({"api_key": SECRET})).send().await.refused("conflict");
}
