//! What a browser fetches to show one page: followed from the HTML the way a browser would.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};

use crate::http::{Encoding, get};

const ASSETS: [&str; 4] = [".js", ".wasm", ".css", ".woff2"];

/// The page and every asset that it needs, each with its size as sent to a current browser that has
/// this cookie.
pub(super) fn of(page: &str, address: &str, cookie: Option<&str>) -> Result<Vec<(String, u64)>> {
    let mut weights = Vec::new();
    let mut seen = BTreeSet::new();
    let mut to_fetch = vec![page.to_owned()];
    while let Some(path) = to_fetch.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let sent = get(address, &path, Encoding::Brotli, cookie)?;
        ensure!(sent.status == 200, "{path} answers {}", sent.status);
        weights.push((path.clone(), sent.body.len() as u64));
        let plain = get(address, &path, Encoding::Identity, cookie)?;
        let text = String::from_utf8_lossy(&plain.body);
        to_fetch.extend(needed_by(&path, page, &text));
    }
    Ok(weights)
}

/// What a fetched text makes the browser fetch next: of a page every asset it names, of a
/// stylesheet its fonts, of a script its static imports.
fn needed_by(path: &str, page: &str, text: &str) -> Vec<String> {
    let wanted: Vec<&str> = if path == page {
        quoted(text).collect()
    } else if path.ends_with(".js") {
        let imports = text.split([';', '\n']).filter(|statement| statement.trim_start().starts_with("import"));
        imports.flat_map(quoted).collect()
    } else if path.ends_with(".css") {
        between(text, "url(", ")").collect()
    } else {
        Vec::new()
    };
    let assets = wanted.into_iter().map(|name| name.trim_matches(['"', '\'']));
    assets
        .filter(|name| ASSETS.iter().any(|ending| name.ends_with(ending)))
        .filter_map(|name| resolve(path, name))
        .collect()
}

/// The path on this server that a reference means, if it is on this server.
fn resolve(base: &str, reference: &str) -> Option<String> {
    if reference.contains("//") || reference.starts_with("data:") {
        return None;
    }
    if reference.starts_with('/') {
        return Some(reference.to_owned());
    }
    let mut folders: Vec<&str> = base.split('/').collect();
    folders.pop();
    for part in reference.split('/') {
        match part {
            "." => {}
            ".." => {
                folders.pop();
            }
            name => folders.push(name),
        }
    }
    Some(folders.join("/"))
}

/// Everything between quotes of either kind. Attributes, inline scripts and imports alike.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    between(text, "\"", "\"").chain(between(text, "'", "'"))
}

fn between<'text>(text: &'text str, open: &'static str, close: &'static str) -> impl Iterator<Item = &'text str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(open)?;
        // Looking on right behind the opening, not behind the close: a stray quote in running
        // text would otherwise turn everything after it inside out.
        rest = after;
        Some(after.split_once(close).map_or("", |(inside, _)| inside))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_a_page_to_its_assets() {
        let html = r#"<p>it's</p><link rel="modulepreload" href="/pkg/turnpike.1.js">
            <script type="module">import('/pkg/turnpike.1.js').then(m => m.default({module_or_path: '/pkg/turnpike.1.wasm'}))</script>
            <link rel=preload href="https://elsewhere.example/x.css"><img src="/logo.svg">"#;
        let mut found = needed_by("/login", "/login", html);
        found.sort();
        found.dedup();
        assert_eq!(found, ["/pkg/turnpike.1.js", "/pkg/turnpike.1.wasm"]);
    }

    #[test]
    fn follows_scripts_and_stylesheets_relative_to_themselves() {
        let script = "import { a } from \"./snippets/b.js\";import*as c from'../c.js'\nconst d = 'e.js';";
        let found = needed_by("/pkg/main.js", "/login", script);
        assert_eq!(found, ["/pkg/snippets/b.js", "/c.js"]);
        let style = "@font-face{src:url(\"../inter.woff2\") format(\"woff2\")}";
        assert_eq!(needed_by("/pkg/main.css", "/login", style), ["/inter.woff2"]);
    }
}
