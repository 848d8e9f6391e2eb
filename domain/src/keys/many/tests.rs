use super::*;

fn many(json: serde_json::Value) -> ManyKeys {
    serde_json::from_value(json).unwrap()
}

fn names(json: serde_json::Value) -> Result<Vec<String>, String> {
    let rows = many(json).rows().map_err(|wrong| format!("{}: {}", wrong.field, wrong.message))?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

#[test]
fn a_pattern_numbers_its_names() {
    let pattern = |rest: &str| {
        let pattern = format!(r#"{{"pattern":{{"name":"till-{{n}}-eu",{rest}}}}}"#);
        names(serde_json::from_str(&pattern).unwrap())
    };
    assert_eq!(pattern(r#""count":3"#).unwrap(), ["till-1-eu", "till-2-eu", "till-3-eu"]);
    assert_eq!(pattern(r#""count":2,"start":9,"digits":3"#).unwrap(), ["till-009-eu", "till-010-eu"]);
    assert_eq!(pattern(r#""count":10000,"start":0"#).unwrap().len(), 10_000);
    for wrong in
        [r#""count":0"#, r#""count":10001"#, r#""count":2,"digits":21"#, r#""count":1,"start":18446744073709551615"#]
    {
        assert!(pattern(wrong).unwrap_err().starts_with("pattern: "), "{wrong}");
    }
    for wrong in ["till", "{n}-{n}", "{n}\u{202E}", &format!("{}{{n}}", "x".repeat(100))] {
        let wrong = serde_json::json!({ "pattern": { "name": wrong, "count": 2 } });
        assert!(names(wrong.clone()).unwrap_err().starts_with("pattern: "), "{wrong}");
    }
}

#[test]
fn keys_are_named_in_one_way() {
    let pattern = serde_json::json!({ "name": "a{n}", "count": 1 });
    assert!(names(serde_json::json!({})).is_err());
    assert!(names(serde_json::json!({ "pattern": pattern, "csv": "name\na" })).is_err());
    assert!(names(serde_json::json!({ "keys": [] })).unwrap_err().starts_with("keys: Name at least one"));
    let many = vec![serde_json::json!({ "name": "a" }); MOST_KEYS + 1];
    assert!(names(serde_json::json!({ "keys": many })).unwrap_err().contains("10001"));
    let table = format!("name\n{}", "a\n".repeat(MOST_KEYS + 1));
    assert!(names(serde_json::json!({ "csv": table })).unwrap_err().starts_with("csv: "));
}

#[test]
fn a_table_says_what_is_each_ones_own() {
    let text = "\u{FEFF}Name, owner,labels,team,expires,description\r\n\
        a,Mara@Acme.dev,region=eu; tier=1,Search,2031-01-01,\"Two\nlines\"\r\n\
        \r\n\
        b,,,,never,\r\n\
        c,nobody,,,,\r\n\
        d,,region,,,\r\n\
        e,,a=1;a=2,,,\r\n\
        ,,,,2031-01-01,\r\n\
        f,,,,tomorrow,\r\n\
        g,,\r\n";
    let rows = many(serde_json::json!({ "csv": text })).rows().unwrap();
    let first = rows[0].said.clone().unwrap();
    assert_eq!(first.row.labels.iter().collect::<Vec<_>>(), [("region", "eu"), ("tier", "1")]);
    assert_eq!((first.owner.unwrap().as_str(), first.team.as_deref()), ("mara@acme.dev", Some("Search")));
    assert_eq!(first.row.expires_at.flatten().unwrap().to_string(), "2031-01-01T00:00:00Z");
    assert_eq!(first.row.description.unwrap().as_str(), "Two\nlines");
    let second = rows[1].said.clone().unwrap();
    assert_eq!((second.row.expires_at, second.row.description, second.owner), (Some(None), None, None));
    let wrong: Vec<_> =
        rows[2..].iter().map(|row| (row.number, row.name.as_str(), row.said.clone().unwrap_err().field)).collect();
    let expected = [(6, "c", "owner"), (7, "d", "labels"), (8, "e", "labels"), (9, "", "name"), (10, "f", "expires")];
    assert_eq!(wrong[..5], expected);
    assert_eq!(wrong[5], (11, "g", "csv"), "cells are missing");
}

#[test]
fn columns_that_mean_nothing_are_refused() {
    for (text, said) in [
        ("name,colour\na,b", "\"colour\""),
        ("name;owner\na;b", "\"name;owner\""),
        ("name,Name\na,b", "twice"),
        ("owner\na", "no column name"),
        ("", "empty"),
        ("name\n\"a", "Line 2 "),
    ] {
        let wrong = many(serde_json::json!({ "csv": text })).rows().unwrap_err();
        assert!(wrong.field == "csv" && wrong.message.contains(said), "{text:?}: {wrong}");
    }
}

#[test]
fn a_row_says_more_than_what_holds_for_all() {
    let all = many(serde_json::json!({
        "environment": "live", "description": "tills", "labels": { "a": "1", "b": "1" }, "expires_at": "2031-01-01T00:00:00Z",
        "keys": [{ "name": "one" }, { "name": "two", "description": "", "labels": { "b": "2" }, "expires_at": null }],
        "dry_run": true,
    }));
    let drafts: Vec<KeyDraft> = all.keys.iter().flatten().map(|row| all.draft(row).unwrap()).collect();
    assert_eq!((drafts[0].description.as_str(), drafts[0].labels.iter().count()), ("tills", 2));
    assert!(drafts[0].expires_at.flatten().is_some());
    assert_eq!((drafts[1].description.as_str(), drafts[1].expires_at), ("", Some(None)));
    assert_eq!(drafts[1].labels.iter().collect::<Vec<_>>(), [("a", "1"), ("b", "2")]);
    let common = all.common();
    assert_eq!((common.keys.clone(), common.dry_run, common.environment), (None, false, Some(Environment::Live)));
    assert_eq!(many(serde_json::to_value(&common).unwrap()), common, "it is stored and read again");
    assert!(serde_json::from_str::<ManyKeys>(r#"{"colour":"red"}"#).is_err());
}
