//! Changing a key's secret, and ending one that leaked.

use std::time::Duration;

use domain::{Entropy, OrganizationId, identity::Role, secrets::Secret};
use serde_json::{Value, json};
use store::audit::Linked;

use crate::support::{Answer, Person, World};

on_both_engines! {
    a_rotation_changes_the_secret_and_nothing_else
    the_new_secret_is_shown_once
    an_overlap_ends_on_time_or_when_asked
    overlaps_are_checked
    a_revoked_key_is_not_rotated
    a_developer_rotates_only_what_is_theirs
    a_leaked_key_of_the_own_organization_is_revoked_and_named
    of_another_organization_s_key_nothing_is_told
    an_old_secret_that_leaked_ends_alone
    who_guesses_is_slowed_down
}

const NEW: &str = r#"{"name": "checkout", "environment": "test", "labels": {"a": "b"}}"#;

async fn made_by(world: &World, person: &Person) -> (String, String) {
    let new: Value = serde_json::from_str(NEW).unwrap();
    let made = world.call("POST", "/api/v1/keys").token(&person.token).json(&new).send().await.expect(201);
    let text = |field: &str| made[field].as_str().unwrap().to_owned();
    (format!("/api/v1/keys/{}", text("id")), text("secret"))
}

async fn made(world: &World) -> (String, String) {
    made_by(world, &world.owner).await
}

async fn rotate(world: &World, path: &str, overlap: &str) -> Value {
    world.post(format!("{path}/rotate")).json(&json!({"overlap": overlap})).send().await.expect(200)
}

async fn report(world: &World, person: &Person, secret: &str) -> Answer {
    let call = world.call("POST", "/api/v1/keys/report-leak").token(&person.token);
    call.json(&json!({"secret": secret})).send().await
}

async fn log(world: &World, organization: OrganizationId) -> Vec<Linked> {
    world.db.read().await.unwrap().audit().from(organization, 1, 1_000).await.unwrap()
}

async fn last_entry(world: &World, organization: OrganizationId) -> domain::audit::AuditEntry {
    log(world, organization).await.pop().unwrap().entry
}

async fn a_rotation_changes_the_secret_and_nothing_else(world: &World) {
    let (path, first) = made(world).await;
    let before = world.get(&path).send().await.expect(200);
    assert_eq!(before["rotation"], json!(null));
    let mut rotated = rotate(world, &path, "24h").await;
    let secret = rotated["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("tpk_test_") && secret != first);
    assert!(secret.ends_with(rotated["last_four"].as_str().unwrap()));
    assert_eq!(rotated["rotation"]["old_last_four"], before["last_four"]);
    assert_eq!(rotated["rotation"]["last_used_at"], json!(null));
    rotated.as_object_mut().unwrap().remove("secret");
    assert_eq!(world.get(&path).send().await.expect(200), rotated);
    for (field, value) in before.as_object().unwrap() {
        if !["last_four", "rotation", "secret_made_at"].contains(&field.as_str()) {
            assert_eq!(&rotated[field], value, "{field}");
        }
    }
    let entry = last_entry(world, world.organization).await;
    assert_eq!(entry.action, "key.rotated");
    assert!(!entry.after.unwrap().contains(&secret));
}

async fn the_new_secret_is_shown_once(world: &World) {
    let (path, first) = made(world).await;
    let call = || world.post(format!("{path}/rotate")).key("k").json(&json!({"overlap": "1h"}));
    let answer = call().send().await.expect(200);
    let secret = answer["secret"].as_str().unwrap();
    let again = call().send().await.expect(200);
    assert_eq!((&again["secret"], &again["last_four"]), (&json!(null), &answer["last_four"]));
    let page = world.get("/api/v1/keys").send().await.text;
    assert!(!page.contains(secret) && !page.contains(&first));
    for linked in log(world, world.organization).await {
        let text = serde_json::to_string(&linked.entry).unwrap();
        assert!(!text.contains(secret) && !text.contains(&first));
    }
}

async fn an_overlap_ends_on_time_or_when_asked(world: &World) {
    let (path, _) = made(world).await;
    rotate(world, &path, "1h").await;
    world.wait(Duration::from_secs(3_599));
    assert!(world.get(&path).send().await.expect(200)["rotation"].is_object());
    world.wait(Duration::from_secs(1));
    assert_eq!(world.get(&path).send().await.expect(200)["rotation"], json!(null));
    assert_eq!(rotate(world, &path, "0s").await["rotation"], json!(null));
    let second = rotate(world, &path, "7d").await;
    let third = rotate(world, &path, "7d").await;
    assert_eq!(third["rotation"]["old_last_four"], second["last_four"], "two at most");
    let end = async || world.post(format!("{path}/rotate/end")).send().await.expect(200);
    assert_eq!(end().await["rotation"], json!(null));
    let entries = log(world, world.organization).await.len();
    assert_eq!(last_entry(world, world.organization).await.action, "key.rotation_ended");
    end().await;
    assert_eq!(log(world, world.organization).await.len(), entries, "what changes nothing is not written");
}

async fn overlaps_are_checked(world: &World) {
    let (path, first) = made(world).await;
    for overlap in [json!("soon"), json!("91d"), json!(-1), json!(""), json!(null), json!(7_776_001)] {
        let call = world.post(format!("{path}/rotate")).json(&json!({"overlap": overlap}));
        assert_eq!(call.send().await.refused("invalid_request")["param"], "overlap", "{overlap}");
    }
    world.post(format!("{path}/rotate")).json(&json!({})).send().await.refused("invalid_request");
    let key = world.get(&path).send().await.expect(200);
    assert!(first.ends_with(key["last_four"].as_str().unwrap()), "nothing was changed");
    let custom = world.post(format!("{path}/rotate")).json(&json!({"overlap": 90})).send().await.expect(200);
    assert!(custom["rotation"].is_object());
}

async fn a_revoked_key_is_not_rotated(world: &World) {
    let (path, _) = made(world).await;
    rotate(world, &path, "7d").await;
    let revoked = world.post(format!("{path}/revoke")).send().await.expect(200);
    assert_eq!(revoked["rotation"], json!(null), "neither secret is good");
    world.post(format!("{path}/rotate")).json(&json!({"overlap": "1h"})).send().await.refused("conflict");
}

async fn a_developer_rotates_only_what_is_theirs(world: &World) {
    let (path, _) = made(world).await;
    let kim = world.person(world.organization, Role::Developer).await;
    let (own, _) = made_by(world, &kim).await;
    let by = |path: String| world.call("POST", path).token(&kim.token).json(&json!({"overlap": "1h"}));
    by(format!("{path}/rotate")).send().await.refused("forbidden");
    by(format!("{path}/rotate/end")).send().await.refused("forbidden");
    by(format!("{own}/rotate")).send().await.expect(200);
    by(format!("{own}/rotate/end")).send().await.expect(200);
    let stranger = world.person(world.organization("Elsewhere").await, Role::Owner).await;
    for verb in ["rotate", "rotate/end"] {
        let call = world.call("POST", format!("{path}/{verb}")).token(&stranger.token);
        call.json(&json!({"overlap": "1h"})).send().await.refused("not_found");
    }
}

async fn a_leaked_key_of_the_own_organization_is_revoked_and_named(world: &World) {
    let (path, secret) = made(world).await;
    // Who has found the secret need not manage the key.
    let kim = world.person(world.organization, Role::Developer).await;
    for _ in 0..2 {
        let told = report(world, &kim, &format!(" {secret}\n")).await.expect(200);
        assert_eq!(told["outcome"], "revoked");
        let id = path.rsplit('/').next().unwrap();
        assert_eq!(told["key"], json!({"id": id, "name": "checkout", "owner_name": "Mara", "old_secret": false}));
    }
    let key = world.get(&path).send().await.expect(200);
    assert_eq!(key["status"], "revoked");
    assert!(key["revoked_at"].is_string());
    let entry = last_entry(world, world.organization).await;
    assert_eq!(entry.action, "key.leak_revoked");
    assert!(entry.actor.starts_with("token:"), "{}", entry.actor);
    let analyst = world.person(world.organization, Role::Analyst).await;
    report(world, &analyst, &secret).await.refused("forbidden");
}

async fn of_another_organization_s_key_nothing_is_told(world: &World) {
    let (path, secret) = made(world).await;
    let elsewhere = world.organization("Elsewhere").await;
    let stranger = world.person(elsewhere, Role::Owner).await;
    let told = report(world, &stranger, &secret).await;
    assert_eq!(told.expect(200), json!({"outcome": "revoked", "key": null}));
    assert_eq!(world.get(&path).send().await.expect(200)["status"], "revoked");
    let entry = last_entry(world, world.organization).await;
    assert_eq!((entry.action.as_str(), entry.actor.as_str()), ("key.leak_revoked", "system:leak-report"));
    assert_eq!((entry.ip, entry.user_agent), (None, None), "who reported it is not told either");
    let own = last_entry(world, elsewhere).await;
    assert_eq!(own.action, "key.leak_reported");
    let id = path.rsplit('/').next().unwrap();
    assert!(!serde_json::to_string(&own).unwrap().contains(id), "the key is not named in the reporter's log");
    assert_eq!(report(world, &stranger, &secret).await.expect(200), json!({"outcome": "revoked", "key": null}));
}

async fn an_old_secret_that_leaked_ends_alone(world: &World) {
    let (path, first) = made(world).await;
    rotate(world, &path, "7d").await;
    let told = report(world, &world.owner, &first).await.expect(200);
    assert_eq!((&told["outcome"], &told["key"]["old_secret"]), (&json!("revoked"), &json!(true)));
    let key = world.get(&path).send().await.expect(200);
    assert_eq!((&key["status"], &key["rotation"]), (&json!("active"), &json!(null)));
    assert_eq!(last_entry(world, world.organization).await.action, "key.leak_rotation_ended");
    // One that ended before is known still, and ends nothing else.
    rotate(world, &path, "7d").await;
    assert_eq!(report(world, &world.owner, &first).await.expect(200)["outcome"], "revoked");
    assert!(world.get(&path).send().await.expect(200)["rotation"].is_object());
}

async fn who_guesses_is_slowed_down(world: &World) {
    let guess = |n: u8| Secret::mint("tpk_live_", &Entropy::new(move |out| out.fill(n)));
    let (_, secret) = made(world).await;
    for n in 0..20 {
        let text = if n % 2 == 0 { guess(n).expose().to_owned() } else { "nonsense".to_owned() };
        let told = report(world, &world.owner, &text).await.expect(200);
        assert_eq!(told, json!({"outcome": "unknown", "key": null}));
    }
    let slowed = report(world, &world.owner, guess(99).expose()).await;
    slowed.refused("too_many_attempts");
    assert!(slowed.header("retry-after").is_some());
    let kim = world.person(world.organization, Role::Developer).await;
    assert_eq!(report(world, &kim, &secret).await.expect(200)["outcome"], "revoked", "others are not");
}
