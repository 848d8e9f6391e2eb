use serde::{Deserialize, Serialize};

use crate::{lifetime::Standing, ui::Moment};

/// A key as a row and as the head of its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRow {
    /// The key.
    pub id: String,
    /// How it is called.
    pub name: String,
    /// How its secret begins and ends.
    pub hint: String,
    /// Whether it works.
    pub standing: Standing,
    /// `test` or `live`.
    pub environment: String,
    /// Who made it.
    pub created_by: String,
    /// Since when.
    pub created: Moment,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The team that its calls count for.
    pub team: Option<String>,
    /// What the template is called that it is by.
    pub template: Option<String>,
    /// What the organization noted on it, as `name=value`.
    pub labels: Vec<String>,
    /// Whether it may call some models, endpoints or addresses only.
    pub bounded: bool,
    /// Whether its secret should be changed by now.
    pub rotation_due: bool,
    /// Until when.
    pub expires: Option<Moment>,
    /// When its last call was admitted.
    pub last_used: Option<Moment>,
    /// Calls since midnight.
    pub calls: u64,
    /// What they cost, formatted.
    pub cost: String,
    /// Calls in the last 30 days.
    pub calls_30d: u64,
    /// What these cost, formatted.
    pub cost_30d: String,
    /// How many of them failed, in percent.
    pub errors_30d: String,
    /// What the viewer may do to it.
    pub may: Moves,
}

/// What can be done to a key's standing by whoever looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moves {
    /// Change anything at all: no, once it is revoked.
    pub change: bool,
    /// Switch it on, as opposed to off.
    pub enable: bool,
}

impl KeyRow {
    /// Its own page.
    pub(super) fn href(&self) -> String {
        format!("/keys/{}", self.id)
    }

    /// Whatever of the row may change while the page is open.
    pub(super) fn state(&self) -> String {
        let Self { id, name, standing, rotation_due, calls, cost, calls_30d, owner, team, labels, .. } = self;
        let standing = standing.words();
        format!("{id} {name} {standing} {rotation_due} {calls} {cost} {calls_30d} {owner:?} {team:?} {labels:?}")
    }
}

/// A share in percent: a decimal below ten, none for nothing.
#[cfg(feature = "ssr")]
fn percent(part: u32, whole: u32) -> String {
    let share = domain::filter::Share::of(part.into(), whole.into()).0;
    match (whole, share) {
        (0, _) => "–".to_owned(),
        (_, 0) => "0 %".to_owned(),
        (_, ..100_000) => format!("{}.{} %", share / 10_000, share % 10_000 / 1_000),
        _ => format!("{} %", share / 10_000),
    }
}

/// A key as a row.
#[cfg(feature = "ssr")]
pub(super) fn row(key: &domain::keys::KeyView, calendar: &crate::server::Calendar) -> KeyRow {
    use domain::keys::KeyStatus;
    KeyRow {
        id: key.id.to_string(),
        name: key.name.to_string(),
        hint: format!("{}…{}", key.prefix, key.last_four),
        standing: match key.status {
            KeyStatus::Active => Standing::until(key.expires_at, calendar),
            KeyStatus::Disabled => Standing::Disabled,
            KeyStatus::Revoked => Standing::Revoked,
        },
        environment: key.environment.to_string(),
        created_by: key.created_by.clone(),
        created: calendar.moment(key.created_at),
        owner: key.owner_name.as_ref().map(ToString::to_string),
        team: key.team_name.as_ref().map(ToString::to_string),
        template: key.template.as_ref().map(|template| template.name.to_string()),
        labels: key.labels.iter().map(|(name, value)| format!("{name}={value}")).collect(),
        bounded: key.rules != domain::keys::Rules::default(),
        rotation_due: key.is_rotation_due(calendar.now()),
        expires: key.expires_at.map(|at| calendar.moment(at)),
        last_used: key.last_used_at.map(|at| calendar.moment(at)),
        calls: key.calls_today,
        cost: crate::ui::format::money(key.cost_today.nanos(), key.currency.code()),
        calls_30d: key.calls_30d.into(),
        cost_30d: crate::ui::format::money(key.cost_30d.nanos(), key.currency.code()),
        errors_30d: percent(key.errors_30d, key.calls_30d),
        may: Moves {
            change: key.manageable && key.status != KeyStatus::Revoked,
            enable: key.status == KeyStatus::Disabled,
        },
    }
}
