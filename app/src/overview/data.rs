use serde::{Deserialize, Serialize};

use super::reminders::Reminding;
use crate::{
    prelude::*,
    problem::Problem,
    usage::{CallRow, Course},
};

/// What the first page shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Glance {
    /// When today began, for the links to the rows behind the figures.
    pub today: String,
    /// The figures.
    pub figures: Vec<Figure>,
    /// The last 24 hours.
    pub chart: Course,
    /// The dearest keys of today.
    pub keys: Vec<Busy>,
    /// The dearest models of today.
    pub models: Vec<Busy>,
    /// What keys need of the viewer.
    pub reminders: Vec<Reminding>,
    /// The most recent calls.
    pub recent: Vec<CallRow>,
    /// What to call first, while nothing was ever called.
    pub first: Option<FirstCall>,
}

/// One figure of today.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// The figure, formatted.
    pub value: String,
    /// How it differs from yesterday by the same time, and whether that is good.
    pub change: Option<(String, Judgement)>,
    /// Its course over the last 24 hours.
    pub spark: Vec<f64>,
}

/// Whether a change is welcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Judgement {
    /// It is.
    Good,
    /// It is not.
    Bad,
    /// It depends.
    #[default]
    Neither,
}

/// A busy key or model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Busy {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it cost today, or how often it was called where it costs nothing.
    pub value: String,
    /// Its share of the busiest.
    pub percent: f64,
}

/// All that a first call needs but the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstCall {
    /// What clients name `base_url`.
    pub gateway_url: String,
    /// A model that costs nothing to try.
    pub model: String,
}

/// What the chart measures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Measure {
    /// Money.
    #[default]
    Cost,
    /// Calls.
    Calls,
    /// Tokens.
    Tokens,
}

impl Measure {
    /// All, with their words in the address and on the page.
    pub(super) const ALL: [(Self, &'static str, &'static str); 3] =
        [(Self::Cost, "cost", "Cost"), (Self::Calls, "calls", "Calls"), (Self::Tokens, "tokens", "Tokens")];

    /// What the address asks for; cost when it asks for nothing that there is.
    pub(super) fn of(word: Option<&str>) -> Self {
        Self::ALL.iter().find(|(_, name, _)| Some(*name) == word).map_or(Self::Cost, |(measure, ..)| *measure)
    }
}

/// Today and the last 24 hours.
#[server(prefix = "/fn", endpoint = "overview")]
pub async fn load_overview(
    #[server(default)] environment: Option<String>,
    #[server(default)] show: Option<String>,
) -> Result<Glance, Problem> {
    use super::{chart, figures};
    use crate::server::{Calendar, actor, handle};
    let actor = actor()?;
    let calendar = Calendar::of(&actor).await?;
    let measure = Measure::of(show.as_deref());
    let chosen = crate::server::environment(environment.as_deref());
    let usage: service::usage::Usage = handle()?;
    let seen = usage.overview(&actor, chosen).await?;
    let first_bytes = figures::first_bytes(&usage, &actor, &seen, environment.clone()).await?;
    let reminders = handle::<service::keys::Keys>()?.reminders(&actor, chosen).await?;
    let unused = seen.recent.is_empty() && environment.is_none();
    Ok(Glance {
        today: calendar.now().start_of_day(calendar.zone()).to_string(),
        figures: figures::figures(&seen, first_bytes),
        chart: chart::hours(&seen, measure, &calendar),
        keys: figures::busy(&seen.keys, &seen),
        models: figures::busy(&seen.models, &seen),
        reminders: reminders.iter().map(Reminding::new).collect(),
        recent: seen.recent.iter().map(|event| crate::usage::row(event, &calendar)).collect(),
        first: if unused { Some(first_call(&actor).await?) } else { None },
    })
}

#[cfg(feature = "ssr")]
async fn first_call(actor: &service::Actor) -> Result<FirstCall, Problem> {
    use crate::server::handle;
    let viewer = handle::<service::identity::Sessions>()?.viewer(actor).await?;
    let page = domain::PageQuery::default();
    let models =
        handle::<service::catalog::Models>()?.list(actor, Some(domain::keys::Environment::Test), &page).await?;
    let model = models.data.into_iter().find(|model| model.price.is_some()).map(|model| model.name);
    Ok(FirstCall { gateway_url: viewer.gateway_url, model: model.unwrap_or_default() })
}
