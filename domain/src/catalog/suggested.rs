//! What makers of well-known models are known to charge. Only ever a suggestion to confirm or edit.

use super::NewRates;

/// Model, then dollars per million tokens: input, cached input (empty for none), output.
///
/// Source: OpenAI's public price list (<https://platform.openai.com/docs/pricing>), standard tier.
const LIST: &[(&str, &str, &str, &str)] = &[
    ("gpt-5", "1.25", "0.125", "10"),
    ("gpt-5-mini", "0.25", "0.025", "2"),
    ("gpt-5-nano", "0.05", "0.005", "0.4"),
    ("gpt-4.1", "2", "0.5", "8"),
    ("gpt-4.1-mini", "0.4", "0.1", "1.6"),
    ("gpt-4.1-nano", "0.1", "0.025", "0.4"),
    ("gpt-4o", "2.5", "1.25", "10"),
    ("gpt-4o-mini", "0.15", "0.075", "0.6"),
    ("o3", "2", "0.5", "8"),
    ("o3-mini", "1.1", "0.55", "4.4"),
    ("o4-mini", "1.1", "0.275", "4.4"),
    ("gpt-4-turbo", "10", "", "30"),
    ("gpt-3.5-turbo", "0.5", "", "1.5"),
    ("text-embedding-3-small", "0.02", "", "0"),
    ("text-embedding-3-large", "0.13", "", "0"),
    ("text-embedding-ada-002", "0.1", "", "0"),
];

/// The list price of a model by its provider's name for it; a dated snapshot such as
/// `gpt-4o-2024-08-06` has its model's.
pub fn suggested_rates(upstream_id: &str) -> Option<NewRates> {
    let is_dated = |rest: &str| {
        rest.len() == 11 && rest.starts_with('-') && rest[1..].bytes().all(|b| b.is_ascii_digit() || b == b'-')
    };
    let matches = |name: &str| upstream_id.strip_prefix(name).is_some_and(|rest| rest.is_empty() || is_dated(rest));
    let (_, input, cached, output) = LIST.iter().find(|(name, ..)| matches(name))?;
    Some(NewRates {
        input: (*input).to_owned(),
        cached_input: Some((*cached).to_owned()).filter(|c| !c.is_empty()),
        output: (*output).to_owned(),
        ..NewRates::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_suggestion_is_a_price() {
        for (name, ..) in LIST {
            assert!(suggested_rates(name).unwrap().parse().is_ok(), "{name}");
        }
    }

    #[test]
    fn a_snapshot_has_its_models_price_and_a_relative_does_not() {
        assert_eq!(suggested_rates("gpt-4o-2024-08-06"), suggested_rates("gpt-4o"));
        assert_ne!(suggested_rates("gpt-4o-mini"), suggested_rates("gpt-4o"));
        assert_eq!(suggested_rates("gpt-4o-audio-preview"), None);
    }
}
