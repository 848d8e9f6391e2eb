//! What a request asks for, read without copying it.

use std::borrow::Cow;

use bytes::Bytes;
use domain::ErrorCode;
use serde::{Deserialize, Deserializer, de::IgnoredAny};
use serde_json::value::RawValue;

use super::splice::{Edit, splice};
use crate::respond::Refusal;

/// Whether the stream's usage chunk is wanted, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UsageChunk {
    /// The client asked for it.
    Wanted,
    /// The client did not ask; the gateway may, and keeps the chunk to itself.
    Unwanted,
    /// The client wrote something that can't be added to, so nobody asks.
    Untouchable,
}

/// Under which name a provider takes the bound of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutputBound {
    /// `max_tokens`, which nearly all providers know.
    MaxTokens,
    /// `max_completion_tokens`, which OpenAI asks for with its newer models.
    MaxCompletionTokens,
}

impl OutputBound {
    const fn field(self) -> &'static str {
        match self {
            Self::MaxTokens => "max_tokens",
            Self::MaxCompletionTokens => "max_completion_tokens",
        }
    }
}

/// The few fields that routing and metering need.
#[derive(Debug)]
pub(crate) struct Question<'a> {
    /// The model's name.
    pub(crate) model: Cow<'a, str>,
    /// Whether the answer is to be streamed.
    pub(crate) stream: bool,
    /// Whether the stream's usage chunk is wanted.
    pub(crate) usage_chunk: UsageChunk,
    text: &'a str,
    raw: Raw<'a>,
}

/// The fields as they stand. A field given twice is refused: two readers might take different ones.
#[derive(Debug, Deserialize)]
struct Raw<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    model: Option<&'a RawValue>,
    #[serde(default)]
    stream: Option<bool>,
    #[serde(borrow, default, deserialize_with = "present")]
    stream_options: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    max_tokens: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    max_completion_tokens: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    n: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    messages: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    input: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct StreamOptions<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    include_usage: Option<&'a RawValue>,
}

/// A field's value as it stands, null included: serde would read that as an absent field.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(from).map(Some)
}

impl<'a> Question<'a> {
    /// Reads a request's body.
    ///
    /// # Errors
    /// When it is not a JSON object in UTF-8, or names no model.
    pub(crate) fn read(body: &'a [u8]) -> Result<Self, Refusal> {
        let text = std::str::from_utf8(body)
            .map_err(|_| Refusal::new(ErrorCode::InvalidJson, "The body is not valid UTF-8."))?;
        let raw = read_raw(text)?;
        let model = raw.model.and_then(|raw| borrowed_string(raw.get())).ok_or_else(|| {
            Refusal::new(ErrorCode::InvalidRequest, "Name the model as a string in `model`.").about("model")
        })?;
        let stream = raw.stream.unwrap_or(false);
        let usage_chunk = raw.usage_chunk();
        Ok(Self { model, stream, usage_chunk, text, raw })
    }

    /// The whole body.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// What the client bounds an answer to, under each name that it is known by.
    pub(crate) fn output_bounds(&self) -> [(&'static str, Option<&'a RawValue>); 2] {
        [("max_tokens", self.raw.max_tokens), ("max_completion_tokens", self.raw.max_completion_tokens)]
    }

    /// How many answers are asked for.
    pub(crate) fn answers(&self) -> Option<&'a RawValue> {
        self.raw.n
    }

    /// What is to be answered.
    pub(crate) fn messages(&self) -> Option<&'a RawValue> {
        self.raw.messages
    }

    /// What is to be embedded.
    pub(crate) fn input(&self) -> Option<&'a RawValue> {
        self.raw.input
    }

    /// The body to send: with another model name, or with the stream's usage asked for, where that
    /// is needed. All else stays byte for byte as the client wrote it.
    pub(crate) fn rewrite(
        &self,
        body: &Bytes,
        model: Option<&str>,
        ask_for_usage: bool,
        most_output: Option<(OutputBound, u64)>,
    ) -> Bytes {
        let mut edits = Vec::new();
        if let (Some(model), Some(raw)) = (model, self.raw.model) {
            edits.push(Edit { range: self.span(raw), text: serde_json::Value::from(model).to_string() });
        }
        if ask_for_usage && self.usage_chunk == UsageChunk::Unwanted {
            edits.push(self.ask_for_usage());
        }
        if let Some((name, tokens)) = most_output {
            self.bound_output(name, tokens, &mut edits);
        }
        splice(body, edits)
    }

    /// Writes the bound in every place where the client gave one, so that whichever the provider looks
    /// at is it; and under `name` where the client gave none.
    fn bound_output(&self, name: OutputBound, tokens: u64, edits: &mut Vec<Edit>) {
        let given = self.output_bounds().map(|(_, raw)| raw);
        if given.iter().all(Option::is_none) {
            let brace = self.start();
            return edits.push(Edit { range: brace..brace, text: format!("\"{}\":{tokens},", name.field()) });
        }
        let text = tokens.to_string();
        for raw in given.into_iter().flatten().filter(|raw| raw.get() != text) {
            edits.push(Edit { range: self.span(raw), text: text.clone() });
        }
    }

    /// Where the first field begins. The object has a model, so something follows there.
    fn start(&self) -> usize {
        self.text.find('{').map_or(0, |at| at + 1)
    }

    fn ask_for_usage(&self) -> Edit {
        let Some(options) = self.raw.stream_options else {
            let brace = self.start();
            return Edit { range: brace..brace, text: r#""stream_options":{"include_usage":true},"#.into() };
        };
        let json = options.get();
        let inside = serde_json::from_str::<StreamOptions<'a>>(json).ok();
        if let Some(include) = inside.and_then(|options| options.include_usage) {
            return Edit { range: self.span(include), text: "true".into() };
        }
        let others = json.trim_start_matches('{').trim_start();
        if !json.starts_with('{') || others.starts_with('}') {
            return Edit { range: self.span(options), text: r#"{"include_usage":true}"#.into() };
        }
        let brace = self.span(options).start + 1;
        Edit { range: brace..brace, text: r#""include_usage":true,"#.into() }
    }

    /// Where a borrowed value stands in the body.
    fn span(&self, raw: &RawValue) -> std::ops::Range<usize> {
        let start = raw.get().as_ptr() as usize - self.text.as_ptr() as usize;
        start..start + raw.get().len()
    }
}

impl Raw<'_> {
    fn usage_chunk(&self) -> UsageChunk {
        let Some(json) = self.stream_options.map(RawValue::get) else { return UsageChunk::Unwanted };
        if json == "null" {
            return UsageChunk::Unwanted;
        }
        match serde_json::from_str::<StreamOptions<'_>>(json) {
            Ok(options) if json.starts_with('{') => match options.include_usage.map(RawValue::get) {
                Some("true") => UsageChunk::Wanted,
                Some("false" | "null") | None => UsageChunk::Unwanted,
                Some(_) => UsageChunk::Untouchable,
            },
            _ => UsageChunk::Untouchable,
        }
    }
}

fn read_raw(text: &str) -> Result<Raw<'_>, Refusal> {
    let wrong = |error: serde_json::Error| {
        let (line, column) = (error.line(), error.column());
        if error.is_data() {
            let message = format!("A field has the wrong type or is given twice (line {line}, column {column}).");
            return Refusal::new(ErrorCode::InvalidRequest, message);
        }
        let message = format!("The body is not valid JSON (line {line}, column {column}).");
        Refusal::new(ErrorCode::InvalidJson, message)
    };
    // A derived reader would also take an array of the fields in order, which no provider does.
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(wrong);
    }
    serde_json::from_str::<IgnoredAny>(text).map_err(wrong)?;
    Err(Refusal::new(ErrorCode::InvalidRequest, "The body must be a JSON object."))
}

/// A JSON string's text, borrowed where it holds no escapes.
fn borrowed_string(json: &str) -> Option<Cow<'_, str>> {
    let inside = json.strip_prefix('"')?.strip_suffix('"')?;
    if inside.contains('\\') {
        return serde_json::from_str::<String>(json).ok().map(Cow::Owned);
    }
    Some(Cow::Borrowed(inside))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn code(body: &[u8]) -> ErrorCode {
        Question::read(body).unwrap_err().code()
    }

    fn rewritten(body: &str, model: Option<&str>, ask: bool) -> String {
        let bytes = Bytes::copy_from_slice(body.as_bytes());
        String::from_utf8(Question::read(&bytes).unwrap().rewrite(&bytes, model, ask, None).to_vec()).unwrap()
    }

    #[test]
    fn what_is_no_question_is_refused_by_its_kind() {
        for bad in [&b""[..], b"{", b"not json", b"{\"model\":\"a\",}", b"{\"model\":\"a\xff\"}", b"[1"] {
            assert_eq!(code(bad), ErrorCode::InvalidJson, "{bad:?}");
        }
        for bad in [
            "[]",
            "\"x\"",
            "{}",
            r#"{"model":null}"#,
            r#"{"model":7}"#,
            r#"{"model":"a","stream":"yes"}"#,
            r#"{"model":"a","model":"b"}"#,
            r#"{"model":"a","mod\u0065l":"b"}"#,
        ] {
            assert_eq!(code(bad.as_bytes()), ErrorCode::InvalidRequest, "{bad}");
        }
    }

    #[test]
    fn the_usage_chunk_is_asked_for_in_place() {
        for (body, expected) in [
            (r#"{"model":"a"}"#, r#"{"stream_options":{"include_usage":true},"model":"a"}"#),
            (
                r#" { "model":"a","stream_options" : null}"#,
                r#" { "model":"a","stream_options" : {"include_usage":true}}"#,
            ),
            (r#"{"model":"a","stream_options":{ }}"#, r#"{"model":"a","stream_options":{"include_usage":true}}"#),
            (
                r#"{"stream_options":{"include_usage": false ,"x":1},"model":"a"}"#,
                r#"{"stream_options":{"include_usage": true ,"x":1},"model":"a"}"#,
            ),
            (
                r#"{"stream_options":{"x":{"include_usage":false}},"model":"a"}"#,
                r#"{"stream_options":{"include_usage":true,"x":{"include_usage":false}},"model":"a"}"#,
            ),
            (
                r#"{"model":"a","stream_options":{"include_usage":true}}"#,
                r#"{"model":"a","stream_options":{"include_usage":true}}"#,
            ),
            (r#"{"model":"a","stream_options":"odd"}"#, r#"{"model":"a","stream_options":"odd"}"#),
        ] {
            assert_eq!(rewritten(body, None, true), expected);
        }
    }

    #[test]
    fn only_the_top_levels_model_is_renamed() {
        let body = r#"{"tools":[{"model":"a"}],"text":"\"model\":\"a\"","model" :"a","é":"ü"}"#;
        let expected = r#"{"tools":[{"model":"a"}],"text":"\"model\":\"a\"","model" :"b\"c","é":"ü"}"#;
        assert_eq!(rewritten(body, Some("b\"c"), false), expected);
        let bytes = Bytes::copy_from_slice(body.as_bytes());
        let untouched = Question::read(&bytes).unwrap().rewrite(&bytes, None, false, None);
        assert_eq!(untouched.as_ptr(), bytes.as_ptr());
    }

    #[test]
    fn the_bound_of_an_answer_stands_wherever_a_provider_may_look() {
        let bound = |body: &str| {
            let bytes = Bytes::copy_from_slice(body.as_bytes());
            let most = Some((OutputBound::MaxTokens, 9));
            String::from_utf8(Question::read(&bytes).unwrap().rewrite(&bytes, None, true, most).to_vec()).unwrap()
        };
        for (body, expected) in [
            (r#"{"model":"a"}"#, r#"{"stream_options":{"include_usage":true},"max_tokens":9,"model":"a"}"#),
            (
                r#"{"max_tokens": 100,"model":"a","stream_options":{"include_usage":true},"max_completion_tokens":null}"#,
                r#"{"max_tokens": 9,"model":"a","stream_options":{"include_usage":true},"max_completion_tokens":9}"#,
            ),
        ] {
            assert_eq!(bound(body), expected);
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[\"\\\\{}a-zé\n]{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map("[\"\\\\a-z_é]{0,8}|model|stream_options|include_usage", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn splicing_changes_what_it_should_and_nothing_else(
            other in any_json(), model in "[\"\\\\a-zé/]{1,12}", to in "[\"\\\\a-zé/]{1,12}", options in any_json(), pretty: bool,
        ) {
            let body = json!({"a": other, "model": model, "stream_options": options, "z": [other]});
            let text = if pretty { serde_json::to_string_pretty(&body) } else { serde_json::to_string(&body) }.unwrap();
            let mut after: Value = serde_json::from_str(&rewritten(&text, Some(&to), true)).unwrap();
            prop_assert_eq!(after["model"].take(), Value::from(to));
            let asked = Question::read(text.as_bytes()).unwrap().usage_chunk;
            let before = after["stream_options"].take();
            if asked == UsageChunk::Untouchable {
                prop_assert_eq!(before, options);
            } else {
                prop_assert_eq!(&before["include_usage"], &Value::Bool(true));
            }
            prop_assert_eq!(&after["a"], &other);
            prop_assert_eq!(&after["z"], &json!([other]));
        }
    }
}
