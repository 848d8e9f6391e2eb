//! What was done to a key, in plain words. On the server only.

use domain::{
    Timestamp,
    audit::{AuditChange, AuditEntryView},
};
use serde_json::Value;

use super::trail::TrailRow;
use crate::server::Calendar;

/// How much of one value is told.
const LONGEST: usize = 120;

/// An entry of the audit log as the page of its key shows it.
pub(super) fn row(entry: &AuditEntryView, calendar: &Calendar) -> TrailRow {
    TrailRow {
        id: entry.id.to_string(),
        at: calendar.moment(entry.at),
        who: entry.actor_name.clone(),
        from: entry.ip.clone(),
        what: action(&entry.action),
        changes: entry.changes.iter().filter_map(|change| line(change, entry, calendar)).collect(),
    }
}

/// What was done, in a few words; a deed that has none here is told by its name.
fn action(name: &str) -> String {
    let words = match name {
        "key.created" => "Created the key",
        "key.updated" => "Changed the key",
        "key.enabled" => "Enabled the key",
        "key.disabled" => "Disabled the key",
        "key.revoked" => "Revoked the key",
        "key.rotated" => "Gave it a new secret",
        "key.rotation_ended" => "Ended the old secret",
        "key.leak_revoked" => "Revoked it, because its secret leaked",
        "key.leak_rotation_ended" => "Ended the old secret, because it leaked",
        "limit.created" => "Set a limit",
        "limit.updated" => "Changed a limit",
        "limit.deleted" => "Deleted a limit",
        "budget.created" => "Set a budget",
        "budget.updated" => "Changed a budget",
        "budget.deleted" => "Deleted a budget",
        _ => return title(&name.replace('.', " ")),
    };
    words.to_owned()
}

/// A change as `Models: gpt-4o → gpt-4o*`, or what there is from the beginning as `Models: gpt-4o`.
fn line(change: &AuditChange, entry: &AuditEntryView, calendar: &Calendar) -> Option<String> {
    let field = match change.field.as_str() {
        // That it is about this key goes without saying.
        "scope.key" | "key" => return None,
        "expires_at" => "Ends".to_owned(),
        "old_ends_at" => "The old secret ends".to_owned(),
        "last_four" => "Its secret ends with".to_owned(),
        "old_last_four" => "The old secret ends with".to_owned(),
        field => match field.strip_prefix("labels.") {
            Some(label) => format!("Label {label}"),
            None => title(field.strip_prefix("rules.").unwrap_or(field)),
        },
    };
    let words = |value: &Option<Value>| value.as_ref().map(|value| short(&words(value, entry, calendar)));
    Some(match (words(&change.before), words(&change.after)) {
        (None, None) => return None,
        (None, Some(after)) => format!("{field}: {after}"),
        (Some(before), None) => format!("{field}: {before} → none"),
        (Some(before), Some(after)) => format!("{field}: {before} → {after}"),
    })
}

fn words(value: &Value, entry: &AuditEntryView, calendar: &Calendar) -> String {
    match value {
        Value::String(text) => match (entry.names.get(text), text.parse::<Timestamp>()) {
            (Some(name), _) => name.clone(),
            // A name may look like a date, but not like a time.
            (None, Ok(at)) if text.contains('T') => calendar.moment(at).exact,
            _ => text.clone(),
        },
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Array(items) => items.iter().map(|item| words(item, entry, calendar)).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

fn short(words: &str) -> String {
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// A field's name as a title: `expires_at` as `Expires at`.
fn title(name: &str) -> String {
    let words = name.replace(['_', '.'], " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
