//! `turnpike keys`, the program itself, before a server that is listened to.

use std::{
    fs,
    process::{Command, Output},
};

use axum::{Router, response::Redirect, routing::any};
use domain::identity::{Permission, Role};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::support::World;

on_both_engines! {
    keys_are_made_listed_and_shown
    every_page_is_followed
    keys_are_switched_rotated_and_revoked
    many_keys_are_changed_by_a_job
    what_is_refused_is_said
    csv_opens_safely
}

/// A server that is listened to, and a token.
struct Terminal {
    url: String,
    token: String,
}

/// What the program did.
struct Ended {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Terminal {
    async fn before(world: &World) -> Self {
        Self { url: serve(world.router.clone()).await, token: world.owner.token.clone() }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_turnpike"));
        program.arg("keys").args(args).env("TURNPIKE_URL", &self.url).env("TURNPIKE_TOKEN", &self.token);
        program
    }

    async fn run(&self, args: &[&str]) -> Ended {
        ended(self.command(args)).await
    }

    /// What it printed when it succeeded.
    #[track_caller]
    fn printed(ended: Ended) -> String {
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        ended.stdout
    }
}

async fn ended(mut command: Command) -> Ended {
    let Output { status, stdout, stderr } =
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: status.code().unwrap(), stdout: text(stdout), stderr: text(stderr) }
}

async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

async fn made(world: &World, name: &str) -> String {
    let new = json!({"name": name, "environment": "test"});
    world.post("/api/v1/keys").json(&new).send().await.expect(201)["id"].as_str().unwrap().to_owned()
}

async fn keys_are_made_listed_and_shown(world: &World) {
    let terminal = Terminal::before(world).await;
    let args = ["create", "checkout", "--environment", "live", "--label", "service=shop", "--model", "gpt-4o*"];
    let created = terminal.run(&[&args[..], &["--expires", "2027-01-01"]].concat()).await;
    assert!(created.stderr.contains("is shown this once"), "{}", created.stderr);
    let secret = Terminal::printed(created);
    assert!(secret.starts_with("tpk_live_") && secret.lines().count() == 1, "the secret stands alone: {secret}");

    let created = terminal.run(&["create", "search", "--environment", "test", "--output", "json"]).await;
    let created: Value = serde_json::from_str(&Terminal::printed(created)).unwrap();
    assert!(created["secret"].as_str().unwrap().starts_with("tpk_test_"));

    let all = Terminal::printed(terminal.run(&["list", "--sort", "name"]).await);
    let lines: Vec<&str> = all.lines().collect();
    assert!(lines[0].starts_with("ID ") && lines[0].ends_with("COST 30D"), "{all}");
    assert!(lines[1].contains("checkout  ") && lines[2].contains("search "), "{all}");
    for narrow in [
        &["--environment", "live"][..],
        &["--q", "check"],
        &["--filter", "label=service=shop"],
        &["--last-used", "never", "--filter", "environment=live"],
    ] {
        let some = Terminal::printed(terminal.run(&[&["list"], narrow].concat()).await);
        assert!(some.contains("checkout") && !some.contains("search"), "{narrow:?}: {some}");
    }

    let id = created["id"].as_str().unwrap();
    let shown = Terminal::printed(terminal.run(&["show", id, "--output", "json"]).await);
    assert_eq!(shown.trim_end(), world.get(format!("/api/v1/keys/{id}")).send().await.text, "JSON is the API's own");
    let shown = Terminal::printed(terminal.run(&["show", id]).await);
    assert!(shown.contains("name         search\n"), "{shown}");
}

async fn every_page_is_followed(world: &World) {
    for n in 0..5 {
        made(world, &format!("key-{n}")).await;
    }
    let terminal = Terminal::before(world).await;
    let first = terminal.run(&["list", "--limit", "2"]).await;
    assert!(first.stderr.contains("--all, or go on with --cursor "), "{}", first.stderr);
    let cursor = first.stderr.trim_end().rsplit_once(' ').unwrap().1.to_owned();
    assert_eq!(Terminal::printed(first).lines().count(), 3);
    let second = Terminal::printed(terminal.run(&["list", "--limit", "2", "--cursor", &cursor]).await);
    assert!(second.contains("key-2") && second.contains("key-1"), "{second}");
    let all = terminal.run(&["list", "--limit", "2", "--all", "--output", "json"]).await;
    let all: Value = serde_json::from_str(&Terminal::printed(all)).unwrap();
    let names: Vec<&str> = all["data"].as_array().unwrap().iter().map(|key| key["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["key-4", "key-3", "key-2", "key-1", "key-0"]);
    assert_eq!(all["next_cursor"], Value::Null);
    let whole = world.get("/api/v1/keys?limit=100").send().await.text;
    assert_eq!(serde_json::from_str::<Value>(&whole).unwrap(), all, "what pages say together is what one would");
}

async fn keys_are_switched_rotated_and_revoked(world: &World) {
    let (one, two) = (made(world, "one").await, made(world, "two").await);
    let terminal = Terminal::before(world).await;
    let status = async |id: &str| world.get(format!("/api/v1/keys/{id}")).send().await.expect(200)["status"].clone();
    let off = Terminal::printed(terminal.run(&["disable", &one, &two]).await);
    assert_eq!((off.matches("disabled").count(), status(&one).await), (2, json!("disabled")));
    Terminal::printed(terminal.run(&["enable", &one]).await);
    assert_eq!(status(&one).await, "active");

    let rotated = terminal.run(&["rotate", &one, "--overlap", "1h"]).await;
    assert!(rotated.stderr.contains("the old one goes on for 1h"), "{}", rotated.stderr);
    assert!(Terminal::printed(rotated).starts_with("tpk_test_"));

    let asked = terminal.run(&["revoke", &one]).await;
    assert_eq!(asked.code, 2, "nobody can be asked: {}", asked.stderr);
    assert!(asked.stderr.contains("--yes") && status(&one).await == "active", "{}", asked.stderr);
    Terminal::printed(terminal.run(&["revoke", &one, "--yes"]).await);
    assert_eq!(status(&one).await, "revoked");

    // One that is refused keeps none of the others.
    let mixed = terminal.run(&["enable", &one, &two]).await;
    assert_eq!((mixed.code, status(&two).await), (1, json!("active")));
    assert!(
        mixed.stderr.contains("1 of 2 keys were refused") && mixed.stderr.contains("which is final"),
        "{}",
        mixed.stderr
    );
}

async fn many_keys_are_changed_by_a_job(world: &World) {
    for name in ["staging-1", "staging-2", "production"] {
        made(world, name).await;
    }
    let terminal = Terminal::before(world).await;
    let plan = Terminal::printed(terminal.run(&["bulk", "disable", "--q", "staging", "--dry-run"]).await);
    assert!(plan.contains("2 matching, 2 of them would be changed."), "{plan}");
    assert_eq!(terminal.run(&["bulk", "disable", "--q", "staging"]).await.code, 2, "it is asked about");

    let working = {
        let runner = world.runner.clone();
        tokio::spawn(async move {
            loop {
                runner.work_off().await.unwrap();
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        })
    };
    let done = terminal.run(&["bulk", "disable", "--q", "staging", "--yes", "--wait"]).await;
    assert!(done.stderr.contains("2 of 2 keys"), "{}", done.stderr);
    let done = Terminal::printed(done);
    assert!(done.contains("Disable 2 keys") && done.contains(" done "), "{done}");
    let labelled = ["bulk", "add-labels", "tier=1", "team=a", "--all", "--yes", "--wait", "--output", "json"];
    let job: Value = serde_json::from_str(&Terminal::printed(terminal.run(&labelled).await)).unwrap();
    assert_eq!((&job["state"], &job["progress"]["done"]), (&json!("done"), &json!(3)));
    working.abort();

    let again = terminal.run(&["bulk", "disable", "--status", "disabled", "--yes"]).await;
    assert!(again.stderr.contains("2 not: ") && again.stderr.contains("nothing to do"), "{}", again.stderr);
    assert_eq!(Terminal::printed(again), "");
    for wrong in
        [&["disable"][..], &["disable", "now", "--all"], &["set-owner", "--all"], &["add-labels", "tier", "--all"]]
    {
        assert_eq!(terminal.run(&[&["bulk"], wrong].concat()).await.code, 2, "{wrong:?}");
    }
}

async fn what_is_refused_is_said(world: &World) {
    let id = made(world, "checkout").await;
    let mut terminal = Terminal::before(world).await;
    for (wrong, said) in [
        (&["list", "--filter", "statsu=active"][..], "There is no filter \"statsu\". There are: q, status, "),
        (&["list", "--status", "active", "--filter", "status=revoked"], "given twice"),
        (&["show", "checkout"], "starts with key_"),
        (&["create", "x", "--label", "tier"], "name=value"),
    ] {
        let refused = terminal.run(wrong).await;
        assert_eq!((refused.code, refused.stdout.as_str()), (2, ""), "{wrong:?}");
        assert!(refused.stderr.contains(said), "{}", refused.stderr);
    }
    let refused = terminal.run(&["list", "--status", "sleeping"]).await;
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("(invalid_request about status, req_"), "{}", refused.stderr);

    // What may not be done says so; a token from a file counts before all others.
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, format!("{}\n", world.token(&[Permission::KeysRead], None).await)).unwrap();
    let refused = terminal.run(&["disable", &id, "--token-file", file.to_str().unwrap()]).await;
    assert!(refused.code == 1 && refused.stderr.contains("(forbidden, req_"), "{}", refused.stderr);
    terminal.token = "tpm_wrong".to_owned();
    let refused = terminal.run(&["list"]).await;
    assert!(refused.code == 1 && refused.stderr.contains("(unauthenticated, req_"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("tpm_wrong"));
    terminal.token = String::new();
    let refused = terminal.run(&["list"]).await;
    assert!(refused.code == 2 && refused.stderr.contains("TURNPIKE_TOKEN"), "{}", refused.stderr);
    let stranger = world.organization("Other").await;
    terminal.token = world.person(stranger, Role::Owner).await.token;
    let refused = terminal.run(&["show", &id]).await;
    assert!(refused.code == 1 && refused.stderr.contains("(not_found, req_"), "{}", refused.stderr);
}

async fn csv_opens_safely(world: &World) {
    let id = made(world, "=HYPERLINK(\"https://evil.example\")").await;
    let terminal = Terminal::before(world).await;
    for args in [&["list"][..], &["show", &id], &["disable", &id]] {
        let csv = Terminal::printed(terminal.run(&[args, &["--output", "csv"]].concat()).await);
        let (head, row) = csv.split_once("\r\n").unwrap();
        assert!(head.starts_with("id,name,description,environment,"), "{head}");
        assert!(row.starts_with(&format!("{id},\"'=HYPERLINK(")), "{args:?}: {row}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_not_there_is_named_with_what_to_do() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let refused = Terminal { url: url.clone(), token: "tpm_x".into() }.run(&["list"]).await;
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains(&url) && refused.stderr.contains("TURNPIKE_URL"), "{}", refused.stderr);
    let refused = Terminal { url: "turnpike.example.com".into(), token: "tpm_x".into() }.run(&["list"]).await;
    assert!(refused.code == 2 && refused.stderr.contains("https://"), "{}", refused.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_goes_nowhere_else() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = format!("http://{}/api/v1/keys", elsewhere.local_addr().unwrap());
    let redirected = place.clone();
    let url = serve(Router::new().fallback(any(move || async move { Redirect::temporary(&redirected) }))).await;
    let refused = Terminal { url, token: "tpm_x".into() }.run(&["list"]).await;
    assert!(refused.code == 1 && refused.stderr.contains(&place), "{}", refused.stderr);
    let silent = tokio::time::timeout(std::time::Duration::from_millis(50), elsewhere.accept()).await;
    assert!(silent.is_err(), "the redirect was followed");
}
