//! Looking at keys.

use domain::{
    KeyId, Page, Timestamp,
    keys::{CreatedKey, KeyView},
};
use serde_json::value::RawValue;

use super::{
    client::{Answer, Client, query},
    output::{Table, note, print},
};
use crate::{
    api::{KEY_COLUMNS, key_cells},
    cli::{ListArgs, Output},
    commands::{Failure, fail},
};

/// As many as the API gives at once.
const MOST: u32 = 100;

pub(super) async fn list(client: &Client, output: Output, args: &ListArgs) -> Result<(), Failure> {
    let mut cursor = args.cursor.clone();
    let mut pages = Vec::new();
    loop {
        let answer = page(client, args, cursor.as_deref()).await?;
        // An item is kept as it was sent: a newer server may say more of a key than this program knows.
        let Page { data, next_cursor } = answer.read::<Page<Box<RawValue>>>()?;
        pages.push((answer, data));
        cursor = next_cursor;
        if cursor.is_none() || !args.all {
            break;
        }
    }
    if output == Output::Json {
        print(&json(pages)?);
        return Ok(());
    }
    let mut keys: Vec<KeyView> = Vec::new();
    for (answer, _) in &pages {
        keys.extend(answer.read::<Page<KeyView>>()?.data);
    }
    table(&keys, output).print(output);
    match (keys.is_empty(), cursor) {
        (true, _) => note("No key matches."),
        (false, Some(cursor)) => note(format!("There are more. Ask for --all, or go on with --cursor {cursor}")),
        (false, None) => {}
    }
    Ok(())
}

async fn page(client: &Client, args: &ListArgs, cursor: Option<&str>) -> Result<Answer, Failure> {
    let limit = args.limit.or(args.all.then_some(MOST)).map(|limit| limit.to_string());
    let given = args.filters.0.given();
    let further = [("sort", args.sort.as_deref()), ("limit", limit.as_deref()), ("cursor", cursor)];
    let further = further.into_iter().filter_map(|(name, value)| Some((name, value?)));
    client.get(&format!("/api/v1/keys?{}", query(given.chain(further)))).await
}

/// One page as it was sent, or several as one.
fn json(mut pages: Vec<(Answer, Vec<Box<RawValue>>)>) -> Result<String, Failure> {
    if pages.len() == 1
        && let Some((only, _)) = pages.pop()
    {
        return Ok(only.text + "\n");
    }
    let data = pages.into_iter().flat_map(|(_, data)| data).collect();
    Ok(serde_json::to_string(&Page { data, next_cursor: None }).map_err(fail)? + "\n")
}

pub(super) async fn show(client: &Client, output: Output, id: KeyId) -> Result<(), Failure> {
    one(&client.get(&format!("/api/v1/keys/{id}")).await?, output)
}

/// Prints a key, all that is known of it.
pub(super) fn one(answer: &Answer, output: Output) -> Result<(), Failure> {
    match output {
        Output::Json => print(&format!("{}\n", answer.text)),
        Output::Csv => table(&[answer.read()?], output).print(output),
        Output::Table => {
            let cells = key_cells(&answer.read::<KeyView>()?);
            let rows = KEY_COLUMNS.iter().zip(cells).filter(|(_, cell)| !cell.is_empty());
            let rows = rows.map(|(name, cell)| vec![name.replace('_', " "), cell]).collect();
            Table { head: vec!["what", "is"], rows }.print(output);
        }
    }
    Ok(())
}

/// Prints a key together with its secret, which a table shows alone, so that it can be taken into a variable.
pub(super) fn with_secret(answer: &Answer, output: Output, said: &str) -> Result<(), Failure> {
    if output == Output::Json {
        print(&format!("{}\n", answer.text));
        return Ok(());
    }
    let CreatedKey { key, secret } = answer.read()?;
    let secret = secret.ok_or_else(|| fail("The secret was shown already, and is shown once."))?;
    match output {
        Output::Csv => {
            let mut table = table(std::slice::from_ref(&key), output);
            table.head.push("secret");
            table.rows.iter_mut().for_each(|row| row.push(secret.clone()));
            table.print(output);
        }
        _ => {
            note(format!("{} ({}) {said} Its secret is shown this once:", key.name, key.id));
            print(&format!("{secret}\n"));
        }
    }
    Ok(())
}

/// Keys as a table: for people the columns that fit a terminal, for spreadsheets those of the export.
pub(super) fn table(keys: &[KeyView], output: Output) -> Table {
    if output == Output::Csv {
        return Table { head: KEY_COLUMNS.to_vec(), rows: keys.iter().map(|key| key_cells(key).to_vec()).collect() };
    }
    let time = |at: Option<Timestamp>| at.map_or_else(|| "never".to_owned(), day);
    let name = |name: Option<&str>| name.unwrap_or("–").to_owned();
    let row = |key: &KeyView| {
        vec![
            key.id.to_string(),
            key.name.to_string(),
            key.environment.to_string(),
            key.status.as_str().to_owned(),
            name(key.owner_name.as_ref().map(|name| name.as_str())),
            name(key.team_name.as_ref().map(|name| name.as_str())),
            time(key.last_used_at),
            time(key.expires_at),
            key.calls_30d.to_string(),
            key.cost_30d.to_string(),
        ]
    };
    let head = vec!["id", "name", "env", "status", "owner", "team", "last used", "expires", ">calls 30d", ">cost 30d"];
    Table { head, rows: keys.iter().map(row).collect() }
}

/// A day, in UTC.
fn day(at: Timestamp) -> String {
    at.to_string().chars().take("2026-01-31".len()).collect()
}
