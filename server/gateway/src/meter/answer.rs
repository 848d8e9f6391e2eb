//! Reading what a provider sends: a whole answer, or the data of one event.

use domain::usage::TokenUsage;
use integrations::openai::{AnswerView, Usage};
use serde::Deserialize;
use serde_json::value::RawValue;

/// What the gateway reads of an answer. All else passes through unread.
#[derive(Debug, Deserialize)]
pub(crate) struct Read<'a> {
    #[serde(borrow, default)]
    choices: Option<&'a RawValue>,
    #[serde(borrow, default)]
    usage: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

/// Reads a JSON object; nothing when it is none. What a provider gives twice is taken for garbage.
pub(crate) fn read(text: &[u8]) -> Option<Read<'_>> {
    let text = std::str::from_utf8(text).ok()?;
    if !text.trim_start().starts_with('{') {
        return None;
    }
    serde_json::from_str(text).ok()
}

impl Read<'_> {
    /// The usage that the provider reports.
    pub(crate) fn usage(&self) -> Option<TokenUsage> {
        let raw = self.usage?.get();
        if !raw.starts_with('{') {
            return None;
        }
        let usage: Usage = serde_json::from_str(raw).ok()?;
        Some(TokenUsage::new(
            usage.prompt_tokens,
            usage.cached_tokens(),
            0,
            usage.completion_tokens,
            usage.reasoning_tokens(),
        ))
    }

    /// Whether this is the event that only carries the usage: it has no choice.
    pub(crate) fn is_usage_only(&self) -> bool {
        let none = self.choices.is_none_or(|choices| is_empty_list(choices.get()));
        none && self.usage.is_some_and(|usage| usage.get().starts_with('{'))
    }

    /// The error that the provider reports in the middle of its stream.
    pub(crate) fn error(&self) -> Option<&str> {
        self.error.map(RawValue::get).filter(|error| *error != "null")
    }

    /// Calls back with every piece of generated text.
    pub(crate) fn each_text(&self, piece: impl FnMut(&str)) {
        AnswerView { model: None, choices: self.choices, usage: None }.each_text(piece);
    }
}

fn is_empty_list(json: &str) -> bool {
    json.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).is_some_and(|inside| inside.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_is_read_with_its_parts() {
        let json = br#" {"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,
            "prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":3}}}"#;
        let read = read(json).unwrap();
        assert_eq!(read.usage(), Some(TokenUsage::new(10, 4, 0, 5, 3)));
        assert!(read.is_usage_only());
    }

    #[test]
    fn only_the_chunk_without_choices_is_for_usage_only() {
        for (json, only) in [
            (r#"{"choices":[ ],"usage":{}}"#, true),
            (r#"{"usage":{"prompt_tokens":1}}"#, true),
            (r#"{"choices":[],"usage":null}"#, false),
            (r#"{"choices":[],"prompt_filter_results":[]}"#, false),
            (r#"{"choices":[{"delta":{}}],"usage":{"prompt_tokens":1}}"#, false),
        ] {
            assert_eq!(read(json.as_bytes()).unwrap().is_usage_only(), only, "{json}");
        }
    }

    #[test]
    fn garbage_is_no_answer() {
        for garbage in [&b""[..], b"[]", b"[1]", b"<html>", b"{", b"\"x\"", b"{\"a\":\"\xff\"}", b"null"] {
            assert!(read(garbage).is_none(), "{garbage:?}");
        }
    }
}
