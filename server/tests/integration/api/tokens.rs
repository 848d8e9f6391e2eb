use serde_json::json;

use crate::support::World;

on_both_engines! {
    is_made_used_listed_and_revoked
    can_be_given_only_what_its_maker_has
}

async fn is_made_used_listed_and_revoked(world: &World) {
    let new = json!({"name": "ci", "scopes": ["keys:read", "usage:read", "keys:read"]});
    let answer = world.post("/api/v1/tokens").json(&new).send().await;
    let made = answer.expect(201);
    let (id, secret) = (made["id"].as_str().unwrap(), made["secret"].as_str().unwrap());
    assert_eq!(answer.header("location"), Some(format!("/api/v1/tokens/{id}").as_str()));
    assert!(secret.starts_with("tpm_"));
    assert_eq!(made["scopes"], json!(["usage:read", "keys:read"]));
    world.call("GET", "/api/v1/keys").token(secret).send().await.expect(200);
    world.call("GET", "/api/v1/tokens").token(secret).send().await.refused("forbidden");
    let list = world.get("/api/v1/tokens").send().await.expect(200);
    let listed = &list["data"][0];
    assert_eq!(listed["id"], id);
    assert!(listed["last_used_at"].is_string());
    let revoked = world.post(format!("/api/v1/tokens/{id}/revoke")).send().await.expect(200);
    assert!(revoked["revoked_at"].is_string());
    world.call("GET", "/api/v1/keys").token(secret).send().await.refused("unauthenticated");
    let again = world.post(format!("/api/v1/tokens/{id}/revoke")).send().await.expect(200);
    assert_eq!(again["revoked_at"], revoked["revoked_at"]);
}

async fn can_be_given_only_what_its_maker_has(world: &World) {
    let narrow = world.token(&[domain::identity::Permission::TokensManage], None).await;
    let make = async |scopes| {
        let body = json!({"name": "x", "scopes": scopes});
        world.call("POST", "/api/v1/tokens").token(&narrow).json(&body).send().await
    };
    make(json!(["tokens:manage"])).await.expect(201);
    for bad in [json!([]), json!(["keys:read"]), json!(["tokens:manage", "platform:prices"])] {
        assert_eq!(make(bad).await.refused("invalid_request")["param"], "scopes");
    }
    make(json!(["no:such"])).await.refused("invalid_request");
}
