use serde::{Deserialize, Serialize};

use super::{Recipe, TemplateName};
use crate::{TeamId, TemplateId, Timestamp, identity::Role, keys::KeyDescription};

/// Who may make keys from a template; everyone who may create keys where both lists are empty. Those who
/// manage templates always may.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Allowed {
    /// Those with one of these roles.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub roles: Vec<Role>,
    /// The members of these teams.
    #[serde(default)]
    pub teams: Vec<TeamId>,
}

impl Allowed {
    /// Whether somebody of this role in these teams may use it.
    pub fn holds(&self, role: Role, teams: &[TeamId]) -> bool {
        let everyone = self.roles.is_empty() && self.teams.is_empty();
        everyone || self.roles.contains(&role) || self.teams.iter().any(|team| teams.contains(team))
    }
}

/// A template as the portal and the management API show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TemplateView {
    /// The template.
    pub id: TemplateId,
    /// How it is called.
    pub name: TemplateName,
    /// When to use it.
    pub description: KeyDescription,
    /// Whether it is the platform's, for every organization.
    pub platform: bool,
    /// The number of its present version.
    pub version: u32,
    /// What keys are made by, in that version.
    pub recipe: Recipe,
    /// Who may use it.
    pub allowed: Allowed,
    /// Whether your organization's form for keys begins with it.
    pub default: bool,
    /// Since when no keys are made from it any more.
    pub retired_at: Option<Timestamp>,
    /// How many of your organization's keys were made from it, in any version.
    pub keys: u64,
    /// How many of these were made from an earlier version.
    pub keys_behind: u64,
    /// Since when there is it.
    pub created_at: Timestamp,
    /// Whether you may change it.
    pub manageable: bool,
}

/// One of the versions of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TemplateVersionView {
    /// Its number, from 1.
    pub version: u32,
    /// What keys are made by.
    pub recipe: Recipe,
    /// Since when.
    pub created_at: Timestamp,
    /// Who made it, by name.
    pub created_by: String,
}

/// A template to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewTemplate {
    /// How it is called.
    pub name: TemplateName,
    /// When to use it.
    #[serde(default)]
    pub description: KeyDescription,
    /// Whether it is for every organization; platform staff make such.
    #[serde(default)]
    pub platform: bool,
    /// What keys are made by.
    pub recipe: Recipe,
    /// Who may use it.
    #[serde(default)]
    pub allowed: Allowed,
}

/// What to change. Absent stays; another recipe is a new version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TemplateChanges {
    /// Another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<TemplateName>,
    /// Other words on when to use it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<KeyDescription>,
    /// Another recipe, in place of the whole one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe: Option<Recipe>,
    /// Who may use it, in place of all who might.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Allowed>,
    /// The version that you saw: when there is a newer one, nothing is changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_version: Option<u32>,
}

/// The template that a key was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TemplateRef {
    /// The template.
    pub id: TemplateId,
    /// How it is called now.
    pub name: TemplateName,
    /// Which of its versions the key is by.
    pub version: u32,
    /// How often that version would have the key's secret changed, in days.
    pub rotate_every_days: Option<u32>,
}
