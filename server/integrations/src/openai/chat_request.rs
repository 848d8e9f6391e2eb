//! A view of `POST /chat/completions`.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::body::{self, BadBody};
use super::message::MessageView;
use super::{lenient, strict};

/// What Turnpike reads of a chat request. Everything else passes through unread.
///
/// The big fields stay raw: the gateway forwards most requests without ever looking into their
/// messages, and finding where a value ends is much cheaper than parsing it.
#[derive(Debug, Clone, Deserialize)]
pub struct ChatRequestView<'a> {
    /// The model asked for, if one was given.
    #[serde(borrow, default, deserialize_with = "strict::text")]
    pub model: Option<Cow<'a, str>>,
    /// Whether the answer is to be streamed.
    #[serde(default, deserialize_with = "strict::flag")]
    pub stream: bool,
    /// Options of the stream, as written; see [`ChatRequestView::include_usage`].
    #[serde(borrow, default)]
    pub stream_options: Option<&'a RawValue>,
    /// The conversation, as written; see [`ChatRequestView::messages`].
    #[serde(borrow, default)]
    pub messages: Option<&'a RawValue>,
    /// The older name of the bound on what may be generated.
    #[serde(default, deserialize_with = "strict::count")]
    pub max_tokens: Option<u64>,
    /// The newer name of the bound on what may be generated.
    #[serde(default, deserialize_with = "strict::count")]
    pub max_completion_tokens: Option<u64>,
    /// How many choices to generate.
    #[serde(default, deserialize_with = "strict::count")]
    pub n: Option<u64>,
    /// The tools that the model may call, as written.
    #[serde(borrow, default)]
    pub tools: Option<&'a RawValue>,
    /// Which tool must be called, as written.
    #[serde(borrow, default)]
    pub tool_choice: Option<&'a RawValue>,
    /// The form that the answer must have, as written.
    #[serde(borrow, default)]
    pub response_format: Option<&'a RawValue>,
}

impl<'a> ChatRequestView<'a> {
    /// Reads a request body.
    pub fn parse(body: &'a [u8]) -> Result<Self, BadBody> {
        body::object(body)
    }

    /// The bound on generated tokens for each choice: the newer name wins, as at OpenAI.
    #[must_use]
    pub fn max_output_tokens(&self) -> Option<u64> {
        self.max_completion_tokens.or(self.max_tokens)
    }

    /// Whether the client asked for a usage chunk at the end of its stream.
    #[must_use]
    pub fn include_usage(&self) -> bool {
        self.stream_options
            .and_then(|raw| serde_json::from_str::<StreamOptions>(raw.get()).ok())
            .is_some_and(|options| options.include_usage)
    }

    /// The messages, parsed now. `None` if they are missing or not a list of objects.
    #[must_use]
    pub fn messages(&self) -> Option<Vec<MessageView<'a>>> {
        serde_json::from_str(self.messages?.get()).ok()
    }
}

#[derive(Deserialize)]
struct StreamOptions {
    #[serde(default, deserialize_with = "flag_or_false")]
    include_usage: bool,
}

fn flag_or_false<'de, D: serde::Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    let value = from.deserialize_any(lenient::AnyScalar)?;
    Ok(matches!(value, lenient::Scalar::Flag(true)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &str) -> Result<ChatRequestView<'_>, BadBody> {
        ChatRequestView::parse(body.as_bytes())
    }

    #[test]
    fn reads_what_is_needed_and_passes_over_the_rest() {
        let view = parse(
            r#"{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"stream":true,
                "stream_options":{"include_usage":true,"x":1},"n":2,"max_tokens":5,
                "max_completion_tokens":7,"seed":4,"metadata":{"a":"b"}}"#,
        )
        .unwrap();
        assert!(matches!(view.model, Some(Cow::Borrowed("gpt-4o"))));
        assert!(view.stream && view.include_usage());
        assert_eq!((view.n, view.max_output_tokens()), (Some(2), Some(7)));
        assert_eq!(view.messages().unwrap().len(), 1);
    }

    #[test]
    fn nulls_read_as_absent() {
        let view = parse(
            r#"{"model":null,"messages":null,"stream":null,"stream_options":null,"n":null,
                "max_tokens":null,"max_completion_tokens":null,"tools":null,"tool_choice":null,
                "response_format":null}"#,
        )
        .unwrap();
        assert!(view.model.is_none() && view.messages().is_none() && view.tools.is_none());
        assert!(!view.stream && !view.include_usage());
        assert_eq!((view.n, view.max_output_tokens()), (None, None));
    }

    #[test]
    fn types_that_a_generous_upstream_would_still_understand_are_refused() {
        for body in [
            r#"{"n":"5"}"#,
            r#"{"n":true}"#,
            r#"{"stream":"true"}"#,
            r#"{"stream":1}"#,
            r#"{"max_tokens":"9999"}"#,
            r#"{"model":["gpt-4o"]}"#,
        ] {
            assert!(matches!(parse(body), Err(BadBody::WrongType { .. })), "{body}");
        }
    }

    #[test]
    fn a_field_given_twice_is_refused_since_parsers_disagree_about_the_winner() {
        let body = r#"{"model":"cheap","model":"dear"}"#;
        assert!(matches!(parse(body), Err(BadBody::WrongType { .. })));
    }

    #[test]
    fn numbers_never_read_as_less_than_written() {
        assert_eq!(parse(r#"{"n":1.5}"#).unwrap().n, Some(2));
        assert_eq!(parse(r#"{"n":1e300}"#).unwrap().n, Some(u64::MAX));
        assert_eq!(parse(r#"{"max_tokens":-1}"#).unwrap().max_tokens, None);
    }

    #[test]
    fn odd_stream_options_ask_for_nothing() {
        for options in ["[]", "true", r#"{"include_usage":null}"#, r#"{"include_usage":"true"}"#] {
            let body = format!(r#"{{"stream_options":{options}}}"#);
            assert!(!parse(&body).unwrap().include_usage(), "{options}");
        }
    }
}
