use serde::{Deserialize, Serialize};

use super::{Environment, KeyDescription, KeyName, KeyStatus, Labels, RotationView, Rules};
use crate::{
    Currency, Invalid, KeyId, Money, TeamId, Timestamp, UserId, identity::PersonName, teams::TeamName,
    templates::TemplateRef,
};

/// A key as the portal and the management API show it. The secret is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyView {
    /// The key.
    pub id: KeyId,
    /// How it is called.
    pub name: KeyName,
    /// What it is for.
    pub description: KeyDescription,
    /// For trying out or for real.
    pub environment: Environment,
    /// Where it is in its life.
    pub status: KeyStatus,
    /// What the secret starts with.
    pub prefix: String,
    /// What the secret ends with.
    pub last_four: String,
    /// Who answers for it.
    pub owner_id: Option<UserId>,
    /// How they are called.
    pub owner_name: Option<PersonName>,
    /// The team that its calls count for.
    pub team_id: Option<TeamId>,
    /// How it is called.
    pub team_name: Option<TeamName>,
    /// Who made it, by name.
    pub created_by: String,
    /// What the organization noted on it.
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::BTreeMap<String, String>))]
    pub labels: Labels,
    /// What it may call, and from where.
    pub rules: Rules,
    /// The template that it was made from or is held to.
    pub template: Option<TemplateRef>,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when.
    pub expires_at: Option<Timestamp>,
    /// When its last metered call was admitted.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// Since when it has its present secret.
    pub secret_made_at: Timestamp,
    /// From when on that should be changed; absent when nobody wants it to be.
    pub rotation_due_at: Option<Timestamp>,
    /// The secret that it had before, while that is still good.
    pub rotation: Option<RotationView>,
    /// Calls since midnight in the organization's time zone.
    pub calls_today: u64,
    /// What they cost.
    pub cost_today: Money,
    /// Calls in the last 30 days.
    pub calls_30d: u32,
    /// Those of them that failed.
    pub errors_30d: u32,
    /// What they cost.
    pub cost_30d: Money,
    /// The currency of every cost.
    pub currency: Currency,
    /// Whether you may change it.
    pub manageable: bool,
}

impl KeyView {
    /// Whether its secret should be changed by now.
    pub fn is_rotation_due(&self, now: Timestamp) -> bool {
        self.status != KeyStatus::Revoked && self.rotation_due_at.is_some_and(|due| due <= now)
    }
}

/// A key at the one moment at which its secret is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedKey {
    /// The key.
    #[serde(flatten)]
    pub key: KeyView,
    /// The secret. Shown this once; a replayed answer has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// What to change. Absent stays; `null` removes the end, the owner or the team.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyChanges {
    /// A new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<KeyName>,
    /// Other words on what it is for; empty for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<KeyDescription>,
    /// Another owner: a member of the organization. Only those who manage every key may name somebody else
    /// than themselves, or nobody.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<UserId>))]
    pub owner_id: Option<Option<UserId>>,
    /// Another team. Those who do not manage every key may name a team of their own.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<TeamId>))]
    pub team_id: Option<Option<TeamId>>,
    /// Other notes, in place of all there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<std::collections::BTreeMap<String, String>>))]
    pub labels: Option<Labels>,
    /// Another end.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Timestamp>))]
    pub expires_at: Option<Option<Timestamp>>,
    /// Other rules, in place of all there are; `{}` for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<Rules>,
}

/// Tells `null` apart from absent.
pub(super) fn present<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

spelled! {
    /// As what keys are exported.
    ExportFormat as "format" {
        /// A table for spreadsheets.
        Csv = "csv",
        /// One JSON object a line.
        Json = "json",
    }
}

/// How keys are exported.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
pub struct ExportQuery {
    /// `csv` or `json`; `csv` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Ids of keys with commas between them; all that match the filters when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ids: Option<String>,
}

impl ExportQuery {
    /// The format.
    ///
    /// # Errors
    /// When it is none.
    pub fn format(&self) -> Result<ExportFormat, Invalid> {
        self.format.as_deref().filter(|format| !format.is_empty()).map_or(Ok(ExportFormat::Csv), str::parse)
    }

    /// The keys that are named.
    ///
    /// # Errors
    /// When one is no key's id.
    pub fn ids(&self) -> Result<Vec<KeyId>, Invalid> {
        let ids = self.ids.as_deref().unwrap_or("").split(',').map(str::trim).filter(|id| !id.is_empty());
        ids.map(str::parse).collect::<Result<_, _>>().map_err(|invalid| Invalid { field: "ids", ..invalid })
    }
}

/// For which filter of keys values are to be suggested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
pub struct SuggestionQuery {
    /// `q` (keys by name), `owner`, `team`, `label`, `template` or `model`.
    pub field: String,
    /// What was typed so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
}

/// A value that a filter can be given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Suggestion {
    /// As the filter takes it.
    pub value: String,
    /// For people.
    pub label: String,
}

impl Suggestion {
    /// One of them.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_and_absent_are_told_apart() {
        let changes = |json| serde_json::from_str::<KeyChanges>(json).unwrap().expires_at;
        assert_eq!(changes("{}"), None);
        assert_eq!(changes(r#"{"expires_at":null}"#), Some(None));
        assert!(changes(r#"{"expires_at":"2027-01-01T00:00:00Z"}"#).unwrap().is_some());
        assert!(serde_json::from_str::<KeyChanges>(r#"{"status":"active"}"#).is_err());
    }
}
