use serde_json::Value;

use crate::support::World;

on_both_engines! {
    is_served_for_programs_and_for_people
    describes_every_answer
}

async fn is_served_for_programs_and_for_people(world: &World) {
    let description = world.call("GET", "/api/v1/openapi.json").send().await.expect(200);
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
    let page = world.call("GET", "/api/v1/docs").send().await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    for (path, item) in description["paths"].as_object().unwrap() {
        assert!(page.text.contains(path.as_str()), "{path} is missing");
        for operation in item.as_object().unwrap().values() {
            assert!(page.text.contains(&format!("id=\"{}\"", operation["operationId"].as_str().unwrap())));
        }
    }
    assert!(!page.text.contains("://"), "the page needs no other host");
    assert!(!page.text.contains("<script") && !page.text.contains(" style="));
    let links = page.text.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap());
    for target in links {
        assert!(page.text.contains(&format!("id=\"{target}\"")), "#{target} leads nowhere");
    }
    assert_eq!(
        world.call("GET", "/api/v1/docs.css").send().await.header("content-type"),
        Some("text/css; charset=utf-8")
    );
    world.call("POST", "/api/v1/docs").send().await.refused("method_not_allowed");
}

async fn describes_every_answer(world: &World) {
    let api = serde_json::to_value(&world.openapi).unwrap();
    let schemas = api["components"]["schemas"].as_object().unwrap();
    let mut references = Vec::new();
    collect(&api, &mut references);
    for reference in references {
        let name = reference.strip_prefix("#/components/schemas/").unwrap();
        assert!(schemas.contains_key(name), "{name} is nowhere");
    }
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let answers = operation["responses"].as_object().unwrap();
            assert!(answers.keys().all(|status| status.parse::<u16>().is_ok()), "{method} {path}: a status is vague");
            if path.starts_with("/api/") {
                for status in ["400", "401", "403", "500", "503"] {
                    let schema = &answers[status]["content"]["application/json"]["schema"]["$ref"];
                    assert_eq!(schema, "#/components/schemas/WireError", "{method} {path} {status}");
                }
                assert!(operation["security"].as_array().is_some_and(|s| s.len() == 2));
            }
            assert_eq!(answers.contains_key("201"), operation["responses"]["201"]["headers"]["Location"].is_object());
            let has_body = operation["requestBody"].is_object();
            assert_eq!(has_body, answers.contains_key("415"), "{method} {path}");
            assert_eq!(path.contains('{') && path.starts_with("/api/"), answers.contains_key("404"), "{method} {path}");
        }
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            references.extend(members.get("$ref").and_then(|r| r.as_str()).map(str::to_owned));
            members.values().for_each(|value| collect(value, references));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}
