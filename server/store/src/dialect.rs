//! What is put together by hand because the engines need it so. Kept to a handful.

/// The `LIKE` pattern, with `\` as its escape, for a text that contains `part` in any case.
pub(crate) fn containing(part: &str) -> String {
    let mut pattern = String::from("%");
    for c in part.to_lowercase().chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}
