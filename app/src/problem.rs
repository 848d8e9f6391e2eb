//! What a server function answers when it can't do what was asked. It has no field that could
//! hold an internal cause, so none can leak.

use leptos::{
    prelude::FromServerFnError,
    server_fn::{codec::JsonEncoding, error::ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

/// A refusal or failure, in words for the person who reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

    /// What is wrong with the field of that name.
    pub fn field(&self, name: &str) -> Option<String> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, words)| words.clone())
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

impl FromServerFnError for Problem {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::new("unreachable", "Turnpike can't be reached. Check the connection and try again."),
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                Self::new("invalid_request", "The form was not understood. Reload the page and try again.")
            }
            _ => Self::new("internal", "Something went wrong. Try again; if it stays, tell your operator."),
        }
    }
}
