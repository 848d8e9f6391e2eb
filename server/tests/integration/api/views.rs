use domain::identity::{Permission, Role};
use serde_json::{Value, json};

use crate::support::World;

on_both_engines! {
    lives_its_whole_life
    says_how_many_keys_it_shows
    is_its_makers_alone_unless_it_is_shared
    comes_along_and_stays_as_it_is
    has_parameters_of_its_list
    stands_where_it_is_put
}

const PATH: &str = "/api/v1/saved-views";

async fn make(world: &World, name: &str, query: Value, shared: bool) -> Value {
    let new = json!({"list": "keys", "name": name, "query": query, "shared": shared});
    world.post(PATH).json(&new).send().await.expect(201)
}

async fn names(world: &World, token: &str) -> Vec<String> {
    let views = world.call("GET", format!("{PATH}?list=keys")).token(token).send().await.expect(200);
    views.as_array().unwrap().iter().map(|view| view["name"].as_str().unwrap().to_owned()).collect()
}

async fn lives_its_whole_life(world: &World) {
    let view = make(world, "Checkout", json!({"q": "checkout", "sort": "-cost"}), false).await;
    let path = format!("{PATH}/{}", view["id"].as_str().unwrap());
    let facts = json!([view["ready_made"], view["manageable"], view["default"], view["shared"]]);
    assert_eq!(facts, json!([false, true, false, false]));
    let change = async |body| world.call("PATCH", &path).token(&world.owner.token).json(&body).send().await;
    let changed = change(json!({"name": "Till", "query": {"status": "active"}, "default": true})).await.expect(200);
    assert_eq!(
        json!([changed["name"], changed["query"], changed["default"]]),
        json!(["Till", {"status": "active"}, true])
    );
    assert_eq!(change(json!({"default": false})).await.expect(200)["default"], false);
    assert_eq!(world.call("DELETE", &path).token(&world.owner.token).send().await.status, 204);
    change(json!({})).await.refused("not_found");
    let log = world.db.read().await.unwrap().audit().from(world.organization, 1, 1_000).await.unwrap();
    let actions: Vec<&str> =
        log.iter().map(|linked| linked.entry.action.as_str()).filter(|a| a.starts_with("view.")).collect();
    assert_eq!(actions, ["view.created", "view.updated", "view.deleted"]);
}

async fn says_how_many_keys_it_shows(world: &World) {
    for name in ["checkout", "checkout eu", "search"] {
        world.post("/api/v1/keys").json(&json!({"name": name, "environment": "test"})).send().await.expect(201);
    }
    let view = make(world, "Checkout", json!({"q": "checkout", "columns": "name,cost"}), false).await;
    let counts = world.get(format!("{PATH}/counts?list=keys")).send().await.expect(200);
    let count = counts.as_array().unwrap().iter().find(|count| count["id"] == view["id"]).unwrap();
    assert_eq!(count["matching"], 2);
    assert_eq!(counts.as_array().unwrap().len(), 5);
}

async fn is_its_makers_alone_unless_it_is_shared(world: &World) {
    let developer = world.person(world.organization, Role::Developer).await;
    let neighbour = world.person(world.organization("Elsewhere").await, Role::Owner).await;
    let own = make(world, "Own", json!({}), false).await;
    let shared = make(world, "Shared", json!({}), true).await;
    assert!(names(world, &developer.token).await.contains(&"Shared".to_owned()));
    assert!(!names(world, &developer.token).await.contains(&"Own".to_owned()));
    assert_eq!(names(world, &neighbour.token).await.len(), 4, "only those that come along");
    for (view, token, code) in [
        (&own, &developer.token, "not_found"),
        (&shared, &developer.token, "forbidden"),
        (&shared, &neighbour.token, "not_found"),
    ] {
        let path = format!("{PATH}/{}", view["id"].as_str().unwrap());
        world.call("PATCH", &path).token(token).json(&json!({"name": "Mine"})).send().await.refused(code);
        world.call("DELETE", &path).token(token).send().await.refused(code);
    }
    let path = format!("{PATH}/{}", shared["id"].as_str().unwrap());
    let chosen = world.call("PATCH", &path).token(&developer.token).json(&json!({"default": true})).send().await;
    assert_eq!(chosen.expect(200)["default"], true, "whoever sees it may open their list with it");
    let narrow = world.token(&[Permission::UsageRead], None).await;
    world.call("GET", format!("{PATH}?list=keys")).token(&narrow).send().await.refused("forbidden");
}

async fn comes_along_and_stays_as_it_is(world: &World) {
    let views = world.get(format!("{PATH}?list=keys")).send().await.expect(200);
    let names = names(world, &world.owner.token).await;
    assert_eq!(names, ["Unused for 90 days", "Expiring in 14 days", "Top spenders", "Rotation due"]);
    let path = format!("{PATH}/{}", views[0]["id"].as_str().unwrap());
    let change = async |body| world.call("PATCH", &path).token(&world.owner.token).json(&body).send().await;
    assert_eq!(change(json!({"default": true})).await.expect(200)["default"], true);
    change(json!({"name": "Mine"})).await.refused("conflict");
    world.call("DELETE", &path).token(&world.owner.token).send().await.refused("not_found");
}

async fn has_parameters_of_its_list(world: &World) {
    for (query, param) in [
        (json!({"colour": "red"}), "filter"),
        (json!({"status": "gone"}), "status"),
        (json!({"sort": "size"}), "sort"),
        (json!({"columns": "<script>"}), "columns"),
    ] {
        let new = json!({"list": "keys", "name": "Wrong", "query": query});
        assert_eq!(world.post(PATH).json(&new).send().await.refused("invalid_request")["param"], param);
    }
    world.get(format!("{PATH}?list=people")).send().await.refused("invalid_request");
}

async fn stands_where_it_is_put(world: &World) {
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        ids.push(make(world, name, json!({}), false).await["id"].as_str().unwrap().to_owned());
    }
    let put = async |id: &str, position: u32| {
        let path = format!("{PATH}/{id}");
        world
            .call("PATCH", path)
            .token(&world.owner.token)
            .json(&json!({"position": position}))
            .send()
            .await
            .expect(200)
    };
    put(&ids[2], 0).await;
    assert_eq!(names(world, &world.owner.token).await[4..], ["c", "a", "b"]);
    put(&ids[2], 99).await;
    assert_eq!(names(world, &world.owner.token).await[4..], ["a", "b", "c"]);
}
