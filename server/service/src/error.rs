use std::time::Duration;

use domain::{ErrorCode, Invalid, MoneyError};

/// What a use case answers.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a use case refused or failed: a code and a sentence for the caller, and a source for the log.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// The code from the table.
    pub code: ErrorCode,
    /// A sentence for a person.
    pub message: String,
    /// The field that is wrong, where one is.
    pub param: Option<&'static str>,
    /// When to come back, where that is known.
    pub retry_after: Option<Duration>,
    /// What is behind it, for the log only.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of the table with its sentence.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), param: None, retry_after: None, source: None }
    }

    /// There is no such thing, or it is not the actor's to see: which of the two is not said.
    pub fn not_found(what: &str) -> Self {
        Self::new(ErrorCode::NotFound, format!("There is no such {what}."))
    }

    /// Something else has this name already.
    pub fn taken(field: &'static str, message: impl Into<String>) -> Self {
        Self { param: Some(field), ..Self::new(ErrorCode::Conflict, message) }
    }

    /// Something broke on our side.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let message = "Something broke on our side. The request id finds it in the log.";
        Self { source: Some(source.into()), ..Self::new(ErrorCode::Internal, message) }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        if error.is_unreachable() {
            let message = "The database can't be reached right now. Try again shortly.";
            return Self { source: Some(error.into()), ..Self::new(ErrorCode::Unavailable, message) };
        }
        Self::internal(error)
    }
}

impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        Self { param: Some(invalid.field), ..Self::new(ErrorCode::InvalidRequest, invalid.message) }
    }
}

impl From<MoneyError> for Error {
    fn from(error: MoneyError) -> Self {
        Self::internal(error)
    }
}
