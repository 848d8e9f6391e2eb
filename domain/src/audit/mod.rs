//! The audit log: who did what to which, as a chain in which nothing can be changed unseen.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{AuditId, OrganizationId, RequestId, Timestamp};

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
    /// The entry's link: SHA-256 over the link before it and every field.
    ///
    /// Each field is preceded by its length, so that no two different entries are written alike.
    /// JSON is hashed as the text that was written: a database may not reorder what it proves.
    pub fn link(&self, previous: &[u8; 32]) -> [u8; 32] {
        let fields: [String; 12] = [
            self.id.to_string(),
            self.organization.to_string(),
            self.position.to_string(),
            self.at.micros().to_string(),
            self.actor.clone(),
            self.action.clone(),
            self.target.clone(),
            self.ip.clone().unwrap_or_default(),
            self.user_agent.clone().unwrap_or_default(),
            self.request_id.map(|r| r.to_string()).unwrap_or_default(),
            self.before.clone().unwrap_or_default(),
            self.after.clone().unwrap_or_default(),
        ];
        let mut hash = Sha256::new();
        hash.update(previous);
        for field in &fields {
            hash.update((field.len() as u64).to_be_bytes());
            hash.update(field);
        }
        hash.finalize().into()
    }
}
