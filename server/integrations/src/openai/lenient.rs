//! Field readers for what an upstream sends: whatever cannot be understood reads as absent.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A string, borrowed where the JSON holds no escapes. Anything else reads as absent.
///
/// serde's own `Option<Cow<str>>` always copies, which is why this exists at all.
pub(super) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Cow<'de, str>>, D::Error> {
    Ok(match from.deserialize_any(AnyScalar)? {
        Scalar::Text(text) => Some(text),
        _ => None,
    })
}

/// A count of something: whole and not negative. A negative number reads as zero, a fraction is
/// cut, an absurd one saturates, anything else reads as absent.
pub(super) fn count<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    Ok(match from.deserialize_any(AnyScalar)? {
        Scalar::Whole(number) => Some(number),
        Scalar::Negative => Some(0),
        // A float to integer cast saturates and turns NaN into zero.
        Scalar::Float(number) => Some(number as u64),
        _ => None,
    })
}

/// A count where an absent one means zero.
pub(super) fn count_or_zero<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    Ok(count(from)?.unwrap_or_default())
}

/// What a single JSON value can be, as far as anyone here cares.
pub(super) enum Scalar<'de> {
    Text(Cow<'de, str>),
    Whole(u64),
    Negative,
    Float(f64),
    Flag(bool),
    Null,
    Compound,
}

/// Reads any JSON value, throwing away what is inside arrays and objects.
pub(super) struct AnyScalar;

impl<'de> Visitor<'de> for AnyScalar {
    type Value = Scalar<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any JSON value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Scalar::Whole(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(u64::try_from(number).map_or(Scalar::Negative, Scalar::Whole))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(if number < 0.0 { Scalar::Negative } else { Scalar::Float(number) })
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Scalar::Flag(flag))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Scalar::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Compound)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Compound)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Row<'a> {
        #[serde(borrow, default, deserialize_with = "text")]
        text: Option<Cow<'a, str>>,
        #[serde(default, deserialize_with = "count")]
        count: Option<u64>,
    }

    fn count_of(json: &str) -> Option<u64> {
        serde_json::from_str::<Row<'_>>(&format!(r#"{{"count":{json}}}"#)).unwrap().count
    }

    #[test]
    fn plain_text_is_borrowed_and_escaped_text_copied() {
        let row: Row<'_> = serde_json::from_str(r#"{"text":"plain"}"#).unwrap();
        assert!(matches!(row.text, Some(Cow::Borrowed("plain"))));
        let row: Row<'_> = serde_json::from_str(r#"{"text":"a\nb"}"#).unwrap();
        assert!(matches!(row.text, Some(Cow::Owned(ref text)) if text == "a\nb"));
    }

    #[test]
    fn what_is_not_text_reads_as_absent() {
        for json in ["null", "1", "-1", "1.5", "true", "[1,[2]]", r#"{"a":{"b":[]}}"#] {
            let json = format!(r#"{{"text":{json},"count":7}}"#);
            let row: Row<'_> = serde_json::from_str(&json).unwrap();
            assert_eq!((row.text, row.count), (None, Some(7)), "{json}");
        }
    }

    #[test]
    fn absurd_counts_never_panic_and_never_wrap() {
        assert_eq!(count_of("12"), Some(12));
        assert_eq!(count_of("12.9"), Some(12));
        assert_eq!(count_of("-5"), Some(0));
        assert_eq!(count_of("-0.5"), Some(0));
        assert_eq!(count_of("18446744073709551615"), Some(u64::MAX));
        assert_eq!(count_of("1e300"), Some(u64::MAX));
        assert_eq!(count_of("-9223372036854775809"), Some(0));
        for json in ["null", "\"12\"", "true", "[]", "{}"] {
            assert_eq!(count_of(json), None, "{json}");
        }
    }
}
