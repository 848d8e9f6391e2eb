//! The classes that a stylesheet's selectors name.

use std::collections::BTreeSet;

/// Every `.class` in the selectors of a stylesheet, nested ones included.
pub(super) fn in_stylesheet(css: &str) -> BTreeSet<String> {
    let css = without_comments_and_strings(css);
    let mut classes = BTreeSet::new();
    let mut segment = String::new();
    for character in css.chars() {
        match character {
            '{' => {
                if is_selector(&segment) {
                    classes.extend(in_selector(&segment));
                }
                segment.clear();
            }
            // What ends so was a declaration or an `@import`.
            ';' | '}' => segment.clear(),
            other => segment.push(other),
        }
    }
    classes
}

/// `@layer a.b {` and `@media (…) {` name no classes; `@scope (.card) {` does.
fn is_selector(segment: &str) -> bool {
    let segment = segment.trim_start();
    !segment.starts_with('@') || segment.starts_with("@scope")
}

fn in_selector(selector: &str) -> impl Iterator<Item = String> {
    let after_dots = selector.split('.').skip(1);
    after_dots.filter_map(|text| {
        let end = text.find(|character: char| !is_name(character)).unwrap_or(text.len());
        let name = text.get(..end)?;
        // `50.5%` in key frames has a dot too.
        let starts_as_name = name.starts_with(|first: char| !first.is_ascii_digit());
        starts_as_name.then(|| name.to_owned())
    })
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || character == '-' || character == '_'
}

fn without_comments_and_strings(css: &str) -> String {
    let mut kept = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(first) = rest.chars().next() {
        let skipped = if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if first == '"' || first == '\'' {
            rest.get(1..).and_then(|after| after.find(first)).map_or(rest.len(), |end| end + 2)
        } else {
            kept.push(first);
            first.len_utf8()
        };
        rest = rest.get(skipped..).unwrap_or("");
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::in_stylesheet;

    #[test]
    fn finds_classes_in_selectors_only() {
        let css = r#"
            @layer reset, components.table;
            @import "a.css" layer(components.table);
            /* .comment { } */
            @layer components.table {
              .table, a:not(.link--plain) > .table__row[data-x=".no"] {
                width: calc(1.5rem + .5rem); background: url("x.svg");
                &.is-open { color: red }
                @media (width > 30.5rem) { .nested { top: 0 } }
              }
              @keyframes k { 50.5% { top: 0 } }
            }
            @scope (.card) { p { top: 0 } }
        "#;
        let found: Vec<_> = in_stylesheet(css).into_iter().collect();
        let expected = ["card", "is-open", "link--plain", "nested", "table", "table__row"];
        assert_eq!(found, expected);
    }
}
