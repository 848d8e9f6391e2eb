//! Who may call what, tried on every route.

use std::{collections::BTreeSet, fs, path::Path};

use domain::identity::{Permission, Role};
use serde_json::json;
use server::{
    api,
    http::access::{Access, SERVER_FUNCTIONS},
};

use crate::{
    golden::may,
    support::{Answer, World},
};

on_both_engines! {
    nobody_and_no_token_get_past_a_gate
    every_role_gets_what_the_list_says
    a_token_s_scopes_narrow_its_maker_s_role
    who_left_can_do_nothing_any_more
    a_developer_changes_only_what_is_theirs
}

/// A path with an id of the right kind that nothing has.
fn filled(path: &str) -> String {
    let prefix = [
        ("keys", "key"),
        ("budgets", "bud"),
        ("limits", "lim"),
        ("connections", "con"),
        ("models", "mod"),
        ("tokens", "tok"),
        ("jobs", "job"),
        ("usage", "evt"),
        ("saved-views", "view"),
    ];
    let prefix = prefix.iter().find(|(room, _)| path.starts_with(&format!("/api/v1/{room}"))).map_or("", |(_, p)| p);
    path.replace("{id}", &format!("{prefix}_01h455vb4pex5vsknk084sn02q"))
}

async fn gated(world: &World) -> Vec<api::Listed> {
    let listed = api::listing(&world.state);
    assert!(listed.len() > 20);
    listed.into_iter().filter(|route| route.access != Access::Public).collect()
}

async fn nobody_and_no_token_get_past_a_gate(world: &World) {
    let expired = world.token(Permission::ALL, Some(world.now())).await;
    for route in gated(world).await {
        let call = || world.call(route.method, filled(&route.path)).json(&json!({}));
        let answer = call().send().await;
        answer.refused("unauthenticated");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        let cut = &world.owner.token[..20];
        for bad in ["", "x", "tpm_", cut, "tpk_test_0000", &world.owner.session, &expired] {
            call().token(bad).send().await.refused("unauthenticated");
        }
        // A token that is refused is not helped by a cookie.
        call().token(&expired).session(&world.owner.session).send().await.refused("unauthenticated");
        call().session("tps_x").header("sec-fetch-site", "same-origin").send().await.refused("unauthenticated");
    }
}

async fn every_role_gets_what_the_list_says(world: &World) {
    for role in Role::ALL {
        let person = world.person(world.organization, *role).await;
        for route in gated(world).await {
            let call = || world.call(route.method, filled(&route.path)).json(&json!({}));
            let by_token = call().token(&person.token).send().await;
            let by_cookie = call().session(&person.session).header("sec-fetch-site", "same-origin").send().await;
            for answer in [by_token, by_cookie] {
                let allowed = may(*role, route.access);
                check(&answer, allowed, &format!("{role} {} {}", route.method, route.path));
            }
        }
    }
    for route in gated(world).await {
        let answer =
            world.call(route.method, filled(&route.path)).json(&json!({})).token(&world.owner.token).send().await;
        check(&answer, true, &format!("staff {} {}", route.method, route.path));
    }
}

/// Past the gate there is a page, a body that misses something, or nothing with that id.
fn check(answer: &Answer, allowed: bool, what: &str) {
    match allowed {
        true => assert!([200, 400, 404].contains(&answer.status), "{what}: {} {}", answer.status, answer.text),
        false => drop(answer.refused("forbidden")),
    }
}

async fn a_token_s_scopes_narrow_its_maker_s_role(world: &World) {
    for scope in Permission::ALL {
        let token = world.token(&[*scope], None).await;
        for route in gated(world).await {
            let needed = route.access.permissions();
            let answer = world.call(route.method, filled(&route.path)).json(&json!({})).token(&token).send().await;
            let allowed = needed.is_empty() || needed.contains(scope);
            check(&answer, allowed, &format!("{scope} {} {}", route.method, route.path));
        }
    }
    // And a scope gives nothing that the maker may not do.
    let analyst = world.person(world.organization, Role::Analyst).await;
    let create =
        world.call("POST", "/api/v1/keys").token(&analyst.token).json(&json!({"name": "a", "environment": "test"}));
    let refusal = create.send().await.refused("forbidden");
    assert!(refusal["message"].as_str().unwrap().contains("keys:own"));
}

async fn who_left_can_do_nothing_any_more(world: &World) {
    let elsewhere = world.organization("Elsewhere").await;
    // Someone with a token and a session for an organization in which they have no place.
    let stranger = world.person(world.organization, Role::Admin).await;
    let at = world.now();
    let left = crate::support::Person::known(&world.db, &world.entropy, at, elsewhere, stranger.user).await;
    world.call("GET", "/api/v1/keys").token(&left.token).send().await.refused("unauthenticated");
    world.call("GET", "/api/v1/keys").session(&left.session).send().await.refused("unauthenticated");
}

async fn a_developer_changes_only_what_is_theirs(world: &World) {
    let new = json!({"name": "a", "environment": "test"});
    let made = world.post("/api/v1/keys").json(&new).send().await.expect(201);
    let path = format!("/api/v1/keys/{}", made["id"].as_str().unwrap());
    let developer = world.person(world.organization, Role::Developer).await;
    let by = |method, path: String| world.call(method, path).token(&developer.token);
    let seen = by("GET", path.clone()).send().await.expect(200);
    assert_eq!(seen["manageable"], false);
    for verb in ["disable", "enable", "revoke"] {
        by("POST", format!("{path}/{verb}")).send().await.refused("forbidden");
    }
    by("PATCH", path.clone()).json(&json!({"name": "mine"})).send().await.refused("forbidden");
    let own = by("POST", "/api/v1/keys".into()).json(&new).send().await.expect(201);
    assert_eq!(own["manageable"], true);
    by("POST", format!("/api/v1/keys/{}/revoke", own["id"].as_str().unwrap())).send().await.expect(200);
    let token = world.token(Permission::ALL, None).await;
    let tokens = world.call("GET", "/api/v1/tokens").token(&token).send().await.expect(200);
    let owners = tokens["data"][0]["id"].as_str().unwrap();
    by("POST", format!("/api/v1/tokens/{owners}/revoke")).send().await.refused("not_found");
}

/// The list of server functions is the portal's: every `#[server]` has a line, and every line one.
#[test]
fn every_server_function_is_listed() {
    let mut written = BTreeSet::new();
    declared(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/src"), &mut written);
    let listed: BTreeSet<String> = SERVER_FUNCTIONS.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(listed, written);
    assert_eq!(listed.len(), SERVER_FUNCTIONS.len(), "one is listed twice");
}

fn declared(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            declared(&path, found);
            continue;
        }
        for attribute in fs::read_to_string(&path).unwrap().split("#[server").skip(1) {
            let attribute = attribute.split(']').next().unwrap();
            if matches!(attribute, "(default)" | "(flatten)") {
                // Of an argument.
                continue;
            }
            let quoted = |name: &str| {
                let rest = attribute
                    .split_once(name)
                    .unwrap_or_else(|| panic!("{}: {attribute} has no {name}", path.display()))
                    .1;
                rest.split('"').nth(1).unwrap().to_owned()
            };
            found.insert(format!("{}/{}", quoted("prefix"), quoted("endpoint")));
        }
    }
}
