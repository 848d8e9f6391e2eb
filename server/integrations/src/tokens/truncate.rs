//! Cutting text at a number of tokens.

use super::{Family, count};

/// The pieces that a tokenizer splits text into before it encodes them: about a word each. Neither
/// tokenizer here normalises, so they make up the text exactly.
pub fn pieces(family: Family, text: &str) -> impl Iterator<Item = &str> {
    family.tokenizer().split(text)
}

/// The longest beginning of `text` that is at most `limit` tokens, cut between characters.
#[must_use]
pub fn truncate(family: Family, text: &str, limit: u64) -> &str {
    let mut taken = 0;
    let mut end = 0;
    for piece in pieces(family, text) {
        let tokens = count(family, piece);
        if taken + tokens > limit {
            let within = longest_prefix(family, piece, limit - taken);
            end += within.len();
            break;
        }
        taken += tokens;
        end += piece.len();
    }
    &text[..end]
}

/// The longest prefix of one piece that is at most `limit` tokens.
fn longest_prefix(family: Family, piece: &str, limit: u64) -> &str {
    let bpe = &family.tokenizer().bpe;
    let ids = bpe.encode_via_backtracking(piece.as_bytes());
    let mut end: usize = ids.iter().take(limit as usize).map(|id| bpe.token_len(*id)).sum();
    while !piece.is_char_boundary(end) {
        end -= 1;
    }
    &piece[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "A gate lets through whoever may pass, antidisestablishmentarianism \
        included; お誕生日おめでとう — 12345 times.";

    #[test]
    fn pieces_make_up_the_text() {
        assert_eq!(pieces(Family::O200k, TEXT).collect::<String>(), TEXT);
    }

    #[test]
    fn never_more_than_the_limit_and_everything_at_the_whole() {
        let whole = count(Family::O200k, TEXT);
        for limit in 0..=whole + 1 {
            let cut = truncate(Family::O200k, TEXT, limit);
            assert!(TEXT.starts_with(cut));
            assert!(count(Family::O200k, cut) <= limit, "{limit}: {cut:?}");
        }
        assert_eq!(truncate(Family::O200k, TEXT, whole), TEXT);
        assert_eq!(truncate(Family::O200k, TEXT, 0), "");
    }

    #[test]
    fn plain_text_is_cut_exactly_at_the_limit() {
        let text = "The quick brown fox jumps over the lazy dog, and then it does so again.";
        for limit in 0..count(Family::O200k, text) {
            assert_eq!(count(Family::O200k, truncate(Family::O200k, text, limit)), limit);
        }
    }
}
