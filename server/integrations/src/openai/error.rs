//! The error envelope that OpenAI clients parse.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::lenient;

/// `{"error":{…}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorEnvelope<'a> {
    /// The error.
    #[serde(borrow)]
    pub error: ErrorObject<'a>,
}

/// What went wrong, in the four fields that OpenAI clients know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorObject<'a> {
    /// A sentence for a person.
    #[serde(borrow, default, deserialize_with = "lenient::text")]
    pub message: Option<Cow<'a, str>>,
    /// The class of the error, such as `invalid_request_error`.
    #[serde(borrow, default, rename = "type", deserialize_with = "lenient::text")]
    pub kind: Option<Cow<'a, str>>,
    /// The parameter at fault.
    #[serde(borrow, default, deserialize_with = "lenient::text")]
    pub param: Option<Cow<'a, str>>,
    /// A stable name, such as `model_not_found`. Some providers send a number, which reads as absent.
    #[serde(borrow, default, deserialize_with = "lenient::text")]
    pub code: Option<Cow<'a, str>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_in_openai_shape() {
        let json = r#"{"error":{"message":"No.","type":"invalid_request_error","param":null,"code":"x"}}"#;
        let envelope: ErrorEnvelope<'_> = serde_json::from_str(json).unwrap();
        assert_eq!(envelope.error.code.as_deref(), Some("x"));
        assert_eq!(serde_json::to_string(&envelope).unwrap(), json);
    }

    #[test]
    fn numeric_codes_are_survived() {
        let envelope: ErrorEnvelope<'_> = serde_json::from_str(r#"{"error":{"code":429}}"#).unwrap();
        assert_eq!(envelope.error.code, None);
    }
}
