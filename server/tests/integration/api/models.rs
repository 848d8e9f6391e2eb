use serde_json::{Value, json};

use crate::support::World;

on_both_engines! {
    are_listed_with_what_they_cost
    get_another_price_but_never_in_the_past
    refuse_prices_that_are_none
}

async fn first(world: &World) -> Value {
    world.get("/api/v1/models?environment=test&limit=1").send().await.expect(200)["data"][0].clone()
}

async fn are_listed_with_what_they_cost(world: &World) {
    let page = world.get("/api/v1/models?environment=test").send().await.expect(200);
    let models = page["data"].as_array().unwrap();
    assert!(models.len() > 2);
    for model in models {
        assert_eq!(model["provider"], "sandbox");
        assert_eq!(model["price"]["currency"], "USD");
        assert!(model["price"]["input"].as_str().unwrap().parse::<domain::Rate>().is_ok());
    }
    assert_eq!(
        world.get("/api/v1/models?environment=live").send().await.expect(200),
        json!({"data": [], "next_cursor": null})
    );
    let page = world.get("/api/v1/models?limit=1").send().await.expect(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    let next = world.get(format!("/api/v1/models?limit=1&cursor={cursor}")).send().await.expect(200);
    assert_eq!(next["data"][0]["id"], models[1]["id"]);
    let bad = world.get("/api/v1/models?environment=prod").send().await.refused("invalid_request");
    assert_eq!(bad["param"], "environment");
}

async fn get_another_price_but_never_in_the_past(world: &World) {
    let path = format!("/api/v1/models/{}/price", first(world).await["id"].as_str().unwrap());
    let put = async |body: Value| world.call("PUT", &path).token(&world.owner.token).json(&body).send().await;
    let model = put(json!({"input": "0.1", "output": "12.345678901", "per_request": "0.000000001"})).await;
    let model = model.expect(200);
    assert_eq!(model["price"]["input"], "0.1");
    assert_eq!(model["price"]["output"], "12.345678901");
    assert_eq!(model["price"]["per_request"], "0.000000001");
    assert_eq!(model["price"]["cached_input"], json!(null));
    let later = put(json!({"input": "9", "output": "9", "effective_from": "2030-01-01T00:00:00Z"})).await.expect(200);
    assert_eq!(later["price"]["input"], "0.1", "it is not in force yet");
    let past = put(json!({"input": "9", "output": "9", "effective_from": "2020-01-01T00:00:00Z"})).await;
    assert_eq!(past.refused("invalid_request")["param"], "effective_from");
    let twice = put(json!({"input": "9", "output": "9", "effective_from": "2030-01-01T00:00:00Z"})).await;
    assert_eq!(twice.refused("conflict")["param"], "effective_from");
}

async fn refuse_prices_that_are_none(world: &World) {
    let path = format!("/api/v1/models/{}/price", first(world).await["id"].as_str().unwrap());
    let cases = [
        (json!({"input": "x", "output": "1"}), "input"),
        (json!({"input": "1", "output": "-1"}), "output"),
        (json!({"input": "1", "output": ""}), "output"),
        (json!({"input": "1", "output": "1", "per_request": "-1"}), "per_request"),
        (json!({"input": "1", "output": "1.0000000001"}), "output"),
        (json!({"input": "99999999999999999999", "output": "1"}), "input"),
        (json!({"input": "1"}), "output"),
        (json!({"input": "1", "output": "1", "cached_inptu": "0.5"}), "cached_inptu"),
    ];
    for (body, param) in cases {
        let answer = world.call("PUT", &path).token(&world.owner.token).json(&body).send().await;
        assert_eq!(answer.refused("invalid_request")["param"], param, "{body}");
    }
    let float = json!({"input": 0.5, "output": "1"});
    world.call("PUT", &path).token(&world.owner.token).json(&float).send().await.refused("invalid_request");
}
