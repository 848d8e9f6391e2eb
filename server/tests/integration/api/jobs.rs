use std::time::Duration;

use domain::identity::Role;
use serde_json::{Value, json};
use store::Db;

use super::bulk::{items, key, run};
use crate::{
    scratch::execute,
    support::{Person, World},
};

on_both_engines! {
    jobs_are_seen_by_whom_they_concern
    another_organizations_job_is_an_unknown_one
    results_come_in_pages_and_by_outcome
    an_export_is_safe_to_open
    a_cancelled_job_leaves_the_rest_untouched
    an_item_that_breaks_fails_alone_and_can_be_retried
    what_is_over_for_long_can_t_be_undone
    two_runners_do_each_key_once
}

const VERBS: [&str; 3] = ["cancel", "retry", "undo"];

async fn jobs_are_seen_by_whom_they_concern(world: &World) {
    let (one, other) = (developer(world).await, developer(world).await);
    let job = |by: &Person| {
        let request = json!({"action": {"type": "disable"}, "filter": {}, "expected_count": 0});
        world.call("POST", "/api/v1/keys/bulk").token(&by.token).json(&request)
    };
    let ones = job(&one).send().await.expect(202);
    let others = job(&other).send().await.expect(202);
    let seen = async |by: &Person, query: &str| -> Vec<Value> {
        let path = format!("/api/v1/jobs?{query}");
        let page = world.call("GET", path).token(&by.token).send().await.expect(200);
        page["data"].as_array().unwrap().iter().map(|job| job["id"].clone()).collect()
    };
    assert_eq!(seen(&world.owner, "").await, [others["id"].clone(), ones["id"].clone()], "the newest first");
    assert_eq!(seen(&one, "").await, [ones["id"].clone()]);
    let path = format!("/api/v1/jobs/{}", others["id"].as_str().unwrap());
    world.call("GET", &path).token(&one.token).send().await.refused("not_found");
    for verb in VERBS {
        world.call("POST", format!("{path}/{verb}")).token(&one.token).send().await.refused("not_found");
    }
    assert_eq!(seen(&world.owner, "state=waiting&limit=1").await, [others["id"].clone()]);
    world.runner.work_off().await.unwrap();
    assert_eq!(seen(&world.owner, "state=waiting").await, [] as [Value; 0]);
    assert_eq!(seen(&world.owner, "state=done").await.len(), 2);
    let bad = world.get("/api/v1/jobs?state=lost").send().await.refused("invalid_request");
    assert_eq!(bad["param"], "state");
}

async fn another_organizations_job_is_an_unknown_one(world: &World) {
    let elsewhere = world.organization("Elsewhere").await;
    let stranger = world.person(elsewhere, Role::Owner).await;
    let id = key(world, "mine", json!({})).await;
    let job = run(world, &json!({"action": {"type": "disable"}, "ids": [id]})).await;
    let path = format!("/api/v1/jobs/{}", job["id"].as_str().unwrap());
    for rest in ["", "/items", "/items.csv"] {
        let answer = world.call("GET", format!("{path}{rest}")).token(&stranger.token).send().await;
        let unknown = format!("/api/v1/jobs/job_01h455vb4pex5vsknk084sn02q{rest}");
        let unknown = world.call("GET", unknown).token(&stranger.token).send().await;
        assert_eq!(answer.refused("not_found")["message"], unknown.refused("not_found")["message"], "{rest}");
    }
    for verb in VERBS {
        world.call("POST", format!("{path}/{verb}")).token(&stranger.token).send().await.refused("not_found");
    }
    let list = world.call("GET", "/api/v1/jobs").token(&stranger.token).send().await.expect(200);
    assert_eq!(list["data"], json!([]));
}

async fn results_come_in_pages_and_by_outcome(world: &World) {
    let mut keys = Vec::new();
    for n in 0..5 {
        keys.push(key(world, &format!("key {n}"), json!({})).await);
    }
    world.post(format!("/api/v1/keys/{}/disable", keys[2])).send().await.expect(200);
    let job = run(world, &json!({"action": {"type": "disable"}, "ids": keys})).await;
    let path = format!("/api/v1/jobs/{}/items", job["id"].as_str().unwrap());
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.get(format!("{path}?limit=2&cursor={cursor}")).send().await.expect(200);
        seen.extend(page["data"].as_array().unwrap().iter().map(|item| item["key_id"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, keys);
    let skipped = items(world, &job, "outcome=skipped").await;
    assert_eq!((&skipped[0]["reason"], &skipped[0]["position"]), (&json!("already_disabled"), &json!(3)));
    assert_eq!(skipped.len(), 1);
    assert_eq!(items(world, &job, "outcome=done").await.len(), 4);
    for (query, param) in [("outcome=lost", "outcome"), ("cursor=x", "cursor"), ("limit=0", "limit")] {
        let refusal = world.get(format!("{path}?{query}")).send().await.refused("invalid_request");
        assert_eq!(refusal["param"], param);
    }
}

async fn an_export_is_safe_to_open(world: &World) {
    let names = ["=HYPERLINK(\"https://evil.example\",\"x\")", "+1", "-1", "@SUM(A1)", "a,b \"c\"", "plain"];
    let mut keys = Vec::new();
    for name in names {
        keys.push(key(world, name, json!({})).await);
    }
    let job = run(world, &json!({"action": {"type": "disable"}, "ids": keys})).await;
    let path = format!("/api/v1/jobs/{}/items.csv", job["id"].as_str().unwrap());
    let answer = world.get(format!("{path}?outcome=done")).send().await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/csv; charset=utf-8")));
    let disposition = answer.header("content-disposition").unwrap();
    assert!(disposition.starts_with("attachment; filename=\"job_"), "{disposition}");
    let lines: Vec<&str> = answer.text.split_terminator("\r\n").collect();
    assert_eq!(lines[0], "key,name,outcome,reason,message,at");
    let expected = [
        "\"'=HYPERLINK(\"\"https://evil.example\"\",\"\"x\"\")\"",
        "'+1",
        "'-1",
        "'@SUM(A1)",
        "\"a,b \"\"c\"\"\"",
        "plain",
    ];
    for ((line, id), name) in lines[1..].iter().zip(&keys).zip(expected) {
        assert!(line.starts_with(&format!("{id},{name},done,,,20")), "{line}");
    }
    assert_eq!(lines.len(), 7);
    assert_eq!(world.get(format!("{path}?outcome=failed")).send().await.text.lines().count(), 1);
}

async fn a_cancelled_job_leaves_the_rest_untouched(world: &World) {
    let id = key(world, "a", json!({})).await;
    let request = json!({"action": {"type": "disable"}, "ids": [id]});
    let job = world.post("/api/v1/keys/bulk").json(&request).send().await.expect(202);
    assert_eq!(job["can_cancel"], true);
    let path = format!("/api/v1/jobs/{}", job["id"].as_str().unwrap());
    for verb in ["retry", "undo"] {
        world.post(format!("{path}/{verb}")).send().await.refused("conflict");
    }
    let cancelled = world.post(format!("{path}/cancel")).send().await.expect(200);
    assert_eq!((&cancelled["state"], &cancelled["can_cancel"]), (&json!("cancelled"), &json!(false)));
    world.runner.work_off().await.unwrap();
    assert_eq!(world.get(format!("/api/v1/keys/{id}")).send().await.expect(200)["status"], "active");
    assert_eq!(items(world, &job, "outcome=waiting").await.len(), 1);
    for verb in VERBS {
        world.post(format!("{path}/{verb}")).send().await.refused("conflict");
    }
}

async fn an_item_that_breaks_fails_alone_and_can_be_retried(world: &World) {
    let mut keys = Vec::new();
    for name in ["a", "poison", "b"] {
        keys.push(key(world, name, json!({})).await);
    }
    for sql in poison(&world.db) {
        execute(&world.db, sql).await.unwrap();
    }
    let job = run(world, &json!({"action": {"type": "disable"}, "ids": keys})).await;
    assert_eq!((&job["state"], &job["can_retry"]), (&json!("done"), &json!(true)));
    assert_eq!((&job["progress"]["done"], &job["progress"]["failed"]), (&json!(2), &json!(1)));
    let failed = items(world, &job, "outcome=failed").await;
    assert_eq!((&failed[0]["key_id"], &failed[0]["reason"]), (&json!(keys[1]), &json!("broken")));
    let heal =
        if matches!(world.db, Db::Sqlite { .. }) { "DROP TRIGGER poison" } else { "DROP TRIGGER poison ON api_keys" };
    execute(&world.db, heal).await.unwrap();
    let path = format!("/api/v1/jobs/{}", job["id"].as_str().unwrap());
    world.post(format!("{path}/retry")).send().await.expect(200);
    world.runner.work_off().await.unwrap();
    let job = world.get(&path).send().await.expect(200);
    assert_eq!((&job["progress"]["done"], &job["progress"]["failed"]), (&json!(3), &json!(0)));
    world.post(format!("{path}/retry")).send().await.refused("conflict");
}

/// Lets every change of one key fail.
fn poison(db: &Db) -> &'static [&'static str] {
    match db {
        Db::Sqlite { .. } => &["CREATE TRIGGER poison BEFORE UPDATE ON api_keys WHEN OLD.name = 'poison'
            BEGIN SELECT RAISE(ABORT, 'poisoned'); END"],
        Db::Postgres(_) => &[
            "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'poisoned'; END $$",
            "CREATE TRIGGER poison BEFORE UPDATE ON api_keys FOR EACH ROW WHEN (OLD.name = 'poison')
                EXECUTE FUNCTION poison()",
        ],
    }
}

async fn what_is_over_for_long_can_t_be_undone(world: &World) {
    let id = key(world, "a", json!({})).await;
    let disable = run(world, &json!({"action": {"type": "disable"}, "ids": [id]})).await;
    let undo = |job: &Value| world.post(format!("/api/v1/jobs/{}/undo", job["id"].as_str().unwrap()));
    let revoke = run(world, &json!({"action": {"type": "revoke"}, "ids": [id]})).await;
    let refusal = undo(&revoke).send().await.refused("conflict");
    assert!(refusal["message"].as_str().unwrap().contains("final"), "{refusal}");
    world.wait(Duration::from_secs(24 * 3600));
    let refusal = undo(&disable).send().await.refused("conflict");
    assert!(refusal["message"].as_str().unwrap().contains("24 hours"), "{refusal}");
}

async fn two_runners_do_each_key_once(world: &World) {
    let mut keys = Vec::new();
    for n in 0..40 {
        keys.push(key(world, &format!("key {n}"), json!({})).await);
    }
    for labels in ["one", "two", "three", "four"] {
        let action = json!({"type": "add_labels", "labels": {labels: "x"}});
        world.post("/api/v1/keys/bulk").json(&json!({"action": action, "ids": keys})).send().await.expect(202);
    }
    let (one, other) = (world.runner.work_off(), world.runner.work_off());
    let (one, other) = tokio::join!(one, other);
    one.unwrap();
    other.unwrap();
    let jobs = world.get("/api/v1/jobs?state=done").send().await.expect(200);
    let done: Vec<&Value> = jobs["data"].as_array().unwrap().iter().map(|job| &job["progress"]["done"]).collect();
    assert_eq!(done, [&json!(40); 4]);
    for id in keys {
        let key = world.get(format!("/api/v1/keys/{id}")).send().await.expect(200);
        assert_eq!(key["labels"].as_object().unwrap().len(), 4, "no label was lost to the other job");
    }
}

async fn developer(world: &World) -> Person {
    world.person(world.organization, Role::Developer).await
}
