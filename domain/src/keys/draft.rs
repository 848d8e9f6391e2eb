use serde::{Deserialize, Serialize};

use super::{Environment, KeyDescription, KeyName, Labels, ModelPattern, Rules, view::present};
use crate::{
    Invalid, Money, TeamId, TemplateId, Timestamp, UserId,
    budgets::{self, Period},
    limits::{self, LimitKind},
    network::IpRange,
    usage::{BUCKET, Endpoint},
};

/// A rate limit of one key, to be made with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyLimit {
    /// What is limited.
    pub kind: LimitKind,
    /// How much in a minute, or at once: from 1 to 1000000000.
    pub amount: u64,
    /// How much of a minute's amount may come at once; all of it when absent. Parallel requests have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst: Option<u64>,
    /// Of which endpoint; absent for all that have no limit of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<Endpoint>,
}

impl KeyLimit {
    /// The same, where a burst of the whole amount is none, so that equal limits are equal.
    #[must_use]
    pub fn settled(self) -> Self {
        Self { burst: self.burst.filter(|burst| *burst < self.amount), ..self }
    }

    /// Refuses limits that can't be, alone or together.
    ///
    /// # Errors
    /// When amount and burst don't go together, or two limits are of the same kind and endpoint.
    pub fn check_all(limits: &[Self]) -> Result<(), Invalid> {
        for (index, limit) in limits.iter().enumerate() {
            limits::checked(limit.kind, limit.amount, limit.burst)
                .map_err(|wrong| Invalid::new("limits", wrong.message))?;
            let same = |other: &Self| (other.kind, other.endpoint) == (limit.kind, limit.endpoint);
            if limits[..index].iter().any(same) {
                let message = format!("There are two limits of {} for the same calls. Leave one out.", limit.kind);
                return Err(Invalid::new("limits", message));
            }
        }
        Ok(())
    }
}

/// A budget of one key, to be made with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyBudget {
    /// How much may be spent in one period.
    pub amount: Money,
    /// How long it lasts until it begins anew.
    pub period: Period,
    /// Whether calls are refused that might exceed it.
    #[serde(default = "yes")]
    pub hard: bool,
}

/// A budget that a key has, and since when it counts: that matters for one that never begins anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunningBudget {
    /// The budget.
    pub budget: KeyBudget,
    /// From when on calls count for it.
    pub since: Timestamp,
}

impl KeyBudget {
    /// The same for a key that has none for that period yet. What the books sum up by is a quarter of an hour: a
    /// budget can begin to count only at the start of one.
    pub fn from(self, now: Timestamp) -> RunningBudget {
        RunningBudget { budget: self, since: now.floor(BUCKET) }
    }

    /// Refuses an amount that is none.
    ///
    /// # Errors
    /// Names the field `budget`.
    pub fn check(&self) -> Result<(), Invalid> {
        budgets::amount(self.amount).map(drop).map_err(|wrong| Invalid::new("budget", wrong.message))
    }
}

fn yes() -> bool {
    true
}

/// What a new key may call, and from where. A list that is absent is the template's, and empty without one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewRules {
    /// The models that it may call, by name; `*` stands for any text. All when empty. At most 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>, example = json!(["gpt-4o*", "sandbox/*"])))]
    pub models: Option<Vec<ModelPattern>>,
    /// The endpoints that it may call; all when empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoints: Option<Vec<Endpoint>>,
    /// The addresses that it may call from, one by one or as ranges; any when empty. At most 50.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>, example = json!(["10.0.0.0/8", "2001:db8::/32"])))]
    pub ips: Option<Vec<IpRange>>,
}

impl NewRules {
    /// Whether nothing is said of what may be called.
    pub const fn is_empty(&self) -> bool {
        self.models.is_none() && self.endpoints.is_none() && self.ips.is_none()
    }
}

impl From<Rules> for NewRules {
    fn from(rules: Rules) -> Self {
        Self {
            models: Some(rules.models().to_vec()),
            endpoints: Some(rules.endpoints().to_vec()),
            ips: Some(rules.ips().to_vec()),
        }
    }
}

/// A key to make. From a template, what is absent is the template's, and what it locks can't be other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyDraft {
    /// The template that it is made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_id: Option<TemplateId>,
    /// How it is called.
    pub name: KeyName,
    /// What it is for.
    #[serde(default)]
    pub description: KeyDescription,
    /// For trying out or for real. Needed without a template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// Who answers for it, a member of the organization; you when absent. Only those who manage every key
    /// may name somebody else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<UserId>,
    /// The team that its calls count for. Those who do not manage every key may name a team of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team_id: Option<TeamId>,
    /// Notes on it.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::BTreeMap<String, String>))]
    pub labels: Labels,
    /// Until when; `null` for no end, as when absent without a template.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Timestamp>))]
    pub expires_at: Option<Option<Timestamp>>,
    /// What it may call, and from where.
    #[serde(default)]
    pub rules: NewRules,
    /// Its own rate limits. Without a template, for those who may set limits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Vec<KeyLimit>>,
    /// Its own budget; `null` for none. Without a template, for those who may set budgets.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<KeyBudget>))]
    pub budget: Option<Option<KeyBudget>>,
}

/// All that a key is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// The template that it is made from, and its version.
    pub template: Option<(TemplateId, u32)>,
    /// How it is called.
    pub name: KeyName,
    /// What it is for.
    pub description: KeyDescription,
    /// For trying out or for real.
    pub environment: Environment,
    /// Who answers for it; whoever makes it when absent.
    pub owner_id: Option<UserId>,
    /// The team that its calls count for.
    pub team_id: Option<TeamId>,
    /// Notes on it.
    pub labels: Labels,
    /// Until when.
    pub expires_at: Option<Timestamp>,
    /// What it may call, and from where.
    pub rules: Rules,
    /// Its own rate limits.
    pub limits: Vec<KeyLimit>,
    /// Its own budget.
    pub budget: Option<KeyBudget>,
    /// How often its secret should be changed, in days.
    pub rotate_every_days: Option<u32>,
}

impl KeyDraft {
    /// The key that is made of this without a template.
    ///
    /// # Errors
    /// When it does not say for which environment, or something else is wrong.
    pub fn plain(self) -> Result<NewKey, Invalid> {
        let message = "Say whether it is a test or a live key: give environment, or a template that has one.";
        let NewRules { models, endpoints, ips } = self.rules;
        let key = NewKey {
            template: None,
            name: self.name,
            description: self.description,
            environment: self.environment.ok_or_else(|| Invalid::new("environment", message))?,
            owner_id: self.owner_id,
            team_id: self.team_id,
            labels: self.labels,
            expires_at: self.expires_at.flatten(),
            rules: Rules::new(models.unwrap_or_default(), endpoints.unwrap_or_default(), ips.unwrap_or_default())?,
            limits: self.limits.unwrap_or_default(),
            budget: self.budget.flatten(),
            rotate_every_days: None,
        };
        key.check()?;
        Ok(key)
    }
}

impl NewKey {
    /// Refuses limits and a budget that can't be.
    ///
    /// # Errors
    /// Names which.
    pub fn check(&self) -> Result<(), Invalid> {
        KeyLimit::check_all(&self.limits)?;
        self.budget.as_ref().map_or(Ok(()), KeyBudget::check)
    }
}
