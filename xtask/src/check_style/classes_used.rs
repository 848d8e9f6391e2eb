//! The classes that the portal's views put on elements.

use std::collections::BTreeSet;

use super::rust_strings::{Kind, Token};

/// A class and where it stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Used {
    pub(super) class: String,
    pub(super) offset: usize,
}

/// Classes in `class="a b"`, `class={…"a"…}`, `class=("a", …)` and `class:a=`.
pub(super) fn used(tokens: &[Token<'_>]) -> Vec<Used> {
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        if token.kind != Kind::Word("class") {
            continue;
        }
        let rest = tokens.get(index + 1..).unwrap_or_default();
        match rest.first().map(|next| &next.kind) {
            Some(Kind::Mark('=')) => found.extend(in_value(rest.get(1..).unwrap_or_default())),
            Some(Kind::Mark(':')) => found.extend(directive(token, rest)),
            _ => {}
        }
    }
    found
}

/// Every word of every string: a class may pass through a constant or a `match` on its way.
pub(super) fn mentioned(tokens: &[Token<'_>]) -> BTreeSet<String> {
    let words = tokens.iter().flat_map(|token| match token.kind {
        Kind::Text(text) => text.split_whitespace().map(str::to_owned).collect(),
        Kind::Word(_) | Kind::Mark(_) => Vec::new(),
    });
    let directives = used(tokens).into_iter().map(|used| used.class);
    words.chain(directives).collect()
}

fn in_value(value: &[Token<'_>]) -> Vec<Used> {
    let Some(first) = value.first() else {
        return Vec::new();
    };
    match first.kind {
        Kind::Text(text) => words(text, first.offset),
        // Of a tuple, the first string is the class and the rest is the condition.
        Kind::Mark('(') => strings_inside(value, '(', ')').into_iter().take(1).collect(),
        Kind::Mark('{') => strings_inside(value, '{', '}'),
        Kind::Word(_) | Kind::Mark(_) => Vec::new(),
    }
}

fn strings_inside(value: &[Token<'_>], open: char, close: char) -> Vec<Used> {
    let mut found = Vec::new();
    let mut depth = 0;
    for token in value {
        match token.kind {
            Kind::Mark(mark) if mark == open => depth += 1,
            Kind::Mark(mark) if mark == close => depth -= 1,
            Kind::Text(text) => found.extend(words(text, token.offset)),
            Kind::Word(_) | Kind::Mark(_) => {}
        }
        if depth == 0 {
            break;
        }
    }
    found
}

/// `class:is-open=…`. Without spaces, unlike the `class: T` of a field or an argument.
fn directive(class: &Token<'_>, rest: &[Token<'_>]) -> Option<Used> {
    let mut end = class.offset + "class".len();
    let mut name = String::new();
    for token in rest {
        let adjacent = token.offset == end;
        match token.kind {
            Kind::Mark(':') if adjacent && name.is_empty() => end += 1,
            Kind::Mark('-') if adjacent => {
                name.push('-');
                end += 1;
            }
            Kind::Word(word) if adjacent => {
                name.push_str(word);
                end += word.len();
            }
            Kind::Mark('=') if adjacent && !name.is_empty() => {
                return Some(Used { class: name, offset: class.offset });
            }
            _ => return None,
        }
    }
    None
}

fn words(text: &str, offset: usize) -> Vec<Used> {
    let classes = text.split_whitespace().map(str::to_owned);
    classes.map(|class| Used { class, offset }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::rust_strings::tokens;
    use super::*;

    fn classes(source: &str) -> Vec<String> {
        let found = used(&tokens(source)).into_iter();
        found.map(|used| used.class).collect()
    }

    #[test]
    fn finds_every_way_to_write_a_class() {
        assert_eq!(classes(r#"<p class="table  table__row">"text"</p>"#), ["table", "table__row"]);
        assert_eq!(classes(r#"<p class=("is-open", move || x == "no")>"#), ["is-open"]);
        assert_eq!(classes("<p class:is-open=open>"), ["is-open"]);
        assert_eq!(classes(r#"<p class={if open { "one" } else { "two" }} id="three">"#), ["one", "two"]);
        assert_eq!(classes(r#"class={format!("b--{tone}")}"#), ["b--{tone}"]);
    }

    #[test]
    fn fields_and_arguments_are_no_classes() {
        assert!(classes("fn f(class: String) { let class: T = g; }").is_empty());
        assert!(classes("<Row class=class/>").is_empty());
    }

    #[test]
    fn a_class_in_a_constant_is_mentioned() {
        let mentioned = mentioned(&tokens(r#"const TONE: &str = "badge badge--ok";"#));
        assert!(mentioned.contains("badge--ok"));
    }
}
