use domain::identity::{Permission, Role};
use serde_json::{Value, json};

use super::bulk::{items, run};
use crate::support::World;

on_both_engines! {
    lives_its_whole_life
    a_key_is_made_by_it
    what_is_locked_or_wanted_is_held_to
    limits_and_budgets_are_for_those_who_may_set_them
    is_seen_by_those_who_may_use_it
    another_organizations_is_like_none
    the_platforms_is_for_all_and_changed_by_its_staff
    is_applied_to_keys
    an_undo_brings_back_what_the_key_was
    a_recipe_is_checked
    keys_are_found_by_it
}

const PATH: &str = "/api/v1/key-templates";

fn recipe() -> Value {
    json!({
        "environment": "live", "stage": "production",
        "rules": {"models": ["gpt-4o*"], "ips": ["10.0.0.0/8"]},
        "limits": [{"kind": "requests_per_minute", "amount": 60, "burst": 10}],
        "budget": {"amount": "50", "period": "month"},
        "expires_in_days": 30, "rotate_every_days": 90,
        "locked": ["environment", "models", "limits", "budget", "expiry", "stage"]
    })
}

async fn make(world: &World, name: &str, recipe: Value) -> Value {
    world.post(PATH).json(&json!({"name": name, "recipe": recipe})).send().await.expect(201)
}

fn path(template: &Value, rest: &str) -> String {
    format!("{PATH}/{}{rest}", template["id"].as_str().unwrap())
}

async fn names(world: &World, token: &str) -> Vec<String> {
    let list = world.call("GET", PATH).token(token).send().await.expect(200);
    list.as_array().unwrap().iter().map(|template| template["name"].as_str().unwrap().to_owned()).collect()
}

async fn of_key(world: &World, room: &str, key: &Value) -> Vec<Value> {
    let list = world.get(format!("/api/v1/{room}?key={}", key["id"].as_str().unwrap())).send().await.expect(200);
    list["data"].as_array().unwrap().clone()
}

async fn change(world: &World, template: &Value, body: Value) -> crate::support::Answer {
    world.call("PATCH", path(template, "")).token(&world.owner.token).json(&body).send().await
}

async fn lives_its_whole_life(world: &World) {
    let template = make(world, "Shop", recipe()).await;
    assert_eq!(
        json!([template["version"], template["default"], template["retired_at"], template["manageable"]]),
        json!([1, false, null, true])
    );
    assert_eq!(world.get(path(&template, "")).send().await.expect(200), template);
    let renamed = change(world, &template, json!({"name": "Till", "recipe": template["recipe"]})).await.expect(200);
    assert_eq!(json!([renamed["name"], renamed["version"]]), json!(["Till", 1]), "the same recipe is no version");
    let other = json!({"environment": "test"});
    let second = change(world, &template, json!({"recipe": other, "expected_version": 1})).await.expect(200);
    assert_eq!(json!([second["version"], second["recipe"]["environment"]]), json!([2, "test"]));
    let stale = change(world, &template, json!({"recipe": recipe(), "expected_version": 1})).await;
    assert_eq!(stale.refused("conflict")["param"], "expected_version");
    let versions = world.get(path(&template, "/versions")).send().await.expect(200);
    assert_eq!(json!([versions[0]["version"], versions[1]["version"], versions[2]]), json!([2, 1, null]));
    assert_eq!(versions[1]["recipe"], template["recipe"], "a version never changes");
    assert_eq!(world.post(path(&template, "/default")).send().await.expect(200)["default"], true);
    let retired = world.post(path(&template, "/retire")).send().await.expect(200);
    assert_eq!((retired["retired_at"].is_string(), &retired["default"]), (true, &json!(false)));
    world.post(path(&template, "/default")).send().await.refused("conflict");
    let new = json!({"name": "k", "template_id": template["id"]});
    assert_eq!(world.post("/api/v1/keys").json(&new).send().await.refused("invalid_request")["param"], "template_id");
    world.post(path(&template, "/restore")).send().await.expect(200);
    world.post("/api/v1/keys").json(&new).send().await.expect(201);
    let log = world.db.read().await.unwrap().audit().from(world.organization, 1, 1_000).await.unwrap();
    let actions: Vec<&str> =
        log.iter().map(|linked| linked.entry.action.as_str()).filter(|a| a.starts_with("template.")).collect();
    let expected = ["created", "updated", "updated", "made_default", "retired", "restored"];
    assert_eq!(actions, expected.map(|verb| format!("template.{verb}")));
}

async fn a_key_is_made_by_it(world: &World) {
    let template = make(world, "Shop", recipe()).await;
    let developer = world.person(world.organization, Role::Developer).await;
    let new = json!({"name": "checkout", "template_id": template["id"], "labels": {"a": "b"}});
    let key = world.call("POST", "/api/v1/keys").token(&developer.token).json(&new).send().await.expect(201);
    assert_eq!(key["template"], json!({"id": template["id"], "name": "Shop", "version": 1, "rotate_every_days": 90}));
    assert_eq!(
        json!([key["environment"], key["labels"], key["rules"]["models"], key["rules"]["ips"]]),
        json!(["live", {"a": "b", "stage": "production"}, ["gpt-4o*"], ["10.0.0.0/8"]])
    );
    assert!(key["expires_at"].is_string());
    let (limits, budgets) = (of_key(world, "limits", &key).await, of_key(world, "budgets", &key).await);
    assert_eq!(
        json!([limits.len(), limits[0]["amount"], limits[0]["burst"], limits[0]["environment"]]),
        json!([1, 60, 10, "live"])
    );
    assert_eq!(
        json!([budgets.len(), budgets[0]["amount"], budgets[0]["period"], budgets[0]["hard"]]),
        json!([1, "50", "month", true])
    );
    let log = world.db.read().await.unwrap().audit().from(world.organization, 1, 1_000).await.unwrap();
    for action in ["key.created", "limit.created", "budget.created"] {
        assert_eq!(log.iter().filter(|linked| linked.entry.action == action).count(), 1, "{action}");
    }
    let seen = world.get(path(&template, "")).send().await.expect(200);
    assert_eq!((&seen["keys"], &seen["keys_behind"]), (&json!(1), &json!(0)));
}

async fn what_is_locked_or_wanted_is_held_to(world: &World) {
    let wanting = json!({"environment": "test", "names": "shop-*", "locked": ["environment", "models"],
        "required": {"description": true, "labels": ["cost-center"]}});
    let template = make(world, "Strict", wanting).await;
    let good = json!({"name": "shop-1", "template_id": template["id"], "description": "What for",
        "labels": {"cost-center": "7"}});
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    for (body, param) in [
        (with("name", json!("till")), "name"),
        (with("description", json!("")), "description"),
        (with("labels", json!({})), "labels"),
        (with("environment", json!("live")), "environment"),
        (with("rules", json!({"models": ["x"]})), "models"),
        (with("expires_at", json!("2001-01-01T00:00:00Z")), "expires_at"),
        (with("template_id", json!("tpl_01h455vb4pex5vsknk084sn02q")), "template_id"),
    ] {
        let refusal = world.post("/api/v1/keys").json(&body).send().await.refused("invalid_request");
        assert_eq!(refusal["param"], param, "{body}: {refusal}");
    }
    assert_eq!(world.get("/api/v1/keys").send().await.expect(200)["data"], json!([]), "nothing was made");
    let open = with("rules", json!({"ips": ["::1"]}));
    assert_eq!(world.post("/api/v1/keys").json(&open).send().await.expect(201)["rules"]["ips"], json!(["::1"]));
}

async fn limits_and_budgets_are_for_those_who_may_set_them(world: &World) {
    let developer = world.person(world.organization, Role::Developer).await;
    let make_key =
        async |body: Value| world.call("POST", "/api/v1/keys").token(&developer.token).json(&body).send().await;
    let limits = json!([{"kind": "parallel_requests", "amount": 2}]);
    let budget = json!({"amount": "1", "period": "day"});
    make_key(json!({"name": "a", "environment": "test", "limits": limits})).await.refused("forbidden");
    make_key(json!({"name": "a", "environment": "test", "budget": budget})).await.refused("forbidden");
    let open = make(world, "Open", json!({"environment": "test"})).await;
    let new = json!({"name": "a", "template_id": open["id"], "limits": limits, "budget": budget});
    let key = make_key(new).await.expect(201);
    assert_eq!(of_key(world, "limits", &key).await.len() + of_key(world, "budgets", &key).await.len(), 2);
    let own = json!({"name": "b", "environment": "test", "limits": limits, "budget": budget});
    let key = world.post("/api/v1/keys").json(&own).send().await.expect(201);
    assert_eq!(of_key(world, "limits", &key).await.len() + of_key(world, "budgets", &key).await.len(), 2);
}

async fn is_seen_by_those_who_may_use_it(world: &World) {
    let developer = world.person(world.organization, Role::Developer).await;
    let admin = world.person(world.organization, Role::Admin).await;
    let analyst = world.person(world.organization, Role::Analyst).await;
    let template = make(world, "Admins", recipe()).await;
    change(world, &template, json!({"allowed": {"roles": ["admin"]}})).await.expect(200);
    assert_eq!(names(world, &admin.token).await.len(), 4);
    assert_eq!(names(world, &developer.token).await, ["Development", "Staging", "Production"]);
    world.call("GET", path(&template, "")).token(&developer.token).send().await.refused("not_found");
    world.call("GET", path(&template, "/versions")).token(&developer.token).send().await.refused("not_found");
    world.call("GET", PATH).token(&analyst.token).send().await.refused("forbidden");
    let new = json!({"name": "k", "template_id": template["id"]});
    let refusal = world.call("POST", "/api/v1/keys").token(&developer.token).json(&new).send().await;
    assert_eq!(refusal.refused("invalid_request")["param"], "template_id");
    let open = make(world, "Open", recipe()).await;
    for (method, rest) in [("PATCH", ""), ("POST", "/retire"), ("POST", "/restore"), ("POST", "/default")] {
        let call = world.call(method, path(&open, rest)).token(&developer.token);
        call.json(&json!({})).send().await.refused("forbidden");
    }
    let team = "team_01h455vb4pex5vsknk084sn02q";
    assert_eq!(
        change(world, &open, json!({"allowed": {"teams": [team]}})).await.refused("invalid_request")["param"],
        "allowed"
    );
}

async fn another_organizations_is_like_none(world: &World) {
    let template = make(world, "Ours", recipe()).await;
    let neighbour = world.person(world.organization("Elsewhere").await, Role::Owner).await;
    assert!(!names(world, &neighbour.token).await.contains(&"Ours".to_owned()));
    for (method, rest) in [
        ("GET", ""),
        ("GET", "/versions"),
        ("PATCH", ""),
        ("POST", "/retire"),
        ("POST", "/restore"),
        ("POST", "/default"),
    ] {
        let call = world.call(method, path(&template, rest)).token(&neighbour.token);
        call.json(&json!({})).send().await.refused("not_found");
    }
    let new = json!({"name": "k", "template_id": template["id"]});
    let refusal = world.call("POST", "/api/v1/keys").token(&neighbour.token).json(&new).send().await;
    assert_eq!(refusal.refused("invalid_request")["param"], "template_id");
    let apply =
        json!({"action": {"type": "apply_template", "template_id": template["id"]}, "filter": {}, "dry_run": true});
    let refusal = world.call("POST", "/api/v1/keys/bulk").token(&neighbour.token).json(&apply).send().await;
    assert_eq!(refusal.refused("invalid_request")["param"], "template_id");
}

async fn the_platforms_is_for_all_and_changed_by_its_staff(world: &World) {
    let neighbour = world.person(world.organization("Elsewhere").await, Role::Owner).await;
    let list = world.call("GET", PATH).token(&neighbour.token).send().await.expect(200);
    let development = list[0].clone();
    assert_eq!((&development["name"], &development["manageable"]), (&json!("Development"), &json!(false)));
    for (method, rest) in [("PATCH", ""), ("POST", "/retire"), ("POST", "/restore")] {
        let call = world.call(method, path(&development, rest)).token(&neighbour.token);
        call.json(&json!({"name": "Mine"})).send().await.refused("forbidden");
    }
    let new = json!({"name": "All", "platform": true, "recipe": {"environment": "test"}});
    world.call("POST", PATH).token(&neighbour.token).json(&new).send().await.refused("forbidden");
    let default = world.call("POST", path(&development, "/default")).token(&neighbour.token).send().await.expect(200);
    assert_eq!(default["default"], true);
    let ours = world.get(path(&development, "")).send().await.expect(200);
    assert_eq!(ours["default"], false, "each organization has its own default");
    let key = json!({"name": "k", "template_id": development["id"]});
    let key = world.call("POST", "/api/v1/keys").token(&neighbour.token).json(&key).send().await.expect(201);
    assert_eq!(key["labels"]["stage"], "development");
    // Whoever sets the platform up is its staff.
    let staff = world.token(&[Permission::PlatformTemplates, Permission::TemplatesManage], None).await;
    let made = world.call("POST", PATH).token(&staff).json(&new).send().await.expect(201);
    assert_eq!((&made["platform"], names(world, &neighbour.token).await.len()), (&json!(true), 4));
}

async fn is_applied_to_keys(world: &World) {
    let template = make(world, "Shop", recipe()).await;
    let free =
        world.post("/api/v1/keys").json(&json!({"name": "free", "environment": "live"})).send().await.expect(201);
    let test =
        world.post("/api/v1/keys").json(&json!({"name": "test", "environment": "test"})).send().await.expect(201);
    let made = json!({"name": "made", "template_id": template["id"]});
    let made = world.post("/api/v1/keys").json(&made).send().await.expect(201);
    let ids = json!([free["id"], test["id"], made["id"]]);
    let action = json!({"type": "apply_template", "template_id": template["id"]});
    let dry = json!({"action": action, "ids": ids, "dry_run": true});
    let preview = world.post("/api/v1/keys/bulk").json(&dry).send().await.expect(200);
    assert_eq!(json!([preview["matching"], preview["would_change"], preview["is_final"]]), json!([3, 1, null]));
    let job = run(world, &json!({"action": action, "ids": ids})).await;
    assert_eq!(json!([job["progress"]["done"], job["progress"]["skipped"]]), json!([1, 2]));
    let mut reasons: Vec<String> = Vec::new();
    for item in items(world, &job, "outcome=skipped").await {
        reasons.push(item["reason"].as_str().unwrap().to_owned());
    }
    reasons.sort();
    assert_eq!(reasons, ["other_environment", "same_template"]);
    let held = world.get(format!("/api/v1/keys/{}", free["id"].as_str().unwrap())).send().await.expect(200);
    assert_eq!(
        json!([held["template"]["version"], held["rules"]["models"], held["rules"]["ips"], held["labels"]]),
        json!([1, ["gpt-4o*"], [], {"stage": "production"}]),
        "what is open stays"
    );
    assert!(held["expires_at"].is_string());
    assert_eq!((of_key(world, "limits", &free).await.len(), of_key(world, "budgets", &free).await.len()), (1, 1));
    let mut second = recipe();
    second["limits"] =
        json!([{"kind": "requests_per_minute", "amount": 5}, {"kind": "parallel_requests", "amount": 2}]);
    second["budget"] = Value::Null;
    change(world, &template, json!({"recipe": second})).await.expect(200);
    let seen = world.get(path(&template, "")).send().await.expect(200);
    assert_eq!((&seen["keys"], &seen["keys_behind"]), (&json!(2), &json!(2)));
    let filter = json!({"template": template["id"]});
    let job = run(world, &json!({"action": action, "filter": filter, "expected_count": 2})).await;
    assert_eq!(job["progress"]["done"], 2);
    for key in [&free, &made] {
        let amounts: Vec<Value> = of_key(world, "limits", key).await.iter().map(|l| l["amount"].clone()).collect();
        assert_eq!((json!(amounts), of_key(world, "budgets", key).await.len()), (json!([5, 2]), 0));
    }
    let developer = world.person(world.organization, Role::Developer).await;
    let call = world.call("POST", "/api/v1/keys/bulk").token(&developer.token);
    call.json(&dry).send().await.refused("forbidden");
}

async fn an_undo_brings_back_what_the_key_was(world: &World) {
    let template = make(world, "Shop", recipe()).await;
    let new = json!({"name": "free", "environment": "live", "rules": {"models": ["x"]}, "labels": {"stage": "beta"}});
    let before = world.post("/api/v1/keys").json(&new).send().await.expect(201);
    let action = json!({"type": "apply_template", "template_id": template["id"]});
    let job = run(world, &json!({"action": action, "ids": [before["id"]]})).await;
    let undo = world.post(format!("/api/v1/jobs/{}/undo", job["id"].as_str().unwrap())).send().await.expect(202);
    assert_eq!(undo["state"], "waiting");
    world.runner.work_off().await.unwrap();
    let after = world.get(format!("/api/v1/keys/{}", before["id"].as_str().unwrap())).send().await.expect(200);
    for field in ["rules", "labels", "expires_at", "template"] {
        assert_eq!(after[field], before[field], "{field}");
    }
}

async fn a_recipe_is_checked(world: &World) {
    for (recipe, param) in [
        (json!({"environment": "test", "expires_in_days": 0}), "expires_in_days"),
        (json!({"environment": "test", "limits": [{"kind": "parallel_requests", "amount": 0}]}), "limits"),
        (json!({"environment": "test", "budget": {"amount": "-1", "period": "day"}}), "budget"),
        (json!({"environment": "test", "required": {"labels": ["Not One"]}}), "required"),
    ] {
        let refusal = world.post(PATH).json(&json!({"name": "Bad", "recipe": recipe})).send().await;
        assert_eq!(refusal.refused("invalid_request")["param"], param, "{recipe}");
    }
    for recipe in
        [json!({}), json!({"environment": "test", "locked": ["colour"]}), json!({"environment": "test", "x": 1})]
    {
        world.post(PATH).json(&json!({"name": "Bad", "recipe": recipe})).send().await.refused("invalid_request");
    }
}

async fn keys_are_found_by_it(world: &World) {
    let template = make(world, "Shop", recipe()).await;
    let id = template["id"].as_str().unwrap();
    for new in [json!({"name": "by", "template_id": id}), json!({"name": "free", "environment": "test"})] {
        world.post("/api/v1/keys").json(&new).send().await.expect(201);
    }
    for (filter, expected) in [(id.to_owned(), "by"), ("none".to_owned(), "free"), (format!("!{id}"), "free")] {
        let found = world.get(format!("/api/v1/keys?template={filter}")).send().await.expect(200);
        assert_eq!(json!([found["data"][0]["name"], found["data"][1]]), json!([expected, null]), "{filter}");
    }
    let offered = world.get("/api/v1/keys/suggestions?field=template&q=sh").send().await.expect(200);
    assert_eq!(offered, json!([{"value": id, "label": "Shop"}]));
}
