use std::{collections::BTreeMap, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{STAGE, Stage};
use crate::{
    Invalid, TemplateId, Timestamp,
    jobs::Reason,
    keys::{
        Environment, KeyBudget, KeyDraft, KeyFields, KeyLimit, Labels, ModelPattern, NewKey, Rules, RunningBudget,
        rotation_due,
    },
};

/// No more limits than kinds and endpoints can sensibly be told apart.
const MOST_LIMITS: usize = 20;
const MOST_DAYS: u32 = 3_650;

spelled! {
    /// A part of a recipe that can be locked.
    Field as "locked" {
        /// For trying out or for real.
        Environment = "environment",
        /// The label `stage`.
        Stage = "stage",
        /// The models that may be called.
        Models = "models",
        /// The endpoints that may be called.
        Endpoints = "endpoints",
        /// The addresses to call from.
        Ips = "ips",
        /// The rate limits.
        Limits = "limits",
        /// The budget.
        Budget = "budget",
        /// The end.
        Expiry = "expiry",
    }
}

/// Names that keys may have: `*` stands for any text, as in `checkout-*`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Names(ModelPattern);

impl Names {
    /// The pattern as it was accepted.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether this is one of the names.
    pub fn matches(&self, name: &str) -> bool {
        self.0.matches(name)
    }
}

impl FromStr for Names {
    type Err = Invalid;
    fn from_str(raw: &str) -> Result<Self, Self::Err> {
        raw.parse().map(Self).map_err(|wrong: Invalid| Invalid::new("names", wrong.message))
    }
}

impl TryFrom<String> for Names {
    type Error = Invalid;
    fn try_from(raw: String) -> Result<Self, Self::Error> {
        raw.parse()
    }
}

impl From<Names> for String {
    fn from(names: Names) -> Self {
        names.0.into()
    }
}

/// What must be said of a key that is made from a template.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Required {
    /// What it is for.
    #[serde(default)]
    pub description: bool,
    /// Who answers for it: by name, and not just whoever makes it.
    #[serde(default)]
    pub owner: bool,
    /// The team that its calls count for.
    #[serde(default)]
    pub team: bool,
    /// Labels, by name.
    #[serde(default)]
    pub labels: Vec<String>,
}

/// What keys are made by. What is not locked is a suggestion, which who makes a key can change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Recipe {
    /// For trying out or for real.
    pub environment: Environment,
    /// The value of the label `stage`; absent for no such label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub stage: Option<Stage>,
    /// What keys may call, and from where.
    #[serde(default)]
    pub rules: Rules,
    /// Their rate limits, each key's own.
    #[serde(default)]
    pub limits: Vec<KeyLimit>,
    /// Their budget, each key's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<KeyBudget>,
    /// In how many days they end; absent for never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_days: Option<u32>,
    /// How often their secrets should be changed, in days. So long after it was made, a secret's rotation is due;
    /// the key goes on until somebody collects a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotate_every_days: Option<u32>,
    /// What they may be called; `*` stands for any text. Any name when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "checkout-*"))]
    pub names: Option<Names>,
    /// What must be said of them.
    #[serde(default)]
    pub required: Required,
    /// What can't be changed by who makes a key.
    #[serde(default)]
    pub locked: Vec<Field>,
}

impl Recipe {
    /// Whether who makes a key can't change this.
    pub fn locks(&self, field: Field) -> bool {
        self.locked.contains(&field)
    }

    /// Refuses a recipe that no key could be made by.
    ///
    /// # Errors
    /// Names the part that is wrong.
    pub fn check(&self) -> Result<(), Invalid> {
        KeyLimit::check_all(&self.limits)?;
        if self.limits.len() > MOST_LIMITS {
            return Err(Invalid::new("limits", "Give at most 20 limits."));
        }
        if let Some(budget) = &self.budget {
            budget.check()?;
        }
        for (field, days) in [("expires_in_days", self.expires_in_days), ("rotate_every_days", self.rotate_every_days)]
        {
            if days.is_some_and(|days| !(1..=MOST_DAYS).contains(&days)) {
                return Err(Invalid::new(field, "Give a number of days from 1 to 3650, or leave it out."));
            }
        }
        let labels = self.required.labels.iter().map(|name| (name.clone(), String::new()));
        Labels::try_from(labels.collect::<BTreeMap<_, _>>())
            .map(drop)
            .map_err(|wrong| Invalid::new("required", wrong.message))
    }

    /// The key that is made of what was asked: what is absent is filled in, and what is locked held to.
    ///
    /// # Errors
    /// Names the field that is locked and was to be other, that is required and absent, or that is wrong.
    pub fn apply(&self, id: TemplateId, version: u32, draft: KeyDraft, now: Timestamp) -> Result<NewKey, Invalid> {
        self.check_required(&draft)?;
        let environment = self.chosen(Field::Environment, "environment", draft.environment, &self.environment)?;
        let models = self.chosen(Field::Models, "models", draft.rules.models, &self.rules.models().to_vec())?;
        let endpoints =
            self.chosen(Field::Endpoints, "endpoints", draft.rules.endpoints, &self.rules.endpoints().to_vec())?;
        let ips = self.chosen(Field::Ips, "ips", draft.rules.ips, &self.rules.ips().to_vec())?;
        let limits = self.chosen(Field::Limits, "limits", draft.limits, &self.limits)?;
        let budget = self.chosen(Field::Budget, "budget", draft.budget, &self.budget)?;
        if self.locks(Field::Expiry) && draft.expires_at.is_some() {
            return Err(locked("expires_at"));
        }
        let key = NewKey {
            template: Some((id, version)),
            name: draft.name,
            description: draft.description,
            environment,
            owner_id: draft.owner_id,
            team_id: draft.team_id,
            labels: self.labelled(draft.labels)?,
            expires_at: draft.expires_at.unwrap_or_else(|| self.end(now)),
            rules: Rules::new(models, endpoints, ips)?,
            limits,
            budget,
            rotate_every_days: self.rotate_every_days,
        };
        key.check()?;
        Ok(key)
    }

    /// What a key becomes that is held to this afterwards: what is locked is as here. An end is only ever
    /// brought nearer, and never into the past. A rotation that is due stays due.
    ///
    /// # Errors
    /// Why the key is passed over.
    pub fn hold(&self, id: TemplateId, version: u32, key: &KeyFields, now: Timestamp) -> Result<KeyFields, Reason> {
        if self.locks(Field::Environment) && key.environment != self.environment {
            return Err(Reason::OtherEnvironment);
        }
        let pick = |field, ours: &Rules, theirs: &Rules| if self.locks(field) { ours.clone() } else { theirs.clone() };
        let rules = Rules::new(
            pick(Field::Models, &self.rules, &key.rules).models().to_vec(),
            pick(Field::Endpoints, &self.rules, &key.rules).endpoints().to_vec(),
            pick(Field::Ips, &self.rules, &key.rules).ips().to_vec(),
        );
        let mut labels = BTreeMap::from(key.labels.clone());
        if let Some(stage) = self.stage.as_ref().filter(|_| self.locks(Field::Stage)) {
            labels.insert(STAGE.to_owned(), stage.to_string());
        }
        let expires_at = match (self.locks(Field::Expiry), self.end(now), key.expires_at) {
            (true, Some(end), Some(was)) => Some(was.min(end)),
            (true, end, _) => end,
            (false, _, was) => was,
        };
        let mut limits = match self.locks(Field::Limits) {
            true => self.limits.iter().map(|limit| limit.settled()).collect(),
            false => key.limits.clone(),
        };
        limits.sort_by_key(|limit| (limit.kind, limit.endpoint));
        let rotation_due_at = match key.rotation_due_at {
            Some(due) if due <= now => Some(due),
            _ => self.rotation_due(key.secret_made_at),
        };
        let held = KeyFields {
            limits,
            budgets: if self.locks(Field::Budget) { self.budgets(key, now) } else { key.budgets.clone() },
            rotation_due_at,
            // Each list was right where it came from.
            rules: rules.map_err(|_| Reason::Broken)?,
            labels: Labels::try_from(labels).map_err(|_| Reason::TooManyLabels)?,
            expires_at,
            template: Some((id, version)),
            ..key.clone()
        };
        if held == *key { Err(Reason::SameTemplate) } else { Ok(held) }
    }

    /// The budget here in place of the key's own; one of the same period goes on with what was spent of it.
    fn budgets(&self, key: &KeyFields, now: Timestamp) -> Vec<RunningBudget> {
        let had = |budget: KeyBudget| key.budgets.iter().find(|had| had.budget.period == budget.period);
        let running =
            |budget: KeyBudget| had(budget).map_or_else(|| budget.from(now), |had| RunningBudget { budget, ..*had });
        self.budget.map(running).into_iter().collect()
    }

    /// When a key ends that is made now.
    pub fn end(&self, now: Timestamp) -> Option<Timestamp> {
        let days = self.expires_in_days?;
        Some(now.plus(std::time::Duration::from_secs(u64::from(days) * 86_400)))
    }

    /// When a secret should be changed that was made then.
    pub fn rotation_due(&self, made: Timestamp) -> Option<Timestamp> {
        rotation_due(made, self.rotate_every_days)
    }

    /// What was asked for, or what stands here where nothing was or nothing else may be.
    fn chosen<T: Clone + PartialEq>(
        &self,
        field: Field,
        param: &'static str,
        asked: Option<T>,
        ours: &T,
    ) -> Result<T, Invalid> {
        match asked {
            Some(other) if self.locks(field) && other != *ours => Err(locked(param)),
            Some(other) => Ok(other),
            None => Ok(ours.clone()),
        }
    }

    fn labelled(&self, labels: Labels) -> Result<Labels, Invalid> {
        let Some(stage) = &self.stage else { return Ok(labels) };
        let mut labels = BTreeMap::from(labels);
        let given = labels.entry(STAGE.to_owned()).or_insert_with(|| stage.to_string());
        if self.locks(Field::Stage) && given != stage.as_str() {
            let message = format!("The template sets the label stage={stage}. Leave it out, or use another template.");
            return Err(Invalid::new("labels", message));
        }
        labels.try_into()
    }

    fn check_required(&self, draft: &KeyDraft) -> Result<(), Invalid> {
        let Required { description, owner, team, labels } = &self.required;
        if let Some(names) = self.names.as_ref().filter(|names| !names.matches(draft.name.as_str())) {
            let message = format!("The template wants names like {}, where * is any text.", names.as_str());
            return Err(Invalid::new("name", message));
        }
        if *description && draft.description.is_empty() {
            return Err(Invalid::new("description", "The template wants a description: say what the key is for."));
        }
        if *owner && draft.owner_id.is_none() {
            return Err(Invalid::new("owner_id", "The template wants an owner: name who answers for the key."));
        }
        if *team && draft.team_id.is_none() {
            return Err(Invalid::new("team_id", "The template wants a team: name whose the key is."));
        }
        let has = |name: &String| draft.labels.iter().any(|(label, value)| label == name && !value.is_empty());
        match labels.iter().find(|name| !has(name)) {
            Some(name) => Err(Invalid::new("labels", format!("The template wants the label {name}. Give it a value."))),
            None => Ok(()),
        }
    }
}

fn locked(param: &'static str) -> Invalid {
    Invalid::new(param, "The template sets this, and it can't be changed. Leave it out, or use another template.")
}

#[cfg(test)]
mod tests;
