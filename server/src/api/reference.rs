//! The API's description, for programs and for people.

use std::fmt::Write;

use axum::{
    Router,
    http::{HeaderValue, header},
    response::{Html, IntoResponse},
    routing::get,
};
use bytes::Bytes;
use serde_json::Value;
use utoipa::openapi::OpenApi;

use crate::http::{access::Access, no_method};

/// The routes of this file. They say nothing that is not in the project's own documentation.
pub(super) const LISTED: &[(&str, &str, Access)] = &[
    ("GET", "/api/v1/docs", Access::Public),
    ("GET", "/api/v1/docs.css", Access::Public),
    ("GET", "/api/v1/openapi.json", Access::Public),
];

const STYLE: &str = include_str!("reference.css");
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; style-src 'self'; frame-ancestors 'none'");

/// Serves the description, made once.
pub(super) fn router(openapi: &OpenApi) -> Router {
    let description = serde_json::to_value(openapi).unwrap_or_default();
    let (json, page) = (Bytes::from(description.to_string()), Bytes::from(page(&description)));
    let json = move || async move { ([(header::CONTENT_TYPE, "application/json")], json) };
    let page = move || async move { ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(page)) };
    let style = || async { ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response() };
    Router::new()
        .route("/api/v1/openapi.json", get(json))
        .route("/api/v1/docs", get(page))
        .route("/api/v1/docs.css", get(style))
        .method_not_allowed_fallback(no_method)
}

/// The reference as one page that needs no script.
fn page(api: &Value) -> String {
    let mut html = String::from("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">");
    html.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    let title = text(&api["info"]["title"]);
    let _ =
        write!(html, "<title>{title}</title><link rel=\"stylesheet\" href=\"/api/v1/docs.css\"></head><body><main>");
    let _ = write!(html, "<h1>{title}</h1>{}", prose(&api["info"]["description"]));
    html.push_str("<p>For programs: <a href=\"/api/v1/openapi.json\">OpenAPI 3.1</a>.</p>");
    let tags: Vec<&Value> = api["tags"].as_array().into_iter().flatten().collect();
    html.push_str("<nav aria-label=\"Contents\"><ul>");
    for tag in &tags {
        let name = text(&tag["name"]);
        let _ = write!(html, "<li><a href=\"#{name}\">{name}</a></li>");
    }
    html.push_str("<li><a href=\"#schemas\">Schemas</a></li></ul></nav>");
    for tag in &tags {
        let name = text(&tag["name"]);
        let _ = write!(html, "<section id=\"{name}\"><h2>{name}</h2>{}", prose(&tag["description"]));
        operations(api).filter(|(.., o)| o["tags"][0] == tag["name"]).for_each(|o| operation(&mut html, o));
        html.push_str("</section>");
    }
    html.push_str("<section id=\"schemas\"><h2>Schemas</h2>");
    for (name, schema) in members(&api["components"]["schemas"]) {
        schema_of(&mut html, name, schema);
    }
    html.push_str("</section></main></body></html>");
    html
}

fn operations(api: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = members(&api["paths"]);
    paths.flat_map(|(path, item)| members(item).map(move |(method, operation)| (path, method, operation)))
}

fn operation(html: &mut String, (path, method, operation): (&str, &str, &Value)) {
    let id = text(&operation["operationId"]);
    let _ = write!(html, "<article id=\"{id}\"><h3>{}</h3>", text(&operation["summary"]));
    let _ = write!(html, "<p class=\"route\"><b>{}</b> <code>{}</code></p>", method.to_uppercase(), escape(path));
    html.push_str(&prose(&operation["description"]));
    let permissions: Vec<String> = operation["x-permission"].as_array().into_iter().flatten().map(text).collect();
    if !permissions.is_empty() {
        let _ = write!(html, "<p>Needs <code>{}</code>.</p>", permissions.join("</code> or <code>"));
    }
    rows(
        html,
        "Parameters",
        operation["parameters"].as_array().into_iter().flatten().map(|p| {
            (format!("<code>{}</code> <small>{}</small>", text(&p["name"]), text(&p["in"])), prose(&p["description"]))
        }),
    );
    if let Some(schema) = schema_in(&operation["requestBody"]) {
        let _ = write!(html, "<p>Body: {schema}</p>");
    }
    rows(
        html,
        "Answers",
        members(&operation["responses"]).map(|(status, response)| {
            let schema = schema_in(response).map(|s| format!(" {s}")).unwrap_or_default();
            (format!("<code>{}</code>{schema}", escape(status)), prose(&response["description"]))
        }),
    );
    html.push_str("</article>");
}

/// A link to the schema of a body, where it has one.
fn schema_in(body: &Value) -> Option<String> {
    let name = body["content"]["application/json"]["schema"]["$ref"].as_str()?.rsplit('/').next()?;
    Some(format!("<a href=\"#schema-{0}\">{0}</a>", escape(name)))
}

fn schema_of(html: &mut String, name: &str, schema: &Value) {
    let json = serde_json::to_string_pretty(schema).unwrap_or_default();
    let name = escape(name);
    let _ = write!(
        html,
        "<article id=\"schema-{name}\"><h3>{name}</h3><pre tabindex=\"0\">{}</pre></article>",
        escape(&json)
    );
}

fn rows(html: &mut String, title: &str, rows: impl Iterator<Item = (String, String)>) {
    let mut rows = rows.peekable();
    if rows.peek().is_none() {
        return;
    }
    let _ = write!(html, "<h4>{title}</h4><dl>");
    for (term, meaning) in rows {
        let _ = write!(html, "<dt>{term}</dt><dd>{meaning}</dd>");
    }
    html.push_str("</dl>");
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

fn text(value: &Value) -> String {
    escape(value.as_str().unwrap_or_default())
}

/// Paragraphs, list items and code, as far as our own descriptions use them.
fn prose(value: &Value) -> String {
    let paragraphs = value.as_str().unwrap_or_default().split("\n\n").filter(|p| !p.trim().is_empty());
    paragraphs
        .map(|paragraph| match paragraph.strip_prefix("- ") {
            Some(list) => format!(
                "<ul>{}</ul>",
                list.split("\n- ").map(|item| format!("<li>{}</li>", code(item))).collect::<String>()
            ),
            None => format!("<p>{}</p>", code(paragraph)),
        })
        .collect()
}

/// Text in which every second part between back-ticks is code.
fn code(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts.map(|(n, part)| if n % 2 == 1 { format!("<code>{}</code>", escape(part)) } else { escape(part) }).collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
