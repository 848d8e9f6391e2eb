//! Strings of a length or a format.

use serde_json::{Map, Value};

use crate::sandbox::seed::Numbers;

/// The longest string that is made, whatever the schema demands.
const MAX_LENGTH: usize = 4_096;

const WORDS: &[&str] = &[
    "amber", "bridge", "cedar", "delta", "ember", "fjord", "garnet", "harbor", "indigo", "juniper", "kestrel",
    "lantern",
];

/// A string of the rules' format and length.
pub(super) fn sample(rules: &Map<String, Value>, numbers: &mut Numbers) -> String {
    if let Some(fixed) = rules.get("format").and_then(Value::as_str).and_then(of_format) {
        return fixed.to_owned();
    }
    let bound = |name| rules.get(name).and_then(Value::as_u64);
    let least = bound("minLength").map_or(0, |length| length.min(MAX_LENGTH as u64) as usize);
    let most = bound("maxLength").map_or(MAX_LENGTH, |length| length.min(MAX_LENGTH as u64) as usize);
    let mut text = word(numbers).to_owned();
    while text.len() < least {
        text.push(' ');
        text.push_str(word(numbers));
    }
    // Every word is ASCII, so lengths in bytes and in characters are the same.
    text.truncate(most.min(text.len()).max(least.min(most)));
    text
}

fn word(numbers: &mut Numbers) -> &'static str {
    numbers.pick(WORDS).copied().unwrap_or_default()
}

/// The same example every time: formats are rarely what a test is about.
fn of_format(format: &str) -> Option<&'static str> {
    Some(match format {
        "date-time" => "2025-01-01T00:00:00Z",
        "date" => "2025-01-01",
        "time" => "00:00:00Z",
        "duration" => "PT1H",
        "email" | "idn-email" => "someone@example.com",
        "hostname" | "idn-hostname" => "example.com",
        "ipv4" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        "uri" | "url" | "iri" => "https://example.com/",
        "uuid" => "01941f29-7c00-7aaa-8aaa-aaaaaaaaaaaa",
        _ => return None,
    })
}
