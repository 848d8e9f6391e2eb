use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::AuditEntry;
use crate::{AuditId, RequestId, Timestamp};

/// An entry of the audit log as the portal and the management API show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEntryView {
    /// The entry.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// Who: `user:usr_…`, `token:tok_…` or `system:…`.
    pub actor: String,
    /// How they are called.
    pub actor_name: String,
    /// What: noun and verb, as in `key.revoked`.
    pub action: String,
    /// On what: an id.
    pub target: String,
    /// From which address. Only those who may read the audit log are told.
    pub ip: Option<String>,
    /// With which program. Only those who may read the audit log are told.
    pub user_agent: Option<String>,
    /// By which request.
    pub request_id: Option<RequestId>,
    /// What it changed, field by field.
    pub changes: Vec<AuditChange>,
    /// What the people, teams and templates in the changes are called, by id.
    pub names: BTreeMap<String, String>,
}

/// A field that was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditChange {
    /// Which; within another one behind a dot, as in `rules.models`.
    pub field: String,
    /// What was; null where there was nothing.
    pub before: Option<Value>,
    /// What is; null where there is nothing any more.
    pub after: Option<Value>,
}

impl AuditEntry {
    /// What it changed, by the names of the fields. Of something new that is all that it has, of something gone all
    /// that it had; empty lists and texts are nothing.
    pub fn changes(&self) -> Vec<AuditChange> {
        let (mut before, mut after) = (fields(self.before.as_deref()), fields(self.after.as_deref()));
        let names: BTreeSet<String> = before.keys().chain(after.keys()).cloned().collect();
        let change = |field: String| {
            let (before, after) = (before.remove(&field), after.remove(&field));
            (before != after).then_some(AuditChange { field, before, after })
        };
        names.into_iter().filter_map(change).collect()
    }
}

/// What JSON text holds, by field.
fn fields(json: Option<&str>) -> BTreeMap<String, Value> {
    let mut fields = BTreeMap::new();
    if let Some(value) = json.and_then(|json| serde_json::from_str(json).ok()) {
        flatten(String::new(), value, &mut fields);
    }
    fields
}

fn flatten(path: String, value: Value, into: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let path = if path.is_empty() { name } else { format!("{path}.{name}") };
                flatten(path, value, into);
            }
        }
        Value::Null => {}
        Value::String(text) if text.is_empty() => {}
        Value::Array(items) if items.is_empty() => {}
        // Some entries are no more than a word.
        value => {
            into.insert(if path.is_empty() { "value".to_owned() } else { path }, value);
        }
    }
}
