//! The things that can be done to many keys at once, in words.

use serde::{Deserialize, Serialize};

use super::fields::KeyOffer;
use crate::{
    prelude::*,
    ui::{Choice, Select, Textarea, Tone},
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
    Revoke,
    DeleteRevoked,
}

impl Act {
    /// What stands in the menu; the others have buttons.
    pub(super) const MORE: &[Self] =
        &[Self::Extend, Self::Owner, Self::Team, Self::AddLabels, Self::RemoveLabels, Self::DeleteRevoked];

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
            Self::Revoke => "revoke",
            Self::DeleteRevoked => "delete_revoked",
        }
    }

    /// On its button, and before the number of keys.
    pub(super) const fn verb(self) -> &'static str {
        match self {
            Self::Enable => "Enable",
            Self::Disable => "Disable",
            Self::Extend => "Extend",
            Self::Owner | Self::Team => "Move",
            Self::AddLabels | Self::RemoveLabels => "Relabel",
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
            Self::DeleteRevoked => "Delete revoked keys",
            _ => self.verb(),
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
            Self::Enable | Self::Disable | Self::Revoke | Self::DeleteRevoked => None,
        }
    }

    /// What the answer makes of it.
    #[cfg(feature = "ssr")]
    pub(super) fn action(
        self,
        value: &str,
        now: domain::Timestamp,
    ) -> Result<domain::keys::BulkAction, domain::Invalid> {
        use domain::{Invalid, keys::BulkAction};
        let at_value = |invalid: Invalid| Invalid { field: "value", ..invalid };
        let lines = || crate::typed::lines(value);
        Ok(match self {
            Self::Enable => BulkAction::Enable,
            Self::Disable => BulkAction::Disable,
            Self::Revoke => BulkAction::Revoke,
            Self::DeleteRevoked => BulkAction::DeleteRevoked,
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

/// What must be known before something can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    Days,
    Owner,
    Team,
    Labels,
    LabelNames,
}

impl Question {
    /// The field in which it is answered.
    pub(super) fn field(self, error: Signal<Option<String>>) -> AnyView {
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
            Self::LabelNames => view! { <Textarea name="value" label="Labels" hint="The names, one a line." error/> },
        }
    }
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
