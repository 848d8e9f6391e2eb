//! What can be wrong with a connection, said to the person who sets it up.

use http::StatusCode;

use crate::upstream::UpstreamError;

/// Why a provider's models could not be read. Nothing of what the provider sent is repeated, since
/// the URL may lead to something that the person should not be able to read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// No answer came.
    #[error("The provider could not be reached: {0}.")]
    Unreachable(#[from] UpstreamError),
    /// The answer, or the rest of it, took too long.
    #[error("The provider did not answer within 10 seconds.")]
    TimedOut,
    /// The key holds characters that no key holds.
    #[error("The API key holds characters that cannot be sent; copy it again without line breaks.")]
    MalformedKey,
    /// 401 or 403.
    #[error("The provider did not accept the API key (it answered {0}).")]
    KeyRefused(u16),
    /// 404.
    #[error(
        "The provider answered 404: it has no list of models at this address. \
         The base URL usually ends in /v1."
    )]
    NotFound,
    /// 429.
    #[error("The provider answered 429: too many requests, or no credit left. Try again later.")]
    RateLimited,
    /// A redirect, which is not followed.
    #[error("The provider answered {0}, a redirect, which is not followed. Enter the final address.")]
    Redirected(u16),
    /// A server error.
    #[error("The provider answered {0}: it has a problem of its own. Try again later.")]
    ProviderFault(u16),
    /// Any other status.
    #[error("The provider answered {0}, which is not what a list of models comes with.")]
    UnexpectedStatus(u16),
    /// The connection broke while the answer came.
    #[error("The connection was closed in the middle of the answer.")]
    CutOff,
    /// More than is read.
    #[error("The answer is larger than 2 MiB, which no list of models is.")]
    TooLarge,
    /// Not JSON.
    #[error("The answer is not JSON: this does not seem to be an OpenAI-compatible API.")]
    NotJson,
    /// JSON, but not a list.
    #[error("The answer is not a list of models: this does not seem to be an OpenAI-compatible API.")]
    NotAList,
}

impl ProbeError {
    /// What a status that is not a success means.
    pub(super) fn of_status(status: StatusCode) -> Self {
        let code = status.as_u16();
        match code {
            401 | 403 => Self::KeyRefused(code),
            404 => Self::NotFound,
            429 => Self::RateLimited,
            300..=399 => Self::Redirected(code),
            500..=599 => Self::ProviderFault(code),
            _ => Self::UnexpectedStatus(code),
        }
    }
}
