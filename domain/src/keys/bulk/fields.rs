use serde::{Deserialize, Serialize};

use super::{
    super::{Environment, KeyLimit, KeyStatus, Labels, Rules, RunningBudget, view::present},
    Rights, Verdict,
};
use crate::{TeamId, TemplateId, Timestamp, UserId, jobs::Reason};

/// All of a key that an action can change or depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFields {
    /// For trying out or for real. It never changes.
    pub environment: Environment,
    /// Where it is in its life.
    pub status: KeyStatus,
    /// Who answers for it.
    pub owner_id: Option<UserId>,
    /// Which team's it is.
    pub team_id: Option<TeamId>,
    /// What the organization noted on it.
    pub labels: Labels,
    /// Until when.
    pub expires_at: Option<Timestamp>,
    /// What it may call, and from where.
    pub rules: Rules,
    /// The template that it is by, and its version.
    pub template: Option<(TemplateId, u32)>,
    /// Since when it has its present secret. No action changes it.
    pub secret_made_at: Timestamp,
    /// From when on that should be changed.
    pub rotation_due_at: Option<Timestamp>,
    /// Its own limits by kind and endpoint, settled; none for an action that is not about them
    /// ([`BulkAction::is_about_bounds`](super::BulkAction::is_about_bounds)).
    pub limits: Vec<KeyLimit>,
    /// Its own budgets by period; none as above.
    pub budgets: Vec<RunningBudget>,
}

/// Some of a key's fields: those that were changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPatch {
    /// Where it is in its life.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<KeyStatus>,
    /// Who answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub owner_id: Option<Option<UserId>>,
    /// Which team's it is.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub team_id: Option<Option<TeamId>>,
    /// What the organization noted on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Labels>,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub expires_at: Option<Option<Timestamp>>,
    /// What it may call, and from where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Rules>,
    /// The template that it is by, and its version.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub template: Option<Option<(TemplateId, u32)>>,
    /// From when on its secret should be changed.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub rotation_due_at: Option<Option<Timestamp>>,
    /// Its own limits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Vec<KeyLimit>>,
    /// Its own budgets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budgets: Option<Vec<RunningBudget>>,
}

impl From<KeyFields> for KeyPatch {
    /// All of them: what was made of nothing.
    fn from(fields: KeyFields) -> Self {
        Self {
            status: Some(fields.status),
            owner_id: Some(fields.owner_id),
            team_id: Some(fields.team_id),
            labels: Some(fields.labels),
            expires_at: Some(fields.expires_at),
            rules: Some(fields.rules),
            template: Some(fields.template),
            rotation_due_at: Some(fields.rotation_due_at),
            limits: Some(fields.limits),
            budgets: Some(fields.budgets),
        }
    }
}

impl KeyFields {
    /// The fields in which it differs from `other`.
    pub fn unlike(&self, other: &Self) -> KeyPatch {
        fn differing<T: Clone + PartialEq>(one: &T, other: &T) -> Option<T> {
            (one != other).then(|| one.clone())
        }
        KeyPatch {
            status: differing(&self.status, &other.status),
            owner_id: differing(&self.owner_id, &other.owner_id),
            team_id: differing(&self.team_id, &other.team_id),
            labels: differing(&self.labels, &other.labels),
            expires_at: differing(&self.expires_at, &other.expires_at),
            rules: differing(&self.rules, &other.rules),
            template: differing(&self.template, &other.template),
            rotation_due_at: differing(&self.rotation_due_at, &other.rotation_due_at),
            limits: differing(&self.limits, &other.limits),
            budgets: differing(&self.budgets, &other.budgets),
        }
    }

    /// The same with these fields instead.
    #[must_use]
    pub fn patched(&self, patch: &KeyPatch) -> Self {
        Self {
            status: patch.status.unwrap_or(self.status),
            owner_id: patch.owner_id.unwrap_or(self.owner_id),
            team_id: patch.team_id.unwrap_or(self.team_id),
            labels: patch.labels.clone().unwrap_or_else(|| self.labels.clone()),
            expires_at: patch.expires_at.unwrap_or(self.expires_at),
            rules: patch.rules.clone().unwrap_or_else(|| self.rules.clone()),
            template: patch.template.unwrap_or(self.template),
            rotation_due_at: patch.rotation_due_at.unwrap_or(self.rotation_due_at),
            limits: patch.limits.clone().unwrap_or_else(|| self.limits.clone()),
            budgets: patch.budgets.clone().unwrap_or_else(|| self.budgets.clone()),
            environment: self.environment,
            secret_made_at: self.secret_made_at,
        }
    }

    /// What it comes to to take a change back: `before` is what was, and `after` what was made of it.
    /// What somebody else has changed since is theirs.
    pub fn undo(&self, before: &KeyPatch, after: &KeyPatch, rights: &Rights) -> Verdict {
        let restored = self.patched(before);
        match self.status {
            _ if !rights.manage(self) => Verdict::Skip(Reason::NotYours),
            KeyStatus::Revoked => Verdict::Skip(Reason::Revoked),
            _ if self.patched(after) != *self => Verdict::Skip(Reason::ChangedSince),
            _ if !rights.give(self, &restored) => Verdict::Skip(Reason::NotYoursToGive),
            _ => Verdict::Change(Box::new(restored)),
        }
    }
}
