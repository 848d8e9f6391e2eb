//! Documents that are generated, and compared with those in the repository.

use std::fmt::Write;

use domain::{ErrorCode, identity::Role};
use server::{
    api,
    http::access::{Access, SERVER_FUNCTIONS, STREAMS},
};

use crate::{
    scratch::Scratch,
    support::{World, golden},
};

#[test]
fn the_table_of_errors() {
    let mut text = String::from(
        "# Errors\n\nEvery error of every HTTP surface has one envelope, a superset of what OpenAI's clients parse:\n\n```json\n\
        {\"error\": {\"code\": \"not_found\", \"type\": \"not_found_error\", \"message\": \"There is no such key.\", \"param\": null,\n\
        \x20\"details\": {}, \"timestamp\": \"2026-11-20T06:48:36Z\", \"request_id\": \"req_01h455vb4pex5vsknk084sn02q\"}}\n```\n\n\
        `code` is stable. `message` is for people and may change. `param` names the field that is wrong, where one is.\n\
        `request_id` is the answer's `x-request-id`; operators find the cause under it in the log.\n\n\
        | code | status | type | meaning |\n|---|---|---|---|\n",
    );
    for code in ErrorCode::ALL {
        writeln!(text, "| `{}` | {} | `{}` | {} |", code.as_str(), code.status(), code.kind(), code.meaning()).unwrap();
    }
    golden("errors.md", &text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_description_of_the_api() {
    let scratch = Scratch::sqlite().await.migrated().await;
    let describe = |db| async move {
        let description = serde_json::to_string_pretty(&World::new(db).await.openapi).unwrap();
        golden("api/openapi.json", &(description + "\n"));
    };
    scratch.run(describe).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_of_permissions() {
    let scratch = Scratch::sqlite().await.migrated().await;
    scratch.run(|db| async move {
        let world = World::new(db).await;
        let mut text = String::from(
            "# Who may call what\n\nEvery route and every server function of the portal. What is not here is not served.\n\
            ✓ is what a member with the role may call; a management token may call it only if it has the scope as well.\n\
            Where several permissions are named, which one is enough for what depends on the thing: its owner, its team.\n\n\
            Besides there are the gateway under `/v1`, which takes API keys; `/metrics`, for the addresses in `metrics_from`;\n\
            the portal's pages, which lead whoever is not signed in to `/login`; and its scripts and styles, for anyone.\n\n",
        );
        section(&mut text, "Management API", api::listing(&world.state).iter().map(|l| (l.method, l.path.as_str(), l.access)));
        section(&mut text, "Server functions", SERVER_FUNCTIONS.iter().map(|(path, access)| ("POST", *path, *access)));
        section(&mut text, "Streams", STREAMS.iter().map(|(path, access)| ("GET", *path, *access)));
        golden("permissions.md", (text.trim_end().to_owned() + "\n").as_str());
    }).await;
}

fn section<'a>(text: &mut String, title: &str, rows: impl Iterator<Item = (&'a str, &'a str, Access)>) {
    let roles: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
    writeln!(text, "## {title}\n\n| method | path | needs | {} | platform staff |", roles.join(" | ")).unwrap();
    writeln!(text, "|---|---|---|{}", "---|".repeat(roles.len() + 1)).unwrap();
    for (method, path, access) in rows {
        let ticks: Vec<&str> = Role::ALL.iter().map(|role| if may(*role, access) { "✓" } else { "–" }).collect();
        writeln!(text, "| {method} | `{path}` | {access} | {} | ✓ |", ticks.join(" | ")).unwrap();
    }
    text.push('\n');
}

/// Whether a role alone lets someone in.
pub(crate) fn may(role: Role, access: Access) -> bool {
    let needed = access.permissions();
    needed.is_empty() || needed.iter().any(|permission| role.grants(*permission))
}
