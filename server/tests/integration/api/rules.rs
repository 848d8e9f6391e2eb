//! What a key may call, whose it is, and who may say so.

use domain::{Entropy, OrganizationId, TeamId, UserId, identity::Role};
use serde_json::{Value, json};
use store::organizations::Team;

use crate::support::{Person, World};

on_both_engines! {
    rules_are_given_changed_and_taken_away
    what_is_wrong_with_a_rule_is_named
    keys_are_given_to_members_and_teams_of_their_organization
    a_developer_gives_keys_to_themselves_and_their_own_teams
    what_changes_is_written_down
}

async fn key(world: &World, more: Value) -> Value {
    let mut new = json!({"name": "a", "environment": "test"});
    new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    world.post("/api/v1/keys").json(&new).send().await.expect(201)
}

fn path(key: &Value) -> String {
    format!("/api/v1/keys/{}", key["id"].as_str().unwrap())
}

async fn team(world: &World, organization: OrganizationId, name: &str, members: &[UserId]) -> TeamId {
    let at = world.now();
    let entropy: &Entropy = &world.entropy;
    let team = Team {
        id: TeamId::mint(at, entropy),
        organization_id: organization,
        parent_id: None,
        name: name.parse().unwrap(),
        created_at: at,
    };
    let mut tx = world.db.begin().await.unwrap();
    tx.organizations().insert_team(&team).await.unwrap();
    for member in members {
        tx.organizations().add_team_member(team.id, *member).await.unwrap();
    }
    tx.commit().await.unwrap();
    team.id
}

async fn rules_are_given_changed_and_taken_away(world: &World) {
    let free = key(world, json!({})).await;
    assert_eq!(free["rules"], json!({"models": [], "endpoints": [], "ips": []}));
    assert_eq!((&free["description"], &free["team_id"]), (&json!(""), &json!(null)));
    assert_eq!((&free["owner_id"], &free["owner_name"]), (&json!(world.owner.user), &json!("Mara")));
    let rules = json!({"models": ["gpt-4o*"], "endpoints": ["embeddings"], "ips": ["10.1.2.3/8"]});
    let bound = key(world, json!({"description": " For the shop.\r\nAsk Mara. ", "rules": rules})).await;
    assert_eq!(bound["description"], "For the shop.\nAsk Mara.");
    assert_eq!(bound["rules"], json!({"models": ["gpt-4o*"], "endpoints": ["embeddings"], "ips": ["10.0.0.0/8"]}));
    let patch = async |body: Value| {
        world.call("PATCH", path(&bound)).token(&world.owner.token).json(&body).send().await.expect(200)
    };
    let renamed = patch(json!({"name": "b"})).await;
    assert_eq!((&renamed["rules"], &renamed["description"]), (&bound["rules"], &bound["description"]));
    let replaced = patch(json!({"rules": {"models": ["sandbox/*"]}, "description": ""})).await;
    assert_eq!(replaced["rules"], json!({"models": ["sandbox/*"], "endpoints": [], "ips": []}));
    assert_eq!(replaced["description"], "");
    assert_eq!(patch(json!({"rules": {}})).await["rules"], free["rules"]);
}

async fn what_is_wrong_with_a_rule_is_named(world: &World) {
    let many = |item: &'static str, n: usize| vec![item; n];
    for (rules, param) in [
        (json!({"models": [""]}), "rules.models[0]"),
        (json!({"models": ["a", "x".repeat(201)]}), "rules.models[1]"),
        (json!({"endpoints": ["chat"]}), "rules.endpoints[0]"),
        (json!({"ips": ["::1", "10.0.0.0/33"]}), "rules.ips[1]"),
        (json!({"ips": ["here"]}), "rules.ips[0]"),
        (json!({"services": ["ai"]}), "rules.services"),
        (json!({"ips": many("::1", 51)}), "ips"),
        (json!({"models": many("m", 101)}), "models"),
        (json!("all"), "rules"),
    ] {
        let new = json!({"name": "a", "environment": "test", "rules": rules});
        let refusal = world.post("/api/v1/keys").json(&new).send().await.refused("invalid_request");
        assert_eq!(refusal["param"], param, "{rules}: {refusal}");
    }
    for description in ["x".repeat(501), "a\u{202e}b".to_owned(), "a\u{0}b".to_owned()] {
        let new = json!({"name": "a", "environment": "test", "description": description});
        assert_eq!(
            world.post("/api/v1/keys").json(&new).send().await.refused("invalid_request")["param"],
            "description"
        );
    }
}

async fn keys_are_given_to_members_and_teams_of_their_organization(world: &World) {
    let kim = world.person(world.organization, Role::Developer).await;
    let search = team(world, world.organization, "Search", &[]).await;
    let given = key(world, json!({"owner_id": kim.user, "team_id": search})).await;
    assert_eq!((&given["owner_id"], &given["owner_name"]), (&json!(kim.user), &json!("Kim")));
    assert_eq!((&given["team_id"], &given["team_name"]), (&json!(search), &json!("Search")));
    let elsewhere = world.organization("Elsewhere").await;
    let stranger = world.person(elsewhere, Role::Owner).await;
    let theirs = team(world, elsewhere, "Theirs", &[world.owner.user]).await;
    let nobody = "usr_01h455vb4pex5vsknk084sn02q";
    let no_team = "team_01h455vb4pex5vsknk084sn02q";
    let patch =
        async |body: Value| world.call("PATCH", path(&given)).token(&world.owner.token).json(&body).send().await;
    for (member, known) in
        [("owner_id", [json!(stranger.user), json!(nobody)]), ("team_id", [json!(theirs), json!(no_team)])]
    {
        let [other, none] = known;
        // A stranger is answered as somebody who is not there.
        let refusals = [patch(json!({member: other})).await, patch(json!({member: none})).await];
        let [one, another] = refusals.map(|answer| answer.refused("invalid_request"));
        assert_eq!((&one["param"], &one["message"]), (&json!(member), &another["message"]));
        let new = json!({"name": "a", "environment": "test", member: other});
        assert_eq!(world.post("/api/v1/keys").json(&new).send().await.refused("invalid_request")["param"], member);
    }
    let loose = patch(json!({"owner_id": null, "team_id": null})).await.expect(200);
    assert_eq!(
        (&loose["owner_id"], &loose["team_id"], &loose["owner_name"]),
        (&json!(null), &json!(null), &json!(null))
    );
}

async fn a_developer_gives_keys_to_themselves_and_their_own_teams(world: &World) {
    let kim = world.person(world.organization, Role::Developer).await;
    let (own, other) = (
        team(world, world.organization, "Own", &[kim.user]).await,
        team(world, world.organization, "Other", &[]).await,
    );
    let by =
        |person: &Person, method, path: String, body: Value| world.call(method, path).token(&person.token).json(&body);
    let new = |more: Value| {
        let mut new = json!({"name": "a", "environment": "test"});
        new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        by(&kim, "POST", "/api/v1/keys".into(), new)
    };
    new(json!({"owner_id": world.owner.user})).send().await.refused("forbidden");
    new(json!({"team_id": other})).send().await.refused("forbidden");
    let mine = new(json!({"owner_id": kim.user, "team_id": own})).send().await.expect(201);
    let patch = async |key: &Value, body: Value| by(&kim, "PATCH", path(key), body).send().await;
    patch(&mine, json!({"owner_id": world.owner.user})).await.refused("forbidden");
    patch(&mine, json!({"team_id": other})).await.refused("forbidden");
    patch(&mine, json!({"owner_id": null, "team_id": null})).await.refused("forbidden");
    // Nobody's key would count for nobody's budget.
    patch(&mine, json!({"owner_id": null})).await.refused("forbidden");
    patch(&mine, json!({"team_id": null})).await.expect(200);
    // A colleague's key of the own team can be taken on, one of another team can't.
    let of_team = key(world, json!({"team_id": own})).await;
    patch(&of_team, json!({"rules": {"models": ["m"]}})).await.expect(200);
    patch(&of_team, json!({"team_id": null})).await.refused("forbidden");
    assert_eq!(patch(&of_team, json!({"owner_id": kim.user})).await.expect(200)["owner_id"], json!(kim.user));
    let foreign = key(world, json!({"team_id": other})).await;
    patch(&foreign, json!({"owner_id": kim.user})).await.refused("forbidden");
    patch(&foreign, json!({"rules": {}})).await.refused("forbidden");
}

async fn what_changes_is_written_down(world: &World) {
    let key = key(world, json!({"rules": {"models": ["before-*"]}, "description": "first"})).await;
    let change = json!({"rules": {"ips": ["10.0.0.0/8"]}, "description": "second", "owner_id": null});
    world.call("PATCH", path(&key)).token(&world.owner.token).json(&change).send().await.expect(200);
    let entries = world.db.read().await.unwrap().audit().from(world.organization, 1, 1_000).await.unwrap();
    let entry = &entries.last().unwrap().entry;
    assert_eq!((entry.action.as_str(), entry.target.as_str()), ("key.updated", key["id"].as_str().unwrap()));
    let json = |text: &Option<String>| serde_json::from_str::<Value>(text.as_deref().unwrap()).unwrap();
    let (before, after) = (json(&entry.before), json(&entry.after));
    assert_eq!((&before["rules"]["models"], &before["description"]), (&json!(["before-*"]), &json!("first")));
    assert_eq!((&after["rules"]["ips"], &after["description"]), (&json!(["10.0.0.0/8"]), &json!("second")));
    assert_eq!((&before["owner"], &after["owner"]), (&json!(world.owner.user), &json!(null)));
    // What changes nothing is not written.
    world.call("PATCH", path(&key)).token(&world.owner.token).json(&change).send().await.expect(200);
    let again = world.db.read().await.unwrap().audit().from(world.organization, 1, 1_000).await.unwrap();
    assert_eq!(again.len(), entries.len());
}
