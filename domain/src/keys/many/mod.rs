//! Many keys to make at once: alike, but for what is each one's own.

mod names;
mod rows;
mod table;
mod view;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use names::NamePattern;
pub use rows::{GivenRow, KeyRow, NamedRow};
pub use table::TableColumn;
pub use view::{BadRow, ManyAnswer, ManyPreview};

use super::{Environment, KeyBudget, KeyDescription, KeyDraft, KeyLimit, Labels, NewRules, view::present};
use crate::{Invalid, TeamId, TemplateId, Timestamp, UserId};

/// How many keys can be made at once.
pub const MOST_KEYS: usize = 10_000;

/// Many keys to make, which are named by exactly one of `pattern`, `keys` and `csv`. All else holds for each, unless its
/// row says otherwise, as it does when one key is made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ManyKeys {
    /// The template that they are made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_id: Option<TemplateId>,
    /// Which of its versions; the present one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_version: Option<u32>,
    /// What they are for.
    #[serde(default, skip_serializing_if = "KeyDescription::is_empty")]
    pub description: KeyDescription,
    /// For trying out or for real. Needed without a template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// Who answers for them, a member of the organization; you when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<UserId>,
    /// The team that their calls count for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team_id: Option<TeamId>,
    /// Notes on them. A row's labels are added; one of the same name is the row's.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, String>))]
    pub labels: Labels,
    /// Until when; `null` for no end, as when absent without a template.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Timestamp>))]
    pub expires_at: Option<Option<Timestamp>>,
    /// What they may call, and from where.
    #[serde(default, skip_serializing_if = "NewRules::is_empty")]
    pub rules: NewRules,
    /// Rate limits, each key's own. Without a template, for those who may set limits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Vec<KeyLimit>>,
    /// A budget, each key's own; `null` for none. Without a template, for those who may set budgets.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<KeyBudget>))]
    pub budget: Option<Option<KeyBudget>>,
    /// Names that differ by a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<NamePattern>,
    /// Or the keys one by one, at most 10,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_items = 10000))]
    pub keys: Option<Vec<KeyRow>>,
    /// Or a table of them as CSV. Its first line names its columns: `name`, and perhaps `description`, `labels` (`a=b;c=d`),
    /// `owner` (an e-mail address), `team` (a name or an id) and `expires` (a date).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(example = "name,owner,labels\ncheckout-eu,mara@example.com,region=eu"))]
    pub csv: Option<String>,
    /// Only say what would be made.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
}

impl ManyKeys {
    /// The keys that it names, in their order. What is wrong with one is said of it alone.
    ///
    /// # Errors
    /// When they are named in no way or in several, can't be told apart from each other at all, or are too many.
    pub fn rows(&self) -> Result<Vec<GivenRow>, Invalid> {
        let rows = match (&self.pattern, &self.keys, &self.csv) {
            (Some(pattern), None, None) => {
                pattern.names()?.into_iter().map(KeyRow::named).zip(1..).map(GivenRow::right).collect()
            }
            (None, Some(keys), None) => keys.iter().cloned().zip(1..).map(GivenRow::right).collect(),
            (None, None, Some(text)) => table::rows(text)?,
            (None, None, None) => {
                return Err(Invalid::new("pattern", "Say which keys: give a pattern, keys or csv."));
            }
            _ => return Err(Invalid::new("pattern", "Give only one of pattern, keys and csv.")),
        };
        let Some(field) = self.named_by() else { return Ok(rows) };
        match rows.len() {
            0 => Err(Invalid::new(field, "Name at least one key.")),
            1..=MOST_KEYS => Ok(rows),
            many => Err(Invalid::new(field, format!("These are {many} keys. Make at most 10,000 at once."))),
        }
    }

    /// The field that names the keys.
    pub const fn named_by(&self) -> Option<&'static str> {
        match (&self.pattern, &self.keys, &self.csv) {
            (Some(_), ..) => Some("pattern"),
            (_, Some(_), _) => Some("keys"),
            (.., Some(_)) => Some("csv"),
            _ => None,
        }
    }

    /// What one key is to be made of.
    ///
    /// # Errors
    /// When it would have too many labels.
    pub fn draft(&self, row: &KeyRow) -> Result<KeyDraft, Invalid> {
        let mut labels = BTreeMap::from(self.labels.clone());
        labels.extend(BTreeMap::from(row.labels.clone()));
        Ok(KeyDraft {
            template_id: self.template_id,
            name: row.name.clone(),
            description: row.description.clone().unwrap_or_else(|| self.description.clone()),
            environment: self.environment,
            owner_id: row.owner_id.or(self.owner_id),
            team_id: row.team_id.or(self.team_id),
            labels: labels.try_into()?,
            expires_at: row.expires_at.or(self.expires_at),
            rules: self.rules.clone(),
            limits: self.limits.clone(),
            budget: self.budget,
        })
    }

    /// What all of them have in common, without the keys that were named one by one.
    #[must_use]
    pub fn common(&self) -> Self {
        let mut common = Self { keys: None, csv: None, ..self.clone() };
        common.dry_run = false;
        common
    }
}

#[cfg(test)]
mod tests;
