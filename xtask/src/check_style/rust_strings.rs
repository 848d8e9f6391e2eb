//! Rust source, seen just sharply enough to find attributes and string literals in `view!`.

/// A piece of source that is not white space or a comment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Token<'source> {
    pub(super) offset: usize,
    pub(super) kind: Kind<'source>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind<'source> {
    /// A name or a number.
    Word(&'source str),
    /// What stands between the quotes, escapes as written.
    Text(&'source str),
    /// One character of punctuation.
    Mark(char),
}

/// Takes source apart. Text that is no valid Rust yields some tokens, never a panic.
pub(super) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut offset = 0;
    while let Some(rest) = source.get(offset..)
        && let Some(first) = rest.chars().next()
    {
        let (length, kind) = next(rest, first);
        if let Some(kind) = kind {
            tokens.push(Token { offset, kind });
        }
        offset += length;
    }
    tokens
}

fn next(rest: &str, first: char) -> (usize, Option<Kind<'_>>) {
    if first.is_whitespace() {
        return (first.len_utf8(), None);
    }
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), None);
    }
    if rest.starts_with("/*") {
        return (rest.find("*/").map_or(rest.len(), |end| end + 2), None);
    }
    if let Some(raw) = raw_string(rest) {
        return raw;
    }
    if first == '"' {
        let end = end_of_string(rest);
        return (end, Some(Kind::Text(inside(rest, 1, end, 1))));
    }
    if first == '\'' {
        return (character_or_lifetime(rest), None);
    }
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    if is_word(first) {
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        return (end, Some(Kind::Word(inside(rest, 0, end, 0))));
    }
    (first.len_utf8(), Some(Kind::Mark(first)))
}

/// `r"…"` and `r#"…"#`, in which a backslash is a backslash.
fn raw_string(rest: &str) -> Option<(usize, Option<Kind<'_>>)> {
    let after = rest.strip_prefix('r')?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let body = after.get(hashes..)?.strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let length = body.find(&close)?;
    let text = body.get(..length)?;
    let consumed = 1 + hashes + 1 + length + close.len();
    Some((consumed, Some(Kind::Text(text))))
}

/// How long a string literal is, quotes included.
fn end_of_string(rest: &str) -> usize {
    let mut escaped = false;
    for (index, character) in rest.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return index + 1,
            _ => {}
        }
    }
    rest.len()
}

/// `'x'` and `'\n'` end with a quote; of `'a`, which does not, only the quote is passed over.
fn character_or_lifetime(rest: &str) -> usize {
    let mut characters = rest.char_indices().skip(1);
    let Some((_, inner)) = characters.next() else {
        return 1;
    };
    if inner == '\\' {
        let close = characters.skip(1).find(|(_, character)| *character == '\'');
        return close.map_or(rest.len(), |(index, _)| index + 1);
    }
    match characters.next() {
        Some((index, '\'')) => index + 1,
        _ => 1,
    }
}

fn inside(rest: &str, before: usize, end: usize, after: usize) -> &str {
    rest.get(before..end.saturating_sub(after)).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<&str> {
        let texts = tokens(source).into_iter().filter_map(|token| match token.kind {
            Kind::Text(text) => Some(text),
            Kind::Word(_) | Kind::Mark(_) => None,
        });
        texts.collect()
    }

    #[test]
    fn finds_strings_and_nothing_else() {
        let source = r####"
            // "in a comment"  /* "still" */
            /* "here
               too" */
            fn a<'a>(b: &'a str) -> char { let _ = '"'; let _ = '\''; f("one \" quote", r#"raw "two""#) }
            r"three\"
        "####;
        assert_eq!(texts(source), ["one \\\" quote", "raw \"two\"", "three\\"]);
    }

    #[test]
    fn unfinished_source_ends_quietly() {
        assert_eq!(texts("\"never closed"), ["never close"]);
        assert!(texts("'").is_empty());
        assert!(texts("/* open").is_empty());
    }
}
