//! What is put together by hand because the engines differ. Kept to a handful.
//!
//! SQLite's `lower` knows ASCII only, PostgreSQL's follows the database's locale, and so does the
//! order of its text. So text that is searched is stored folded beside the original, and lists
//! that are read whole are ordered here, not in SQL.

use std::borrow::Cow;

use domain::text::folded;

/// Longer than anything that is searched, and shorter than the pattern SQLite refuses.
const LONGEST_PART: usize = 1_000;

/// The `LIKE` pattern, with `\` as its escape, for a folded text that contains `part`.
pub(crate) fn containing(part: &str) -> String {
    let mut pattern = String::from("%");
    for c in folded(&storable(part)).chars().take(LONGEST_PART) {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// `text` without NUL characters, which PostgreSQL stores in no text.
///
/// For what strangers send, such as a provider's error code: one such character must not hold up
/// the whole batch that it came in.
pub(crate) fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "")) } else { Cow::Borrowed(text) }
}

/// Ends a query that reads rows in order to change them: PostgreSQL locks them until the commit.
/// SQLite has no need of it, because its transactions that write run one after another.
pub(crate) trait ForUpdate {
    /// The clause.
    const FOR_UPDATE: &'static str;
}

impl ForUpdate for sqlx::Sqlite {
    const FOR_UPDATE: &'static str = "";
}

impl ForUpdate for sqlx::Postgres {
    const FOR_UPDATE: &'static str = " FOR UPDATE";
}

/// Ends a query for one row that any of several may have: one that another transaction has locked is
/// passed over. On SQLite there is no other transaction.
pub(crate) trait SkipLocked {
    /// The clause.
    const SKIP_LOCKED: &'static str;
}

impl SkipLocked for sqlx::Sqlite {
    const SKIP_LOCKED: &'static str = "";
}

impl SkipLocked for sqlx::Postgres {
    const SKIP_LOCKED: &'static str = " FOR UPDATE SKIP LOCKED";
}

/// The database's own time, in microseconds since 1970: what nodes with clocks of their own can agree on.
pub(crate) trait Now {
    /// The expression.
    const NOW: &'static str;
}

impl Now for sqlx::Sqlite {
    const NOW: &'static str = "CAST(unixepoch('subsec') * 1000000 AS INTEGER)";
}

impl Now for sqlx::Postgres {
    const NOW: &'static str = "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_ignores_case_and_place() {
        for (one, other) in [("ÖL", "öl"), ("Straße", "STRASSE"), ("ΟΔΟΣ", "οδος"), ("Ключ", "КЛЮЧ")]
        {
            assert_eq!(folded(one), folded(other));
        }
        assert!(folded("ΟΔΟΣΑΣ").contains(&folded("ΟΔΟΣ")));
    }

    #[test]
    fn a_pattern_has_no_wildcards_but_its_own() {
        assert_eq!(containing("50%_\\Ä\0"), "%50\\%\\_\\\\ä%");
        assert!(containing(&"%".repeat(1_000_000)).len() < 50_000);
    }
}
