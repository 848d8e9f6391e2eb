//! Counting text with a known model family's tokenizer.
//!
//! Used to bound what a call can cost before it is forwarded, to estimate usage that a provider
//! does not send, and by the Sandbox. The encoders run in linear time whatever the input, so a
//! client cannot stall the gateway with a crafted prompt. Each family's tables (about 65 MB
//! resident for `o200k_base`, 30 MB for `cl100k_base`) are built on first use and kept, so a gateway
//! whose providers all send usage never pays for them.

mod chat;
mod embeddings;
mod family;
mod truncate;

pub use chat::{HIGH_DETAIL_IMAGE_TOKENS, LOW_DETAIL_IMAGE_TOKENS, OTHER_PART_TOKENS, count_chat_prompt};
pub use embeddings::count_embeddings_input;
pub use family::{Family, family_of};
pub use truncate::{pieces, truncate};

/// How many tokens `text` is. Text that looks like a special token (`<|endoftext|>`) is counted as
/// the text it is, since providers do not let clients write special tokens.
#[must_use]
pub fn count(family: Family, text: &str) -> u64 {
    family.tokenizer().count(text) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_openai_on_published_examples() {
        // From OpenAI's cookbook, "How to count tokens with tiktoken".
        for (text, cl100k, o200k) in [
            ("antidisestablishmentarianism", 6, 6),
            ("2 + 2 = 4", 7, 7),
            ("お誕生日おめでとう", 9, 8),
            ("tiktoken is great!", 6, 6),
            ("", 0, 0),
        ] {
            assert_eq!(count(Family::Cl100k, text), cl100k, "cl100k {text}");
            assert_eq!(count(Family::O200k, text), o200k, "o200k {text}");
        }
    }

    #[test]
    fn special_tokens_are_only_text() {
        assert!(count(Family::O200k, "<|endoftext|>") > 1);
    }

    #[test]
    fn hostile_text_is_counted_in_linear_time() {
        // 200 kB of each takes milliseconds; a quadratic encoder would need minutes.
        for unit in ["a", " ", "\n", " \n", "é", "😀", "A", "\u{301}", "1", "=", "\r", "\u{0}"] {
            let text = unit.repeat(200_000 / unit.len());
            for family in [Family::Cl100k, Family::O200k] {
                let tokens = count(family, &text);
                assert!(tokens > 0 && tokens <= text.len() as u64, "{unit:?}: {tokens}");
            }
        }
    }
}
