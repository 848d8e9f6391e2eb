//! The error envelope of every HTTP surface, and the table of its codes.

use serde::{Deserialize, Serialize};

use crate::{Invalid, RequestId, Timestamp};

/// Declares the table of codes once: the enum, its spelling, status, type and meaning.
macro_rules! error_codes {
    ($($variant:ident $code:literal $status:literal $kind:literal $meaning:literal;)*) => {
        /// Why a request was refused. `docs/errors.md` is generated from this table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ErrorCode {
            $(#[doc = $meaning] #[serde(rename = $code)] $variant,)*
        }

        impl ErrorCode {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code as it stands on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The HTTP status that goes with it.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// The `type` that OpenAI's clients look at.
            pub const fn kind(self) -> &'static str {
                match self { $(Self::$variant => $kind,)* }
            }

            /// What it means, for the table in the documentation.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

error_codes! {
    InvalidRequest "invalid_request" 400 "invalid_request_error" "The request breaks a rule; `param` names the field and the message says what is right.";
    InvalidJson "invalid_json" 400 "invalid_request_error" "The body is not JSON, or not UTF-8.";
    MissingApiKey "missing_api_key" 401 "authentication_error" "The call carries no key. Send `Authorization: Bearer tpk_…`.";
    InvalidApiKey "invalid_api_key" 401 "authentication_error" "The key is malformed or unknown.";
    KeyDisabled "key_disabled" 401 "authentication_error" "The key is switched off for now. Someone who manages it can enable it.";
    KeyRevoked "key_revoked" 401 "authentication_error" "The key was revoked, which is final. Create another.";
    KeyExpired "key_expired" 401 "authentication_error" "The key's expiry has passed.";
    SecretRotated "secret_rotated" 401 "authentication_error" "The key has another secret by now, and the time of this one is over. Use the new one.";
    Unauthenticated "unauthenticated" 401 "authentication_error" "Sign in, or send a management token.";
    BudgetExceeded "budget_exceeded" 402 "budget_exceeded" "A budget above the key has not enough left for what the call may cost. `details` names the budget, what is spent, what is held and when it begins anew.";
    InvalidCredentials "invalid_credentials" 401 "authentication_error" "The e-mail address or the password is wrong. Which of the two is not said.";
    InvalidSetupCode "invalid_setup_code" 403 "permission_error" "The setup code is wrong. The server printed it when it started.";
    Forbidden "forbidden" 403 "permission_error" "You may not do this. The message names the permission that is missing.";
    CrossSite "cross_site_request" 403 "permission_error" "The request came from another site, so a signed-in browser's right was not used for it.";
    WrongEnvironment "wrong_environment" 403 "permission_error" "The model exists, but in the other environment than the key's.";
    ModelNotAllowed "model_not_allowed" 403 "permission_error" "The key's rules do not allow this model. Someone who manages the key can allow it; `GET /v1/models` lists what the key may call.";
    EndpointNotAllowed "endpoint_not_allowed" 403 "permission_error" "The key's rules do not allow this endpoint. Someone who manages the key can allow it.";
    IpNotAllowed "ip_not_allowed" 403 "permission_error" "The key's rules do not allow calls from this address. Someone who manages the key can allow it.";
    PriceMissing "price_missing" 403 "permission_error" "The model has no price yet, so it can't be called. Platform staff set prices.";
    NotFound "not_found" 404 "not_found_error" "There is no such thing, or it is not yours to see.";
    ModelNotFound "model_not_found" 404 "invalid_request_error" "The key can't reach a model of this name.";
    MethodNotAllowed "method_not_allowed" 405 "invalid_request_error" "The path exists, but not with this method.";
    Conflict "conflict" 409 "conflict_error" "The thing has changed, or exists already.";
    AlreadySetUp "already_set_up" 409 "conflict_error" "This installation has its first organization already. Sign in.";
    IdempotencyInProgress "idempotency_in_progress" 409 "conflict_error" "A request with the same Idempotency-Key is still running.";
    Gone "gone" 410 "not_found_error" "It was there once and is not any more: what is shown once was shown, or its time is over.";
    RequestTooLarge "request_too_large" 413 "invalid_request_error" "The body is larger than this installation takes.";
    UnsupportedMediaType "unsupported_media_type" 415 "invalid_request_error" "The body is of another kind than this takes. Send JSON as `Content-Type: application/json`.";
    IdempotencyMismatch "idempotency_mismatch" 422 "invalid_request_error" "The same Idempotency-Key came with another body.";
    RateLimitExceeded "rate_limit_exceeded" 429 "rate_limit_error" "A limit above the key lets no more through right now. `details` names the limit, and `Retry-After` says when the call would pass.";
    TooManyAttempts "too_many_attempts" 429 "rate_limit_error" "Too many wrong attempts. `Retry-After` says when to try again.";
    Internal "internal_error" 500 "api_error" "Something broke on our side. The request id finds it in the log.";
    UpstreamUnreachable "upstream_unreachable" 502 "upstream_error" "The provider could not be reached.";
    UpstreamInvalid "upstream_invalid_response" 502 "upstream_error" "The provider answered with something that is not an answer.";
    UpstreamRefused "upstream_refused_credentials" 502 "upstream_error" "The provider refused the connection's credentials. Platform staff can correct them.";
    Overloaded "overloaded" 503 "api_error" "The gate can't take calls right now without risking to lose one. Try again shortly.";
    Unavailable "unavailable" 503 "api_error" "A part that is needed for this is not reachable. Try again shortly.";
    UpstreamTimeout "upstream_timeout" 504 "upstream_error" "The provider did not answer in time.";
}

/// The envelope: `{"error": {…}}`, a superset of what OpenAI's clients parse.
///
/// It has no field that could hold an error's source, so no SQL text or path can reach the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WireError {
    /// The one member of the envelope.
    pub error: WireErrorBody,
}

/// What stands inside the envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WireErrorBody {
    /// The code from the table.
    pub code: ErrorCode,
    /// OpenAI's family of errors.
    #[serde(rename = "type")]
    pub kind: String,
    /// A sentence for a person.
    pub message: String,
    /// The field that is wrong, where one is.
    pub param: Option<String>,
    /// Facts for a program, by code.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::BTreeMap<String, serde_json::Value>))]
    pub details: serde_json::Map<String, serde_json::Value>,
    /// When the error was made.
    pub timestamp: Timestamp,
    /// The request, as in the answer's `x-request-id`.
    pub request_id: RequestId,
}

impl WireError {
    /// Makes the envelope for `code`.
    pub fn new(code: ErrorCode, message: impl Into<String>, at: Timestamp, request_id: RequestId) -> Self {
        Self {
            error: WireErrorBody {
                code,
                kind: code.kind().to_owned(),
                message: message.into(),
                param: None,
                details: serde_json::Map::new(),
                timestamp: at,
                request_id,
            },
        }
    }

    /// Names the field that is wrong.
    #[must_use]
    pub fn with_param(mut self, param: Option<impl Into<String>>) -> Self {
        self.error.param = param.map(Into::into);
        self
    }

    /// Makes the envelope for a broken rule.
    pub fn invalid(invalid: &Invalid, at: Timestamp, request_id: RequestId) -> Self {
        Self::new(ErrorCode::InvalidRequest, invalid.message.clone(), at, request_id).with_param(Some(invalid.field))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_spelled_alike_everywhere() {
        let mut seen = std::collections::HashSet::new();
        for code in ErrorCode::ALL {
            assert!(seen.insert(code.as_str()));
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
            assert!((400..600).contains(&code.status()));
        }
    }
}
