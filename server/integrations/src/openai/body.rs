//! Reading a JSON body into a view, with errors that a stranger may see.

use serde::Deserialize;
use serde_json::error::Category;

/// Why a body could not be read. The sentences carry a position and never a part of the body,
/// because bodies hold prompts and error messages end up in logs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadBody {
    /// The body is not JSON (or not UTF-8).
    #[error("the body is not valid JSON (line {line}, column {column})")]
    NotJson {
        /// Line of the first fault, from 1.
        line: usize,
        /// Column of the first fault, from 1.
        column: usize,
    },
    /// The body is JSON, but not an object.
    #[error("the body must be a JSON object")]
    NotAnObject,
    /// A field that is read has the wrong type, or is given twice.
    #[error("a field has the wrong type or is given twice (line {line}, column {column})")]
    WrongType {
        /// Line of the fault, from 1.
        line: usize,
        /// Column of the fault, from 1.
        column: usize,
    },
}

/// Reads one JSON object.
///
/// The first byte is looked at by itself: a derived `Deserialize` also accepts an array of the
/// fields in order, and an upstream would not, so such a body would be metered as what it is not.
pub(super) fn object<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, BadBody> {
    match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => serde_json::from_slice(body).map_err(BadBody::from),
        _ => Err(match serde_json::from_slice::<serde::de::IgnoredAny>(body) {
            Ok(_) => BadBody::NotAnObject,
            Err(error) => BadBody::from(error),
        }),
    }
}

impl From<serde_json::Error> for BadBody {
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        match error.classify() {
            Category::Data => Self::WrongType { line, column },
            Category::Io | Category::Syntax | Category::Eof => Self::NotJson { line, column },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct One {
        #[allow(dead_code, reason = "only whether it parses matters")]
        model: String,
    }

    #[test]
    fn an_array_of_the_fields_in_order_is_not_an_object() {
        assert_eq!(object::<One>(br#" ["gpt-4o"] "#).unwrap_err(), BadBody::NotAnObject);
        assert!(object::<One>(b" {\"model\":\"gpt-4o\"}").is_ok());
    }

    #[test]
    fn errors_say_where_and_never_what() {
        let secret = br#"{"model": {"secret": 1}}"#;
        let error = object::<One>(secret).unwrap_err();
        assert!(matches!(error, BadBody::WrongType { line: 1, .. }), "{error}");
        assert!(!error.to_string().contains("secret"));
    }

    #[test]
    fn garbage_is_told_from_the_wrong_shape() {
        for body in [&b""[..], b"   ", b"nope", b"{\"model\":", b"{\"model\":\"\xff\"}", b"[1,"] {
            assert!(matches!(object::<One>(body), Err(BadBody::NotJson { .. })), "{body:?}");
        }
        for body in [&b"null"[..], b"12", b"\"text\"", b"[]"] {
            assert_eq!(object::<One>(body).unwrap_err(), BadBody::NotAnObject, "{body:?}");
        }
    }
}
