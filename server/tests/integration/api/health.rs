use serde_json::json;
use server::api::{self, ApiState, Readiness};

use crate::support::{Call, World};

on_both_engines! {
    is_told_to_anyone
    says_when_it_can_not_work
}

async fn is_told_to_anyone(world: &World) {
    for path in ["/healthz", "/readyz"] {
        assert_eq!(world.call("GET", path).send().await.expect(200), json!({"status": "ok"}));
        assert_eq!(world.call("HEAD", path).send().await.status, 200);
    }
    world.call("POST", "/healthz").send().await.refused("method_not_allowed");
}

async fn says_when_it_can_not_work(world: &World) {
    let readiness = Readiness::new(|| async { Err("The database can't be reached.".to_owned()) });
    let (router, _) = api::router(ApiState { readiness, ..world.state.clone() });
    let router = world.around(router);
    let refusal = Call::new(router.clone(), "GET", "/readyz".into()).send().await.refused("unavailable");
    assert_eq!(refusal["message"], "The database can't be reached.");
    assert_eq!(Call::new(router, "GET", "/healthz".into()).send().await.status, 200, "it lives nevertheless");
}
