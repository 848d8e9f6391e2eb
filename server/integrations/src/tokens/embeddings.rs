//! Counting what is to be embedded.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{Family, count};

/// How many tokens an embeddings request's input is: the tokens of its strings, and one for each
/// token id where it comes already encoded.
///
/// The input is walked, never collected: a million ids take no memory.
#[must_use]
pub fn count_embeddings_input(family: Family, input: &RawValue) -> u64 {
    let mut json = serde_json::Deserializer::from_str(input.get());
    // What cannot be walked (a lone surrogate in a string) is counted as the text it is.
    Input(family).deserialize(&mut json).unwrap_or_else(|_| count(family, input.get()))
}

#[derive(Clone, Copy)]
struct Input(Family);

impl<'de> DeserializeSeed<'de> for Input {
    type Value = u64;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<u64, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Input {
    type Value = u64;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("text or token ids")
    }

    fn visit_str<E>(self, text: &str) -> Result<u64, E> {
        Ok(count(self.0, text))
    }

    fn visit_u64<E>(self, _id: u64) -> Result<u64, E> {
        Ok(1)
    }

    fn visit_i64<E>(self, _id: i64) -> Result<u64, E> {
        Ok(1)
    }

    fn visit_f64<E>(self, _id: f64) -> Result<u64, E> {
        Ok(1)
    }

    fn visit_bool<E>(self, _odd: bool) -> Result<u64, E> {
        Ok(0)
    }

    fn visit_unit<E>(self) -> Result<u64, E> {
        Ok(0)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<u64, A::Error> {
        let mut sum = 0;
        while let Some(tokens) = items.next_element_seed(self)? {
            sum += tokens;
        }
        Ok(sum)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<u64, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(json: &str) -> u64 {
        count_embeddings_input(Family::Cl100k, &RawValue::from_string(json.to_owned()).unwrap())
    }

    #[test]
    fn every_form_of_input_is_counted() {
        assert_eq!(tokens(r#""tiktoken is great!""#), 6);
        assert_eq!(tokens(r#"["tiktoken is great!","tiktoken is great!"]"#), 12);
        assert_eq!(tokens("[1,2,3]"), 3);
        assert_eq!(tokens("[[1,2,3],[4]]"), 4);
    }

    #[test]
    fn odd_input_is_survived() {
        for json in ["null", "{}", "[]", "true", "[null,{\"a\":[1]}]"] {
            assert_eq!(tokens(json), 0, "{json}");
        }
        assert!(tokens(r#""\ud800 broken""#) > 0);
        assert!(tokens(&format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))) > 0);
    }
}
