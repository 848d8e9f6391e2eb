//! The audit log: who did what to which, as a chain in which nothing can be changed unseen.

mod view;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use self::view::{AuditChange, AuditEntryView};
use crate::{AuditId, KeyId, OrganizationId, RequestId, Timestamp, budgets::Scope};

/// One entry. `before` and `after` hold what changed, with secrets left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// The entry.
    pub id: AuditId,
    /// Whose log it stands in.
    pub organization: OrganizationId,
    /// Its place in that log, from 1 without gaps.
    pub position: i64,
    /// When.
    pub at: Timestamp,
    /// Who: `user:usr_…`, `token:tok_…` or `system:…`.
    pub actor: String,
    /// What: noun and verb, e.g. `key.revoked`.
    pub action: String,
    /// On what: a prefixed id.
    pub target: String,
    /// From which address.
    pub ip: Option<String>,
    /// With which program.
    pub user_agent: Option<String>,
    /// By which request.
    pub request_id: Option<RequestId>,
    /// What was: JSON text, exactly as it was written.
    pub before: Option<String>,
    /// What is: JSON text, exactly as it was written.
    pub after: Option<String>,
}

/// The hash that the first entry of a log follows.
pub const GENESIS: [u8; 32] = [0; 32];

impl AuditEntry {
    /// The key in whose history it stands as well, where its target is another: a limit's or a budget's entry says
    /// whom that bounds.
    pub fn about(&self) -> Option<KeyId> {
        #[derive(Deserialize)]
        struct Bound {
            scope: Option<Scope>,
            key: Option<KeyId>,
        }
        if !self.action.starts_with("limit.") && !self.action.starts_with("budget.") {
            return None;
        }
        let bound: Bound = serde_json::from_str(self.after.as_deref().or(self.before.as_deref())?).ok()?;
        match bound.scope {
            Some(Scope::Key(key)) => Some(key),
            Some(_) => None,
            None => bound.key,
        }
    }

    /// The entry's link: SHA-256 over the link before it and every field.
    ///
    /// Each field is preceded by whether it is there and by its length, so that no two different
    /// entries are written alike. JSON is hashed as the text that was written: a database may not
    /// reorder what it proves.
    pub fn link(&self, previous: &[u8; 32]) -> [u8; 32] {
        let text = |value: &dyn ToString| Some(value.to_string());
        let fields: [Option<String>; 12] = [
            text(&self.id),
            text(&self.organization),
            text(&self.position),
            text(&self.at.micros()),
            text(&self.actor),
            text(&self.action),
            text(&self.target),
            self.ip.clone(),
            self.user_agent.clone(),
            self.request_id.map(|id| id.to_string()),
            self.before.clone(),
            self.after.clone(),
        ];
        let mut hash = Sha256::new();
        hash.update(previous);
        for field in &fields {
            let text = field.as_deref().unwrap_or_default();
            hash.update([u8::from(field.is_some())]);
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        }
        hash.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn entry() -> AuditEntry {
        AuditEntry {
            id: AuditId::from_uuid(Uuid::from_u128(1)),
            organization: OrganizationId::from_uuid(Uuid::from_u128(2)),
            position: 1,
            at: Timestamp::from_micros(3),
            actor: "user:a".into(),
            action: "key.created".into(),
            target: "key_b".into(),
            ip: None,
            user_agent: None,
            request_id: None,
            before: None,
            after: None,
        }
    }

    #[test]
    fn every_field_and_every_absence_is_in_the_link() {
        let link = entry().link(&GENESIS);
        let changes: [fn(&mut AuditEntry); 8] = [
            |e| e.position = 2,
            |e| e.at = Timestamp::from_micros(4),
            |e| e.actor = "user:".into(),
            |e| e.target = "akey_b".into(),
            |e| e.ip = Some(String::new()),
            |e| e.user_agent = Some(String::new()),
            |e| e.before = Some(String::new()),
            |e| e.after = Some("{}".into()),
        ];
        for change in changes {
            let mut changed = entry();
            change(&mut changed);
            assert_ne!(changed.link(&GENESIS), link, "{changed:?}");
        }
        assert_ne!(entry().link(&[1; 32]), link);
    }

    #[test]
    fn a_limit_or_budget_of_a_key_is_about_that_key() {
        let key = KeyId::from_uuid(Uuid::from_u128(7));
        let about =
            |action: &str, json: String| AuditEntry { action: action.into(), before: Some(json), ..entry() }.about();
        let scope = format!(r#"{{"scope":{{"key":"{key}"}},"amount":5}}"#);
        assert_eq!(about("limit.deleted", scope.clone()), Some(key));
        assert_eq!(about("budget.deleted", format!(r#"{{"key":"{key}"}}"#)), Some(key));
        assert_eq!(about("template.created", scope), None);
        let team = crate::TeamId::from_uuid(Uuid::from_u128(8));
        assert_eq!(about("limit.updated", format!(r#"{{"scope":{{"team":"{team}"}}}}"#)), None);
    }

    #[test]
    fn what_changed_is_told_field_by_field() {
        let changes = |before: Option<&str>, after: Option<&str>| {
            let entry = AuditEntry { before: before.map(Into::into), after: after.map(Into::into), ..entry() };
            let told = |c: AuditChange| {
                format!("{} {:?} {:?}", c.field, c.before.map(|v| v.to_string()), c.after.map(|v| v.to_string()))
            };
            entry.changes().into_iter().map(told).collect::<Vec<_>>()
        };
        let before =
            r#"{"name":"a","status":"active","owner":null,"labels":{"tier":"1"},"rules":{"models":[],"ips":[]}}"#;
        let after =
            r#"{"name":"a","status":"disabled","owner":"u","labels":{},"rules":{"models":["gpt-4o"],"ips":[]}}"#;
        assert_eq!(
            changes(Some(before), Some(after)),
            [
                r#"labels.tier Some("\"1\"") None"#,
                r#"owner None Some("\"u\"")"#,
                r#"rules.models None Some("[\"gpt-4o\"]")"#,
                r#"status Some("\"active\"") Some("\"disabled\"")"#,
            ]
        );
        assert_eq!(changes(None, Some(r#"{"name":"a","owner":null}"#)), [r#"name None Some("\"a\"")"#]);
        assert_eq!(changes(None, Some(r#""a word""#)), [r#"value None Some("\"a word\"")"#]);
        assert!(changes(None, None).is_empty() && changes(None, Some("no json")).is_empty());
    }
}
