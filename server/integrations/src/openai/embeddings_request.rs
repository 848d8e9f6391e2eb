//! A view of `POST /embeddings`.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::body::{self, BadBody};
use super::strict;

/// What Turnpike reads of an embeddings request.
#[derive(Debug, Clone, Deserialize)]
pub struct EmbeddingsRequestView<'a> {
    /// The model asked for, if one was given.
    #[serde(borrow, default, deserialize_with = "strict::text")]
    pub model: Option<Cow<'a, str>>,
    /// A string, a list of strings, a list of token ids, or a list of those; as written.
    #[serde(borrow, default)]
    pub input: Option<&'a RawValue>,
    /// `float` or `base64`.
    #[serde(borrow, default, deserialize_with = "strict::text")]
    pub encoding_format: Option<Cow<'a, str>>,
    /// How long the vectors should be.
    #[serde(default, deserialize_with = "strict::count")]
    pub dimensions: Option<u64>,
}

impl<'a> EmbeddingsRequestView<'a> {
    /// Reads a request body.
    pub fn parse(body: &'a [u8]) -> Result<Self, BadBody> {
        body::object(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_input_without_parsing_it() {
        let body = br#"{"model":"m","input":[[1,2],[3]],"encoding_format":"base64","dimensions":8}"#;
        let view = EmbeddingsRequestView::parse(body).unwrap();
        assert_eq!(view.input.unwrap().get(), "[[1,2],[3]]");
        assert_eq!(view.encoding_format.as_deref(), Some("base64"));
        assert_eq!(view.dimensions, Some(8));
    }

    #[test]
    fn everything_may_be_absent() {
        let view = EmbeddingsRequestView::parse(b"{}").unwrap();
        assert!(view.model.is_none() && view.input.is_none() && view.dimensions.is_none());
    }
}
