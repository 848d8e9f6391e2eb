//! A view of what comes back: a whole answer, or one chunk of a streamed one.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::body::{self, BadBody};
use super::lenient;
use super::usage::Usage;

/// What Turnpike reads of an answer or of a chunk: the two differ only in where a choice's text is.
/// Embeddings answers read the same way, without choices.
#[derive(Debug, Clone, Deserialize)]
pub struct AnswerView<'a> {
    /// The model that answered, as the provider names it.
    #[serde(borrow, default, deserialize_with = "lenient::text")]
    pub model: Option<Cow<'a, str>>,
    /// The choices, as written; see [`AnswerView::choices`].
    #[serde(borrow, default)]
    pub choices: Option<&'a RawValue>,
    /// Tokens used. In streams it is in the last chunk, and only if it was asked for.
    #[serde(default, deserialize_with = "usage")]
    pub usage: Option<Usage>,
}

impl<'a> AnswerView<'a> {
    /// Reads an answer's body, or the data of one event of a stream.
    pub fn parse(body: &'a [u8]) -> Result<Self, BadBody> {
        body::object(body)
    }

    /// The choices, parsed now: only needed where text must be counted because the provider
    /// did not. Choices that cannot be understood are no choices.
    #[must_use]
    pub fn choices(&self) -> Vec<ChoiceView<'a>> {
        self.choices.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
    }

    /// Calls back with every piece of generated text, choice by choice.
    pub fn each_text(&self, mut piece: impl FnMut(&str)) {
        for choice in self.choices() {
            for generated in choice.delta.iter().chain(&choice.message) {
                generated.each_text(&mut piece);
            }
        }
    }
}

/// One choice of an answer or chunk.
#[derive(Debug, Clone, Deserialize)]
pub struct ChoiceView<'a> {
    /// Which choice this is.
    #[serde(default, deserialize_with = "lenient::count_or_zero")]
    pub index: u64,
    /// What a chunk adds.
    #[serde(borrow, default)]
    pub delta: Option<GeneratedView<'a>>,
    /// What a whole answer says.
    #[serde(borrow, default)]
    pub message: Option<GeneratedView<'a>>,
    /// Why the choice ended, once it did.
    #[serde(borrow, default, deserialize_with = "lenient::text")]
    pub finish_reason: Option<Cow<'a, str>>,
}

/// What a model generated: a whole message or a delta of one.
#[derive(Debug, Clone, Deserialize)]
pub struct GeneratedView<'a> {
    /// Text of the answer.
    #[serde(borrow, default, deserialize_with = "lenient::text")]
    pub content: Option<Cow<'a, str>>,
    /// Text of a refusal.
    #[serde(borrow, default, deserialize_with = "lenient::text")]
    pub refusal: Option<Cow<'a, str>>,
    /// Visible thinking, as several open models' servers send it.
    #[serde(borrow, default, deserialize_with = "lenient::text")]
    pub reasoning_content: Option<Cow<'a, str>>,
    /// Calls of tools.
    #[serde(borrow, default)]
    pub tool_calls: Option<Vec<ToolCallView<'a>>>,
}

impl GeneratedView<'_> {
    fn each_text(&self, piece: &mut impl FnMut(&str)) {
        for text in [&self.content, &self.refusal, &self.reasoning_content].into_iter().flatten() {
            piece(text);
        }
        for call in self.tool_calls.iter().flatten() {
            call.each_text(piece);
        }
    }
}

/// A call of a tool, or a delta of one.
#[derive(Debug, Clone, Deserialize)]
pub struct ToolCallView<'a> {
    /// The function called, if it is a function.
    #[serde(borrow, default)]
    pub function: Option<FunctionView<'a>>,
}

impl ToolCallView<'_> {
    /// Calls back with the function's name and its arguments, where they are given.
    pub fn each_text(&self, piece: &mut impl FnMut(&str)) {
        let Some(function) = &self.function else { return };
        for text in [&function.name, &function.arguments].into_iter().flatten() {
            piece(text);
        }
    }
}

/// The function that a tool call names.
#[derive(Debug, Clone, Deserialize)]
pub struct FunctionView<'a> {
    /// Its name.
    #[serde(borrow, default, deserialize_with = "lenient::text")]
    pub name: Option<Cow<'a, str>>,
    /// Its arguments: JSON in a string, or a piece of it.
    #[serde(borrow, default, deserialize_with = "lenient::text")]
    pub arguments: Option<Cow<'a, str>>,
}

/// Usage, or nothing where it is not an object: a chunk is worth more than its odd usage.
fn usage<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Usage>, D::Error> {
    let raw = Option::<&RawValue>::deserialize(from)?;
    Ok(raw.filter(|raw| raw.get().starts_with('{')).and_then(|raw| serde_json::from_str(raw.get()).ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(json: &str) -> Vec<String> {
        let mut found = Vec::new();
        AnswerView::parse(json.as_bytes()).unwrap().each_text(|text| found.push(text.to_owned()));
        found
    }

    #[test]
    fn text_is_found_in_chunks_and_in_whole_answers() {
        assert_eq!(texts(r#"{"choices":[{"index":0,"delta":{"content":"Hel"}}]}"#), ["Hel"]);
        assert_eq!(
            texts(
                r#"{"choices":[{"message":{"content":"a","refusal":"b"}},{"message":{"content":"c",
                    "tool_calls":[{"id":"x","function":{"name":"f","arguments":"{}"}}]}}]}"#
            ),
            ["a", "b", "c", "f", "{}"]
        );
    }

    #[test]
    fn the_usage_chunk_has_no_choices() {
        let json = br#"{"model":"m","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}"#;
        let view = AnswerView::parse(json).unwrap();
        assert!(view.choices().is_empty());
        assert_eq!(view.usage.unwrap().completion_tokens, 4);
    }

    #[test]
    fn odd_answers_lose_only_what_is_odd() {
        for json in [
            r#"{"choices":null,"usage":null}"#,
            r#"{"choices":"none","usage":[1,2,3]}"#,
            r#"{"choices":[7],"usage":"many"}"#,
            r#"{"choices":[{"delta":null,"finish_reason":3}],"model":5}"#,
            r#"{"choices":[{"delta":{"content":[1],"tool_calls":null}}]}"#,
            "{}",
        ] {
            let view = AnswerView::parse(json.as_bytes()).unwrap();
            assert!(view.usage.is_none() && texts(json).is_empty(), "{json}");
        }
    }
}
