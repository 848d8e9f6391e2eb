//! Field readers for what a client sends: null reads as absent, a wrong type is an error.

use std::borrow::Cow;

use serde::de::{Deserializer, Error};

use super::lenient::{AnyScalar, Scalar};

/// A string or null, borrowed where the JSON holds no escapes.
pub(super) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Cow<'de, str>>, D::Error> {
    match from.deserialize_any(AnyScalar)? {
        Scalar::Text(text) => Ok(Some(text)),
        Scalar::Null => Ok(None),
        _ => Err(D::Error::custom("expected a string")),
    }
}

/// A limit or a number of things, or null.
///
/// It never reads less than was written, since money is held by it: fractions go up and absurd
/// numbers saturate. Negative ones mean "no limit" to several inference servers and read as absent.
pub(super) fn count<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    match from.deserialize_any(AnyScalar)? {
        Scalar::Whole(number) => Ok(Some(number)),
        Scalar::Float(number) => Ok(Some(number.ceil() as u64)),
        Scalar::Negative | Scalar::Null => Ok(None),
        _ => Err(D::Error::custom("expected a number")),
    }
}

/// A boolean; null reads as false.
pub(super) fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    match from.deserialize_any(AnyScalar)? {
        Scalar::Flag(flag) => Ok(flag),
        Scalar::Null => Ok(false),
        _ => Err(D::Error::custom("expected a boolean")),
    }
}
