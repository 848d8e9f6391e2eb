//! What a server function answers when it can't do what was asked. It has no field that could
//! hold an internal cause, so none can leak.

use leptos::{
    prelude::FromServerFnError,
    server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType, error::ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

/// A refusal or failure, in words for the person who reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Received")]
pub struct Problem {
    /// The code of the error table, as the API would answer it.
    pub code: String,
    /// What happened and what to do.
    pub message: String,
    /// What to quote when asking for help.
    pub request_id: Option<String>,
    /// What is wrong with single fields: name of the input, and the words for it.
    pub fields: Vec<(String, String)>,
}

impl Problem {
    /// A problem of the whole request.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), request_id: None, fields: Vec::new() }
    }

    /// The same problem, with words for one field.
    pub fn with_field(mut self, name: impl Into<String>, words: impl Into<String>) -> Self {
        self.fields.push((name.into(), words.into()));
        self
    }

    /// Whether something broke, as opposed to being refused: then the request's id helps.
    pub fn is_ours(&self) -> bool {
        matches!(self.code.as_str(), "internal_error" | "overloaded" | "unavailable")
            || self.code.starts_with("upstream_")
    }

    /// What is wrong with the field of that name.
    pub fn field(&self, name: &str) -> Option<String> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, words)| words.clone())
    }
}

/// A problem as it arrives: from a server function, or from the guard in front of it, which answers
/// as the API does, with an envelope around it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Received {
    error: Option<Enveloped>,
    code: String,
    message: String,
    request_id: Option<String>,
    fields: Vec<(String, String)>,
}

#[derive(Deserialize)]
struct Enveloped {
    code: String,
    message: String,
    param: Option<String>,
    request_id: Option<String>,
}

impl From<Received> for Problem {
    fn from(Received { error, code, message, request_id, fields }: Received) -> Self {
        match error {
            None => Self { code, message, request_id, fields },
            Some(Enveloped { code, message, param, request_id }) => {
                let fields = param.map(|field| (field, message.clone())).into_iter().collect();
                Self { code, message, request_id, fields }
            }
        }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

/// JSON, as Leptos' own encoding of errors is, but read as text like all that pages read: the code
/// that reads JSON then stands in the WASM once.
#[derive(Debug)]
pub struct ProblemEncoding;

impl ContentType for ProblemEncoding {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for ProblemEncoding {
    const FORMAT_TYPE: Format = Format::Text;
}

impl Encodes<Problem> for ProblemEncoding {
    type Error = serde_json::Error;

    fn encode(problem: &Problem) -> Result<Bytes, Self::Error> {
        serde_json::to_string(problem).map(Bytes::from)
    }
}

impl Decodes<Problem> for ProblemEncoding {
    type Error = serde_json::Error;

    fn decode(bytes: Bytes) -> Result<Problem, Self::Error> {
        serde_json::from_str(&String::from_utf8_lossy(&bytes))
    }
}

impl FromServerFnError for Problem {
    type Encoder = ProblemEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => {
                Self::new("unreachable", "Turnpike can't be reached. Check the connection and try again.")
            }
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                Self::new("invalid_request", "The form was not understood. Reload the page and try again.")
            }
            _ => Self::new("internal_error", "Something went wrong. Try again; if it stays, tell your operator."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_its_own_form_and_the_api_s_envelope() {
        let own = Problem::new("conflict", "Taken.").with_field("name", "Choose another.");
        let sent = serde_json::to_string(&own).unwrap();
        assert_eq!(serde_json::from_str::<Problem>(&sent).unwrap(), own);
        let envelope = r#"{"error":{"code":"unauthenticated","type":"authentication_error","message":"Sign in.",
            "param":null,"details":{},"timestamp":"2026-01-01T00:00:00Z","request_id":"req_1"}}"#;
        let read = serde_json::from_str::<Problem>(envelope).unwrap();
        assert_eq!((read.code.as_str(), read.request_id.as_deref()), ("unauthenticated", Some("req_1")));
        assert!(read.fields.is_empty());
    }
}
