//! The one error of everything that is parsed from people or programs.

use std::borrow::Cow;

/// A value that breaks a rule of the domain.
///
/// `message` is a whole sentence for the person who typed the value: it says what to do, and
/// never repeats a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Invalid {
    /// The field as the API and the forms name it, e.g. `name`.
    pub field: &'static str,
    /// What is wrong and what would be right.
    pub message: Cow<'static, str>,
}

impl Invalid {
    /// Says that `field` is wrong, and how to put it right.
    pub fn new(field: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { field, message: message.into() }
    }
}
