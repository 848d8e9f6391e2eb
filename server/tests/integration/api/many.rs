use std::time::Duration;

use domain::{identity::Role, keys::Environment, secrets};
use serde_json::{Value, json};

use super::bulk::{items, log, team};
use crate::{
    scratch::execute,
    support::{Person, World},
};

on_both_engines! {
    keys_are_made_as_if_each_were_made_alone
    a_table_is_made_as_it_says
    a_dry_run_names_every_bad_row_and_then_none_is_made
    what_holds_for_all_is_refused_at_once
    developers_make_keys_for_themselves
    a_template_bounds_each_key
    secrets_are_downloaded_once_by_who_asked
    secrets_are_gone_after_an_hour
    no_secret_is_readable_in_the_database
    a_repeated_download_is_no_second_one
    what_was_made_is_undone_where_nobody_uses_it
    who_may_no_longer_makes_nothing
    retired_templates_make_nothing_more
}

/// Asks for keys, and works until the job is over.
async fn make(world: &World, by: &Person, request: &Value) -> Value {
    let job = world.call("POST", "/api/v1/keys/many").token(&by.token).json(request).send().await.expect(202);
    world.runner.work_off().await.unwrap();
    world.call("GET", path(&job, "")).token(&by.token).send().await.expect(200)
}

fn path(job: &Value, rest: &str) -> String {
    format!("/api/v1/jobs/{}{rest}", job["id"].as_str().unwrap())
}

fn pattern(count: u32) -> Value {
    json!({"environment": "test", "pattern": {"name": "till-{n}", "count": count, "digits": 4}})
}

/// The cells of a download, below the names.
async fn download(world: &World, by: &Person, job: &Value) -> Vec<Vec<String>> {
    let answer = world.call("POST", path(job, "/secrets")).token(&by.token).send().await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")), "{}", answer.text);
    let mut rows = domain::csv::read(&answer.text).unwrap().into_iter().map(|record| record.cells);
    assert_eq!(rows.next().unwrap(), ["id", "name", "environment", "secret"]);
    rows.collect()
}

async fn keys_are_made_as_if_each_were_made_alone(world: &World) {
    let alone = json!({"name": "till-0000", "environment": "live", "description": "A till.", "labels": {"a": "1"},
        "rules": {"models": ["gpt-4o*"]}, "expires_at": "2031-01-01T00:00:00Z"});
    let alone = world.post("/api/v1/keys").json(&alone).send().await.expect(201);
    let request = json!({"environment": "live", "description": "A till.", "labels": {"a": "1"}, "rules": {"models": ["gpt-4o*"]},
        "expires_at": "2031-01-01T00:00:00Z", "pattern": {"name": "till-{n}", "count": 1203, "digits": 4}});
    let job = make(world, &world.owner, &request).await;
    let expected = json!({"total": 1203, "done": 1203, "skipped": 0, "failed": 0});
    assert_eq!(
        (&job["state"], &job["progress"], &job["title"]),
        (&json!("done"), &expected, &json!("Create 1,203 keys"))
    );
    assert_eq!(job["kind"], "keys.create");
    let rows = download(world, &world.owner, &job).await;
    assert_eq!(rows.len(), 1203);
    for (n, row) in rows.iter().enumerate() {
        assert_eq!((row[1].clone(), row[2].as_str()), (format!("till-{:04}", n + 1), "live"));
        assert!(secrets::is_well_formed(Environment::Live.key_prefix(), &row[3]));
    }
    let made = world.get(format!("/api/v1/keys/{}", rows[1202][0])).send().await.expect(200);
    for field in ["environment", "description", "labels", "rules", "expires_at", "owner_id", "status", "created_by"] {
        assert_eq!(made[field], alone[field], "{field}");
    }
    assert_eq!(made["last_four"].as_str().unwrap(), &rows[1202][3][rows[1202][3].len() - 4..]);
    let entries = log(world).await;
    let created: Vec<_> = entries.iter().filter(|entry| entry.action == "key.created").collect();
    assert_eq!(created.len(), 1204);
    let (one, other) = (created[0], created[1203]);
    assert_eq!(other.target, rows[1202][0]);
    assert_eq!(other.actor, one.actor);
    let after = other.after.as_deref().unwrap().replace("till-1203", "till-0000");
    assert_eq!(after, one.after.as_deref().unwrap(), "the log says the same of both");
    assert!(entries.iter().any(|entry| entry.action == "job.secrets_downloaded" && entry.target == job["id"]));
}

async fn a_table_is_made_as_it_says(world: &World) {
    let team = team(world, "Search").await;
    let kim = world.person(world.organization, Role::Developer).await;
    let email = world.db.read().await.unwrap().identity().user(kim.user).await.unwrap().unwrap().email;
    let csv = format!(
        "\u{FEFF}name,owner,team,labels,expires,description\r\na,{email},search,region=eu;tier=2,2031-01-01,\"Öl, \"\"x\"\"\"\r\n\
         =1+1,,{team},,,\r\n"
    );
    let request = json!({"environment": "test", "labels": {"tier": "1"}, "csv": csv});
    let job = make(world, &world.owner, &request).await;
    assert_eq!(job["progress"]["done"], 2, "{job}");
    let listed = items(world, &job, "").await;
    assert_eq!(listed.iter().map(|item| item["name"].clone()).collect::<Vec<_>>(), [json!("a"), json!("=1+1")]);
    let rows = download(world, &world.owner, &job).await;
    assert_eq!(rows[1][1], "'=1+1", "no spreadsheet runs it");
    let key = |n: usize| world.get(format!("/api/v1/keys/{}", rows[n][0])).send();
    let (a, b) = (key(0).await.expect(200), key(1).await.expect(200));
    assert_eq!((&a["owner_id"], &a["team_id"]), (&json!(kim.user), &json!(team)));
    assert_eq!((&a["labels"], &a["description"]), (&json!({"region": "eu", "tier": "2"}), &json!("Öl, \"x\"")));
    assert_eq!(a["expires_at"], "2031-01-01T00:00:00Z");
    assert_eq!((&b["owner_id"], &b["team_id"]), (&json!(world.owner.user), &json!(team)));
    assert_eq!((&b["labels"], &b["expires_at"]), (&json!({"tier": "1"}), &Value::Null));
}

async fn a_dry_run_names_every_bad_row_and_then_none_is_made(world: &World) {
    let elsewhere = world.organization("Elsewhere").await;
    let stranger = world.person(elsewhere, Role::Owner).await;
    let email = world.db.read().await.unwrap().identity().user(stranger.user).await.unwrap().unwrap().email;
    let csv = format!(
        "name,owner,team,labels,expires\ngood,,,,\nforeign,{email},,,\nlost,,Nowhere,,\npast,,,,2020-01-01\nbad label,,,A=1,\n\
         ,,,,\ngood,,,,\nshort,,\n"
    );
    let mut request = json!({"environment": "test", "csv": csv, "dry_run": true});
    let preview = world.post("/api/v1/keys/many").json(&request).send().await.expect(200);
    assert_eq!((&preview["count"], preview["names"].as_array().unwrap().len()), (&json!(7), 5));
    let bad = preview["bad"].as_array().unwrap();
    let told: Vec<_> = bad.iter().map(|bad| (bad["row"].clone(), bad["name"].clone(), bad["field"].clone())).collect();
    let expected = [
        (3, "foreign", "owner"),
        (4, "lost", "team"),
        (5, "past", "expires"),
        (6, "bad label", "labels"),
        (9, "short", "csv"),
    ];
    assert_eq!(
        told,
        expected.map(|(row, name, field)| (json!(row), json!(name), json!(field))),
        "a name may be there twice"
    );
    assert!(bad.iter().all(|bad| bad["message"].as_str().unwrap().ends_with('.')));
    request["dry_run"] = json!(false);
    let refusal = world.post("/api/v1/keys/many").json(&request).send().await.refused("invalid_request");
    assert_eq!(refusal["param"], "csv");
    assert!(refusal["message"].as_str().unwrap().starts_with("5 of 7 keys can't be made"), "{refusal}");
    assert_eq!(world.get("/api/v1/jobs").send().await.expect(200)["data"], json!([]), "no job is left behind");
    let unknown = json!({"environment": "test", "keys": [{"name": "a", "owner_id": stranger.user}], "dry_run": true});
    let preview = world.post("/api/v1/keys/many").json(&unknown).send().await.expect(200);
    assert_eq!((&preview["bad"][0]["row"], &preview["bad"][0]["field"]), (&json!(1), &json!("owner_id")));
}

async fn what_holds_for_all_is_refused_at_once(world: &World) {
    let keys = json!([{"name": "a"}]);
    for (request, param) in [
        (json!({"keys": keys}), "environment"),
        (json!({"environment": "test"}), "pattern"),
        (json!({"environment": "test", "keys": []}), "keys"),
        (json!({"environment": "test", "keys": [{"name": ""}]}), "keys[0].name"),
        (json!({"environment": "test", "keys": [{"name": "a", "colour": "red"}]}), "keys[0].colour"),
        (json!({"environment": "test", "keys": keys, "colour": "red"}), "colour"),
        (json!({"environment": "test", "csv": "name,colour\na,red"}), "csv"),
        (json!({"environment": "test", "pattern": {"name": "a", "count": 2}}), "pattern"),
        (json!({"environment": "test", "pattern": {"name": "a{n}", "count": 10_001}}), "pattern"),
        (json!({"template_id": "tpl_01h455vb4pex5vsknk084sn02q", "keys": keys}), "template_id"),
        (json!({"environment": "test", "template_version": 1, "keys": keys}), "template_version"),
        (json!({"environment": "test", "keys": keys, "budget": {"amount": "-1", "period": "day"}}), "budget"),
    ] {
        let refusal = world.post("/api/v1/keys/many").json(&request).send().await.refused("invalid_request");
        assert_eq!(refusal["param"], param, "{request}");
    }
}

async fn developers_make_keys_for_themselves(world: &World) {
    let developer = world.person(world.organization, Role::Developer).await;
    let email = "mara@example.com";
    let others = json!({"environment": "test", "dry_run": true, "csv": format!("name,owner\na,{email}\nb,nobody@example.com\nc,\n")});
    let by = || world.call("POST", "/api/v1/keys/many").token(&developer.token);
    let preview = by().json(&others).send().await.expect(200);
    let bad = preview["bad"].as_array().unwrap();
    assert_eq!(bad.len(), 2, "{preview}");
    assert_eq!(bad[0]["message"], bad[1]["message"], "who else there is is not told");
    let team = team(world, "Search").await;
    let teams = json!({"environment": "test", "dry_run": true, "keys": [{"name": "a", "team_id": team}]});
    assert_eq!(by().json(&teams).send().await.expect(200)["bad"][0]["field"], "team_id");
    let named = json!({"environment": "test", "dry_run": true, "csv": "name,team\na,Search"});
    assert_eq!(by().json(&named).send().await.expect(200)["bad"][0]["field"], "team");
    let mut bounded = pattern(2);
    bounded["limits"] = json!([{"kind": "requests_per_minute", "amount": 5}]);
    by().json(&bounded).send().await.refused("forbidden");
    let job = make(world, &developer, &pattern(2)).await;
    let rows = download(world, &developer, &job).await;
    let key = world.get(format!("/api/v1/keys/{}", rows[0][0])).send().await.expect(200);
    assert_eq!(key["owner_id"], json!(developer.user));
    let analyst = world.person(world.organization, Role::Analyst).await;
    world.call("POST", "/api/v1/keys/many").token(&analyst.token).json(&pattern(1)).send().await.refused("forbidden");
}

async fn a_template_bounds_each_key(world: &World) {
    let recipe = json!({"environment": "live", "names": "till-*", "required": {"description": true},
        "limits": [{"kind": "requests_per_minute", "amount": 60}], "budget": {"amount": "5", "period": "month"},
        "expires_in_days": 30, "locked": ["environment", "expiry"]});
    let template = json!({"name": "Tills", "recipe": recipe, "allowed": {}});
    let template = world.post("/api/v1/key-templates").json(&template).send().await.expect(201);
    let mut request = json!({"template_id": template["id"], "dry_run": true,
        "csv": "name,description,expires\ntill-1,x,\nsearch-1,x,\ntill-2,,\ntill-3,x,2031-01-01\n"});
    let preview = world.post("/api/v1/keys/many").json(&request).send().await.expect(200);
    let told: Vec<_> =
        preview["bad"].as_array().unwrap().iter().map(|bad| (bad["row"].clone(), bad["field"].clone())).collect();
    assert_eq!(told, [(3, "name"), (4, "description"), (5, "expires")].map(|(row, field)| (json!(row), json!(field))));
    request["csv"] = json!("name,description\ntill-1,x\ntill-2,y\n");
    request["dry_run"] = json!(false);
    let developer = world.person(world.organization, Role::Developer).await;
    let job = make(world, &developer, &request).await;
    assert_eq!(job["progress"]["done"], 2);
    let rows = download(world, &developer, &job).await;
    for row in &rows {
        assert_eq!(row[2], "live");
        let key = world.get(format!("/api/v1/keys/{}", row[0])).send().await.expect(200);
        assert_eq!((&key["template"]["name"], &key["template"]["version"]), (&json!("Tills"), &json!(1)));
        assert!(key["expires_at"].is_string());
    }
    let mut read = world.db.read().await.unwrap();
    let ids: Vec<domain::KeyId> = rows.iter().map(|row| row[0].parse().unwrap()).collect();
    assert_eq!(read.limits().of_keys(world.organization, &ids).await.unwrap().len(), 2);
    assert_eq!(read.budgets().of_keys(world.organization, &ids).await.unwrap().len(), 2);
    drop(read);
    let entries = log(world).await;
    let count = |action: &str| entries.iter().filter(|entry| entry.action == action).count();
    assert_eq!((count("limit.created"), count("budget.created")), (2, 2));
}

async fn secrets_are_downloaded_once_by_who_asked(world: &World) {
    let (one, other) = (
        world.person(world.organization, Role::Developer).await,
        world.person(world.organization, Role::Developer).await,
    );
    let admin = world.person(world.organization, Role::Admin).await;
    let elsewhere = world.organization("Elsewhere").await;
    let stranger = world.person(elsewhere, Role::Owner).await;
    let job = world.call("POST", "/api/v1/keys/many").token(&one.token).json(&pattern(3)).send().await.expect(202);
    let secrets = |by: &Person| world.call("POST", path(&job, "/secrets")).token(&by.token);
    secrets(&one).send().await.refused("conflict");
    assert_eq!(job["secrets"]["state"], "waiting");
    world.runner.work_off().await.unwrap();
    let seen = async |by: &Person| {
        world.call("GET", path(&job, "")).token(&by.token).send().await.expect(200)["secrets"].clone()
    };
    let ready = seen(&one).await;
    assert_eq!((&ready["state"], &ready["count"], &ready["yours"]), (&json!("ready"), &json!(3), &json!(true)));
    assert_eq!(seen(&admin).await["yours"], false);
    for (by, code) in
        [(&stranger, "not_found"), (&other, "not_found"), (&admin, "forbidden"), (&world.owner, "forbidden")]
    {
        secrets(by).send().await.refused(code);
        world
            .call("POST", path(&job, "/secrets"))
            .session(&by.session)
            .header("sec-fetch-site", "same-origin")
            .send()
            .await
            .refused(code);
    }
    world.call("GET", path(&job, "/secrets")).token(&one.token).send().await.refused("method_not_allowed");
    // The button of the portal's page is a form.
    let form = world.call("POST", path(&job, "/secrets")).session(&one.session).header("sec-fetch-site", "same-origin");
    let form = form.header("content-type", "application/x-www-form-urlencoded").send().await;
    assert_eq!((form.status, form.text.lines().count()), (200, 4), "{}", form.text);
    assert!(form.header("content-disposition").unwrap().starts_with("attachment; filename=\"job_"));
    let gone = secrets(&one).send().await.refused("gone");
    assert!(gone["message"].as_str().unwrap().contains("downloaded"), "{gone}");
    assert_eq!(
        (&seen(&one).await["state"], seen(&one).await["downloaded_at"].is_string()),
        (&json!("downloaded"), true)
    );
    let disable = json!({"action": {"type": "disable"}, "filter": {}, "expected_count": 3});
    let job = super::bulk::run(world, &disable).await;
    assert_eq!(job["secrets"], Value::Null);
    world.post(path(&job, "/secrets")).send().await.refused("conflict");
}

async fn secrets_are_gone_after_an_hour(world: &World) {
    let job = make(world, &world.owner, &pattern(2)).await;
    world.wait(Duration::from_secs(3_590));
    assert_eq!(world.get(path(&job, "")).send().await.expect(200)["secrets"]["state"], "ready");
    world.wait(Duration::from_secs(60));
    let gone = world.post(path(&job, "/secrets")).send().await.refused("gone");
    assert!(gone["message"].as_str().unwrap().contains("hour"), "{gone}");
    assert_eq!(sealed(world).await.len(), 2, "upkeep has not come by yet");
    world.tidy().await;
    assert_eq!(sealed(world).await.len(), 0);
    world.post(path(&job, "/secrets")).send().await.refused("gone");
    assert_eq!(world.get(path(&job, "")).send().await.expect(200)["secrets"]["state"], "expired");
}

async fn no_secret_is_readable_in_the_database(world: &World) {
    let job = make(world, &world.owner, &pattern(2)).await;
    let sealed = sealed(world).await;
    let rows = download(world, &world.owner, &job).await;
    assert_eq!(sealed.len(), 2);
    for (row, sealed) in rows.iter().zip(sealed) {
        let random = &row[3].as_bytes()["tpk_test_".len()..][..12];
        assert!(!sealed.windows(random.len()).any(|part| part == random));
    }
    assert_eq!(self::sealed(world).await.len(), 0);
    // A sealed secret that is copied to another place does not open.
    let job = make(world, &world.owner, &pattern(2)).await;
    let swap =
        "UPDATE job_secrets SET sealed = (SELECT s.sealed FROM job_secrets s WHERE s.position = 2) WHERE position = 1";
    execute(&world.db, swap).await.unwrap();
    world.post(path(&job, "/secrets")).send().await.refused("internal_error");
}

/// All that is kept of secrets.
async fn sealed(world: &World) -> Vec<Vec<u8>> {
    const SQL: &str = "SELECT sealed FROM job_secrets ORDER BY position";
    match &world.db {
        store::Db::Sqlite { read, .. } => sqlx::query_scalar(SQL).fetch_all(read).await.unwrap(),
        store::Db::Postgres(pool) => sqlx::query_scalar(SQL).fetch_all(pool).await.unwrap(),
    }
}

async fn a_repeated_download_is_no_second_one(world: &World) {
    let post = || world.post("/api/v1/keys/many").key("make").json(&pattern(2));
    let job = post().send().await.expect(202);
    assert_eq!(post().send().await.expect(202), job, "a repeated request makes no second job");
    world.runner.work_off().await.unwrap();
    let secrets = || world.post(path(&job, "/secrets")).key("secrets");
    assert_eq!(secrets().send().await.status, 200);
    secrets().send().await.refused("gone");
    assert_eq!(world.get("/api/v1/keys").send().await.expect(200)["data"].as_array().unwrap().len(), 2);
}

async fn what_was_made_is_undone_where_nobody_uses_it(world: &World) {
    let job = make(world, &world.owner, &pattern(4)).await;
    assert!(job["undo_until"].is_string());
    let rows = download(world, &world.owner, &job).await;
    execute(&world.db, "UPDATE api_keys SET last_used_at = 7 WHERE name = 'till-0001'").await.unwrap();
    world.post(format!("/api/v1/keys/{}/disable", rows[1][0])).send().await.expect(200);
    let undo = world.post(path(&job, "/undo")).send().await.expect(202);
    assert_eq!((&undo["title"], &undo["secrets"]), (&json!("Undo: create 4 keys"), &Value::Null));
    world.runner.work_off().await.unwrap();
    let outcomes: Vec<_> = items(world, &undo, "").await.into_iter().map(|item| item["reason"].clone()).collect();
    assert_eq!(outcomes, [json!("used_since"), json!("changed_since"), Value::Null, Value::Null]);
    for (row, status) in rows.iter().zip(["active", "disabled", "revoked", "revoked"]) {
        assert_eq!(world.get(format!("/api/v1/keys/{}", row[0])).send().await.expect(200)["status"], status);
    }
    let undo = world.get(path(&undo, "")).send().await.expect(200);
    assert_eq!(undo["undo_until"], Value::Null, "to revoke is final");
}

async fn who_may_no_longer_makes_nothing(world: &World) {
    let developer = world.person(world.organization, Role::Developer).await;
    let post = |request: &Value| world.call("POST", "/api/v1/keys/many").token(&developer.token).json(request);
    let job = post(&pattern(2)).send().await.expect(202);
    execute(&world.db, "UPDATE memberships SET role = 'analyst' WHERE role = 'developer'").await.unwrap();
    world.runner.work_off().await.unwrap();
    let failed = items(world, &job, "outcome=failed").await;
    assert_eq!((failed.len(), &failed[0]["reason"]), (2, &json!("no_longer_allowed")));
    let job = world.get(path(&job, "")).send().await.expect(200);
    assert_eq!(job["secrets"], Value::Null, "none was made");
    execute(&world.db, "UPDATE memberships SET role = 'developer' WHERE role = 'analyst'").await.unwrap();
    world.call("POST", path(&job, "/retry")).token(&developer.token).send().await.expect(200);
    world.runner.work_off().await.unwrap();
    assert_eq!(download(world, &developer, &job).await.len(), 2);
}

async fn retired_templates_make_nothing_more(world: &World) {
    let template = json!({"name": "Tills", "recipe": {"environment": "test"}, "allowed": {}});
    let template = world.post("/api/v1/key-templates").json(&template).send().await.expect(201);
    let request = json!({"template_id": template["id"], "pattern": {"name": "till-{n}", "count": 2}});
    let job = world.post("/api/v1/keys/many").json(&request).send().await.expect(202);
    let retire = format!("/api/v1/key-templates/{}/retire", template["id"].as_str().unwrap());
    world.post(retire).send().await.expect(200);
    world.runner.work_off().await.unwrap();
    let failed = items(world, &job, "outcome=failed").await;
    assert_eq!((failed.len(), &failed[0]["reason"]), (2, &json!("no_such_template")));
}
