//! The things that can be done to many keys at once, in words.

use serde::{Deserialize, Serialize};

use super::fields::KeyOffer;
use crate::{
    prelude::*,
    ui::{Choice, Input, Select, Textarea, Tone},
    wire::Lookup,
};

/// Something to do to many keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    Enable,
    Disable,
    Extend,
    Owner,
    Team,
    AddLabels,
    RemoveLabels,
    Rotate,
    Limit,
    RemoveLimits,
    Budget,
    RemoveBudget,
    Revoke,
    DeleteRevoked,
}

/// With what something is done: what the fields of its question are answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Answers {
    /// An owner's or a team's id, labels one a line, days, an amount.
    pub value: String,
    /// What is limited.
    pub kind: String,
    /// Of which endpoint; empty for all.
    pub endpoint: String,
    /// How long a budget lasts.
    pub period: String,
    /// `false` for a budget that only shows.
    pub hard: String,
}

impl Act {
    /// What stands in the menu for everyone, before what is for some and what destroys; the others have buttons.
    pub(super) const MORE: &[Self] =
        &[Self::Extend, Self::Owner, Self::Team, Self::AddLabels, Self::RemoveLabels, Self::Rotate];
    /// What stands there for those who may set limits and budgets.
    pub(super) const BOUNDS: &[Self] = &[Self::Limit, Self::RemoveLimits, Self::Budget, Self::RemoveBudget];

    /// As a form sends it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Enable => "enable",
            Self::Disable => "disable",
            Self::Extend => "extend",
            Self::Owner => "owner",
            Self::Team => "team",
            Self::AddLabels => "add_labels",
            Self::RemoveLabels => "remove_labels",
            Self::Rotate => "rotate",
            Self::Limit => "limit",
            Self::RemoveLimits => "remove_limits",
            Self::Budget => "budget",
            Self::RemoveBudget => "remove_budget",
            Self::Revoke => "revoke",
            Self::DeleteRevoked => "delete_revoked",
        }
    }

    /// On the button that opens its dialog, and before the number of keys.
    pub(super) const fn verb(self) -> &'static str {
        match self {
            Self::Enable => "Enable",
            Self::Disable => "Disable",
            Self::Extend => "Extend",
            Self::Owner | Self::Team => "Move",
            Self::AddLabels | Self::RemoveLabels => "Relabel",
            Self::Rotate => "Ask for rotation of",
            Self::Limit => "Limit",
            Self::RemoveLimits => "Remove the limits of",
            Self::Budget => "Set the budget of",
            Self::RemoveBudget => "Remove the budget of",
            Self::Revoke => "Revoke",
            Self::DeleteRevoked => "Delete",
        }
    }

    /// In the menu.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Extend => "Extend expiry",
            Self::Owner => "Give to another owner",
            Self::Team => "Move to a team",
            Self::AddLabels => "Add labels",
            Self::RemoveLabels => "Remove labels",
            Self::Rotate => "Ask for rotation",
            Self::Limit => "Set a limit",
            Self::RemoveLimits => "Remove limits",
            Self::Budget => "Set a budget",
            Self::RemoveBudget => "Remove budget",
            Self::DeleteRevoked => "Delete revoked keys",
            _ => self.verb(),
        }
    }

    /// On the button that does it.
    pub(super) const fn does(self) -> &'static str {
        match self {
            Self::Rotate | Self::Limit | Self::RemoveLimits | Self::Budget | Self::RemoveBudget => self.words(),
            _ => self.verb(),
        }
    }

    /// What it means, where that is not plain.
    pub(super) const fn means(self) -> Option<&'static str> {
        match self {
            Self::Rotate => Some("They go on working until somebody collects a new secret on each key's page."),
            _ => None,
        }
    }

    /// Whether it destroys.
    pub(super) const fn tone(self) -> Tone {
        match self {
            Self::Revoke | Self::DeleteRevoked => Tone::Danger,
            _ => Tone::Neutral,
        }
    }

    /// What must be known for it.
    pub(super) const fn question(self) -> Option<Question> {
        match self {
            Self::Extend => Some(Question::Days),
            Self::Owner => Some(Question::Owner),
            Self::Team => Some(Question::Team),
            Self::AddLabels => Some(Question::Labels),
            Self::RemoveLabels => Some(Question::LabelNames),
            Self::Limit => Some(Question::Limit),
            Self::Budget => Some(Question::Budget),
            Self::Enable | Self::Disable | Self::Rotate | Self::RemoveLimits | Self::RemoveBudget => None,
            Self::Revoke | Self::DeleteRevoked => None,
        }
    }

    /// What the answers make of it.
    #[cfg(feature = "ssr")]
    pub(super) fn action(
        self,
        answers: &Answers,
        now: domain::Timestamp,
    ) -> Result<domain::keys::BulkAction, domain::Invalid> {
        use domain::{Invalid, keys::BulkAction};
        let value = answers.value.trim();
        let at_value = |invalid: Invalid| Invalid { field: "value", ..invalid };
        let lines = || crate::typed::lines(value);
        Ok(match self {
            Self::Enable => BulkAction::Enable,
            Self::Disable => BulkAction::Disable,
            Self::Revoke => BulkAction::Revoke,
            Self::DeleteRevoked => BulkAction::DeleteRevoked,
            Self::Rotate => BulkAction::Rotate,
            Self::RemoveLimits => BulkAction::RemoveLimits,
            Self::RemoveBudget => BulkAction::RemoveBudget,
            Self::Limit => BulkAction::SetLimit(answers.limit().map_err(at_value)?),
            Self::Budget => BulkAction::SetBudget(answers.budget().map_err(at_value)?),
            Self::Extend => {
                let ends = crate::lifetime::ending(value, now).map_err(at_value)?;
                let none = || Invalid::new("value", "Choose until when.");
                BulkAction::ExtendExpiry { expires_at: ends.ok_or_else(none)? }
            }
            Self::Owner => BulkAction::SetOwner { owner_id: value.parse().map_err(at_value)? },
            Self::Team => BulkAction::SetTeam {
                team_id: Some(value).filter(|id| !id.is_empty()).map(str::parse).transpose().map_err(at_value)?,
            },
            Self::AddLabels => {
                let pair = |line: &str| match line.split_once('=') {
                    Some((name, value)) => Ok((name.trim().to_owned(), value.trim().to_owned())),
                    None => Err(Invalid::new("value", "Give a label a line, as name=value.")),
                };
                let labels: std::collections::BTreeMap<_, _> = lines().map(pair).collect::<Result<_, _>>()?;
                BulkAction::AddLabels { labels: labels.try_into().map_err(at_value)? }
            }
            Self::RemoveLabels => BulkAction::RemoveLabels { names: lines().map(str::to_owned).collect() },
        })
    }
}

#[cfg(feature = "ssr")]
impl Answers {
    fn limit(&self) -> Result<domain::keys::KeyLimit, domain::Invalid> {
        let number = || domain::Invalid::new("amount", "Give a whole number, e.g. 60.");
        let amount = self.value.trim().parse().map_err(|_| number())?;
        let endpoint = Some(self.endpoint.as_str()).filter(|endpoint| !endpoint.is_empty());
        let endpoint = endpoint.map(str::parse).transpose()?;
        let limit = domain::keys::KeyLimit { kind: self.kind.parse()?, amount, burst: None, endpoint };
        domain::limits::checked(limit.kind, limit.amount, limit.burst)?;
        Ok(limit)
    }

    fn budget(&self) -> Result<domain::keys::KeyBudget, domain::Invalid> {
        let amount = domain::budgets::amount(self.value.trim().parse()?)?;
        Ok(domain::keys::KeyBudget { amount, period: self.period.parse()?, hard: self.hard != "false" })
    }
}

/// What must be known before something can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    Days,
    Owner,
    Team,
    Labels,
    LabelNames,
    Limit,
    Budget,
}

impl Question {
    /// The fields in which it is answered.
    pub(super) fn fields(self, error: Signal<Option<String>>) -> AnyView {
        match self {
            Self::Days => {
                let days = [("30", "In 30 days"), ("90", "In 90 days"), ("365", "In a year")];
                let choices = days.map(|(value, label)| Choice::new(value, label)).to_vec();
                view! { <Select name="value" label="Expires" choices value="90" hint="Keys that end later keep their end." error/> }
            }
            Self::Owner => view! { <Holder label="Owner" of=|offer: KeyOffer| offer.people none=None error/> },
            Self::Team => view! { <Holder label="Team" of=|offer: KeyOffer| offer.teams none=Some("No team") error/> },
            Self::Labels => {
                view! { <Textarea name="value" label="Labels" hint="One a line, as name=value. One of the same name is replaced." error/> }
            }
            Self::Limit => limit(error),
            Self::Budget => budget(error),
            Self::LabelNames => view! { <Textarea name="value" label="Labels" hint="The names, one a line." error/> },
        }
    }
}

/// What is limited, and to how much.
fn limit(error: Signal<Option<String>>) -> AnyView {
    let kinds = [
        ("requests_per_minute", "Requests a minute"),
        ("tokens_per_minute", "Tokens a minute"),
        ("parallel_requests", "Parallel requests"),
    ];
    let endpoints = [("", "All"), ("chat.completions", "Chat completions"), ("embeddings", "Embeddings")];
    let hint = "Of each key. One of the same kind for the same calls is replaced.";
    view! {
        <Select name="kind" label="What is limited" choices=choices(&kinds) value=kinds[0].0/>
        <Input name="value" label="Amount" hint placeholder="60" inputmode="numeric" required=true autocomplete="off" error/>
        <Select name="endpoint" label="Calls" choices=choices(&endpoints) value=""/>
    }
}

/// How much each key may spend, in which time.
fn budget(error: Signal<Option<String>>) -> AnyView {
    let periods = [("day", "Day"), ("week", "Week"), ("month", "Month"), ("total", "All time")];
    let kinds = [("true", "Refuse calls"), ("false", "Only show it")];
    let hint = "Of each key, in one period. One for the same period is replaced; what was spent of it counts.";
    view! {
        <Input name="value" label="Amount" hint placeholder="100.00" inputmode="decimal" required=true autocomplete="off" error/>
        <Select name="period" label="Begins anew every" choices=choices(&periods) value="month"/>
        <Select name="hard" label="When it is used up" choices=choices(&kinds) value="true"/>
    }
}

fn choices(all: &[(&'static str, &'static str)]) -> Vec<Choice> {
    all.iter().map(|(value, label)| Choice::new(*value, *label)).collect()
}

/// Whom the keys are given to, of those whom whoever asks can give keys to.
#[component]
fn Holder(
    label: &'static str,
    of: fn(KeyOffer) -> Vec<(String, String)>,
    none: Option<&'static str>,
    error: Signal<Option<String>>,
) -> impl IntoView {
    let offer = Lookup::<KeyOffer>::at("/fn/key_offer");
    offer.ask(String::new());
    let field = move || {
        let none = none.map(|words| Choice::new("", words));
        let offered = offer.answer().map(of).unwrap_or_default().into_iter().map(|(id, name)| Choice::new(id, name));
        let choices: Vec<Choice> = none.into_iter().chain(offered).collect();
        view! { <Select name="value" label choices error/> }
    };
    (move || field()).into_any()
}
