//! API keys: what an application presents at the gate.

mod bulk;
mod description;
mod draft;
mod environment;
mod filter;
mod labels;
mod many;
mod order;
mod pattern;
mod reach;
mod reminder;
mod rotation;
mod rules;
mod view;

pub(crate) use bulk::counted;
pub use bulk::{
    BulkAction, BulkAnswer, BulkPreview, BulkRequest, KeyFields, KeyPatch, Rights, Selection, SkippedView, Verdict,
};
pub use description::KeyDescription;
pub use draft::{KeyBudget, KeyDraft, KeyLimit, NewKey, NewRules, RunningBudget};
pub use environment::Environment;
pub use filter::{Asked, KeyFacts, KeyFilter, KeyQuery, KeyStanding, Person, searchable};
pub use labels::Labels;
pub use many::{
    BadRow, GivenRow, KeyRow, MOST_KEYS, ManyAnswer, ManyKeys, ManyPreview, NamePattern, NamedRow, TableColumn,
};
pub use order::{GroupId, KeyColumn, KeyCursor, KeyGroup, KeySort, Ordinal, SortQuery};
pub use pattern::ModelPattern;
pub use reach::{CalledModel, Reachable};
pub use reminder::{Need, Reminder};
pub use rotation::{
    KeyRotation, LeakOutcome, LeakReport, LeakView, LeakedKey, NewRotation, Overlap, RotationView, rotation_due,
};
pub use rules::{Broken, Rules};
pub use view::{CreatedKey, ExportFormat, ExportQuery, KeyChanges, KeyView, Suggestion, SuggestionQuery};

use crate::{Invalid, Timestamp};

crate::text::line_type! {
    /// How a key is called in lists.
    KeyName, "name", 100
}

/// Where a key is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyStatus {
    /// It may call.
    Active,
    /// Switched off, and can be switched on again.
    Disabled,
    /// Ended for good.
    Revoked,
}

impl KeyStatus {
    /// The spelling in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Revoked => "revoked",
        }
    }

    /// Whether a key may go from this status to `next`. Revocation is final; to stay is allowed,
    /// so that a repeated request is not an error.
    pub fn may_become(self, next: Self) -> bool {
        self == next || self != Self::Revoked
    }
}

impl std::str::FromStr for KeyStatus {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "active" => Self::Active,
            "disabled" => Self::Disabled,
            "revoked" => Self::Revoked,
            _ => return Err(Invalid::new("status", "The statuses are active, disabled and revoked.")),
        })
    }
}

/// Why a key that is known may not call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyRefusal {
    /// Switched off.
    Disabled,
    /// Ended for good.
    Revoked,
    /// Its expiry has passed.
    Expired,
}

/// Whether a key of this status and expiry may call at `now`.
pub fn may_call(status: KeyStatus, expires_at: Option<Timestamp>, now: Timestamp) -> Result<(), KeyRefusal> {
    match status {
        KeyStatus::Revoked => Err(KeyRefusal::Revoked),
        KeyStatus::Disabled => Err(KeyRefusal::Disabled),
        KeyStatus::Active if expires_at.is_some_and(|end| end <= now) => Err(KeyRefusal::Expired),
        KeyStatus::Active => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn revocation_is_final() {
        use KeyStatus::*;
        assert!(Active.may_become(Disabled) && Disabled.may_become(Active) && Active.may_become(Revoked));
        assert!(!Revoked.may_become(Active) && !Revoked.may_become(Disabled) && Revoked.may_become(Revoked));
    }

    #[test]
    fn a_key_ends_at_its_expiry_not_after_it() {
        let at = Timestamp::from_micros(10);
        assert_eq!(may_call(KeyStatus::Active, Some(at), Timestamp::from_micros(9)), Ok(()));
        assert_eq!(may_call(KeyStatus::Active, Some(at), at), Err(KeyRefusal::Expired));
        assert_eq!(may_call(KeyStatus::Revoked, Some(at), at), Err(KeyRefusal::Revoked));
    }
}
