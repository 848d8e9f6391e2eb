//! What is done to many keys at once. What an action does to a key is decided here and nowhere else,
//! so that a dry run can't differ from the run.

mod bounds;
mod fields;
mod request;
mod rights;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use fields::{KeyFields, KeyPatch};
pub use request::{BulkAnswer, BulkPreview, BulkRequest, Selection, SkippedView};
pub use rights::Rights;

use super::{KeyBudget, KeyLimit, KeyStatus, Labels};
use crate::{
    Invalid, TeamId, TemplateId, Timestamp, UserId,
    budgets::{self, Period},
    jobs::Reason,
    limits,
    templates::Recipe,
};

/// What to do to each key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum BulkAction {
    /// Switches it on again.
    Enable,
    /// Switches it off until it is enabled.
    Disable,
    /// Ends it for good.
    Revoke,
    /// Moves its expiry later.
    ExtendExpiry {
        /// To then.
        expires_at: Timestamp,
    },
    /// Makes somebody else answer for it.
    SetOwner {
        /// A member of the organization.
        owner_id: UserId,
    },
    /// Moves it to a team, or out of its team.
    SetTeam {
        /// The team; null for none.
        #[serde(deserialize_with = "Option::deserialize")]
        #[cfg_attr(feature = "openapi", schema(required))]
        team_id: Option<TeamId>,
    },
    /// Adds labels; one of the same name is replaced.
    AddLabels {
        /// At least one.
        #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, String>))]
        labels: Labels,
    },
    /// Takes labels away.
    RemoveLabels {
        /// Their names, at least one.
        names: Vec<String>,
    },
    /// Holds it to a template: what the template locks becomes as it is there, its own limits and budget
    /// included. An end is only brought nearer.
    ApplyTemplate {
        /// The template.
        template_id: TemplateId,
        /// Which of its versions; the present one when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        version: Option<u32>,
    },
    /// Asks for its rotation: it is due from now on, until somebody collects a new secret. The key goes on.
    Rotate,
    /// Sets a limit of its own, in place of one for the same calls and of the same kind.
    SetLimit(KeyLimit),
    /// Takes away all limits of its own.
    RemoveLimits,
    /// Sets a budget of its own, in place of one for the same period, which goes on with what was spent of it.
    SetBudget(KeyBudget),
    /// Takes away what budget it has of its own, for whatever period.
    RemoveBudget,
    /// Deletes it, if it is revoked. Its calls stay in the books.
    DeleteRevoked,
}

/// What an action comes to for one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It becomes this.
    Change(Box<KeyFields>),
    /// It goes.
    Remove,
    /// It stays as it is.
    Skip(Reason),
}

impl BulkAction {
    /// Refuses what could do nothing to any key.
    ///
    /// # Errors
    /// When the expiry is in the past, there are no labels, or a limit or a budget can't be.
    pub fn check(&self, now: Timestamp) -> Result<(), Invalid> {
        match self {
            Self::ExtendExpiry { expires_at } if *expires_at <= now => {
                Err(Invalid::new("expires_at", "The expiry must be in the future."))
            }
            Self::AddLabels { labels } if labels.is_empty() => Err(Invalid::new("labels", "Give at least one label.")),
            Self::RemoveLabels { names } if names.is_empty() => {
                Err(Invalid::new("names", "Name at least one label to remove."))
            }
            Self::SetLimit(KeyLimit { kind, amount, burst, .. }) => limits::checked(*kind, *amount, *burst).map(drop),
            Self::SetBudget(budget) => budgets::amount(budget.amount).map(drop),
            _ => Ok(()),
        }
    }

    /// Whether it changes limits and budgets of a key's own, so that they must be known to decide.
    pub const fn is_about_bounds(&self) -> bool {
        matches!(
            self,
            Self::ApplyTemplate { .. }
                | Self::SetLimit(_)
                | Self::RemoveLimits
                | Self::SetBudget(_)
                | Self::RemoveBudget
        )
    }

    /// What it comes to for a key that is so now, when somebody with these rights asks.
    /// `recipe` is that of the template that it names.
    pub fn decide(&self, key: &KeyFields, rights: &Rights, recipe: Option<&Recipe>, now: Timestamp) -> Verdict {
        if !rights.manage(key) {
            return Verdict::Skip(Reason::NotYours);
        }
        match (self, key.status) {
            (Self::DeleteRevoked, KeyStatus::Revoked) => Verdict::Remove,
            (Self::DeleteRevoked, _) => Verdict::Skip(Reason::NotRevoked),
            (Self::Revoke, KeyStatus::Revoked) => Verdict::Skip(Reason::AlreadyRevoked),
            (_, KeyStatus::Revoked) => Verdict::Skip(Reason::Revoked),
            (Self::Enable, KeyStatus::Active) => Verdict::Skip(Reason::AlreadyActive),
            (Self::Disable, KeyStatus::Disabled) => Verdict::Skip(Reason::AlreadyDisabled),
            _ => match self.change(key, recipe, now) {
                Ok(changed) if !rights.give(key, &changed) => Verdict::Skip(Reason::NotYoursToGive),
                Ok(changed) => Verdict::Change(Box::new(changed)),
                Err(reason) => Verdict::Skip(reason),
            },
        }
    }

    /// What a key that is not revoked becomes.
    fn change(&self, key: &KeyFields, recipe: Option<&Recipe>, now: Timestamp) -> Result<KeyFields, Reason> {
        let key = key.clone();
        Ok(match self {
            Self::Enable => KeyFields { status: KeyStatus::Active, ..key },
            Self::Disable => KeyFields { status: KeyStatus::Disabled, ..key },
            Self::Revoke => KeyFields { status: KeyStatus::Revoked, ..key },
            Self::ExtendExpiry { expires_at } => match key.expires_at {
                _ if *expires_at <= now => return Err(Reason::InThePast),
                None => return Err(Reason::NeverExpires),
                Some(end) if end >= *expires_at => return Err(Reason::ExpiresLater),
                Some(_) => KeyFields { expires_at: Some(*expires_at), ..key },
            },
            Self::SetOwner { owner_id } if key.owner_id == Some(*owner_id) => return Err(Reason::SameOwner),
            Self::SetOwner { owner_id } => KeyFields { owner_id: Some(*owner_id), ..key },
            Self::SetTeam { team_id } if key.team_id == *team_id => return Err(Reason::SameTeam),
            Self::SetTeam { team_id } => KeyFields { team_id: *team_id, ..key },
            Self::AddLabels { labels } => KeyFields { labels: with(&key.labels, labels)?, ..key },
            Self::RemoveLabels { names } => KeyFields { labels: without(&key.labels, names)?, ..key },
            Self::ApplyTemplate { template_id, version } => match (recipe, version) {
                (Some(recipe), Some(version)) => recipe.hold(*template_id, *version, &key, now)?,
                _ => return Err(Reason::NoSuchTemplate),
            },
            Self::Rotate if key.rotation_due_at.is_some_and(|due| due <= now) => return Err(Reason::AlreadyDue),
            Self::Rotate => KeyFields { rotation_due_at: Some(now), ..key },
            Self::SetLimit(limit) => KeyFields { limits: bounds::with_limit(&key.limits, *limit)?, ..key },
            Self::RemoveLimits if key.limits.is_empty() => return Err(Reason::NoLimits),
            Self::RemoveLimits => KeyFields { limits: Vec::new(), ..key },
            Self::SetBudget(budget) => KeyFields { budgets: bounds::with_budget(&key.budgets, *budget, now)?, ..key },
            Self::RemoveBudget if key.budgets.is_empty() => return Err(Reason::NoBudget),
            Self::RemoveBudget => KeyFields { budgets: Vec::new(), ..key },
            Self::DeleteRevoked => return Err(Reason::NotRevoked),
        })
    }

    /// What it is called in a list, for so many keys.
    pub fn title(&self, keys: u64) -> String {
        let keys = counted(keys);
        let names = |labels: &mut dyn Iterator<Item = String>| labels.collect::<Vec<_>>().join(", ");
        match self {
            Self::Enable => format!("Enable {keys}"),
            Self::Disable => format!("Disable {keys}"),
            Self::Revoke => format!("Revoke {keys}"),
            Self::ExtendExpiry { expires_at } => {
                format!("Extend {keys} to {}", expires_at.to_string().get(..10).unwrap_or_default())
            }
            Self::SetOwner { .. } => format!("Change the owner of {keys}"),
            Self::SetTeam { team_id: Some(_) } => format!("Move {keys} to a team"),
            Self::SetTeam { team_id: None } => format!("Take {keys} out of their teams"),
            Self::AddLabels { labels } => {
                format!("Label {keys} {}", names(&mut labels.iter().map(|(name, value)| format!("{name}={value}"))))
            }
            Self::RemoveLabels { names: gone } => {
                format!("Remove {} from {keys}", names(&mut gone.iter().cloned()))
            }
            Self::ApplyTemplate { .. } => format!("Apply a template to {keys}"),
            Self::Rotate => format!("Ask for rotation of {keys}"),
            Self::SetLimit(KeyLimit { kind, amount, endpoint, .. }) => {
                let calls = endpoint.map(|endpoint| format!(" for {endpoint}")).unwrap_or_default();
                format!("Limit {keys} to {} {}{calls}", grouped(*amount), kind.as_str().replace('_', " "))
            }
            Self::RemoveLimits => format!("Remove the limits of {keys}"),
            Self::SetBudget(KeyBudget { amount, period, .. }) => {
                let each = match period {
                    Period::Total => "in total".to_owned(),
                    period => format!("a {period}"),
                };
                format!("Give {keys} a budget of {amount} {each}")
            }
            Self::RemoveBudget => format!("Remove the budget of {keys}"),
            Self::DeleteRevoked => format!("Delete revoked among {keys}"),
        }
    }
}

fn with(labels: &Labels, added: &Labels) -> Result<Labels, Reason> {
    let mut all = BTreeMap::from(labels.clone());
    all.extend(BTreeMap::from(added.clone()));
    // Each alone is right, so only their number can be wrong.
    let all = Labels::try_from(all).map_err(|_| Reason::TooManyLabels)?;
    if all == *labels { Err(Reason::SameLabels) } else { Ok(all) }
}

fn without(labels: &Labels, names: &[String]) -> Result<Labels, Reason> {
    let mut rest = BTreeMap::from(labels.clone());
    rest.retain(|name, _| !names.contains(name));
    let rest = Labels::try_from(rest).map_err(|_| Reason::NoSuchLabel)?;
    if rest == *labels { Err(Reason::NoSuchLabel) } else { Ok(rest) }
}

/// So many keys, in words.
pub(crate) fn counted(keys: u64) -> String {
    if keys == 1 { "1 key".to_owned() } else { format!("{} keys", grouped(keys)) }
}

/// A number with a comma between each three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests;
