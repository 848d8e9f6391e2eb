use domain::usage::EventQuery;
use serde::{Deserialize, Serialize};

use crate::{
    prelude::*,
    problem::Problem,
    shell::DensityMenu,
    ui::{Button, Choice, Field, FilterBar, FilterEnd, FilterSelect, Glyph, Icon, query::query_param},
};

/// The query parameters that filter calls.
pub(super) const NAMES: [&str; 6] = ["status", "key", "model", "request_id", "from", "to"];

/// What calls can be filtered by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filters {
    /// Ids and names of the keys that were used in the last 30 days.
    pub keys: Vec<(String, String)>,
    /// Ids and names of the models.
    pub models: Vec<(String, String)>,
    /// The period in words, where there is one.
    pub period: Option<String>,
    /// Its start as a browser's date field writes it.
    pub from: String,
    /// Its end.
    pub to: String,
}

/// What calls can be filtered by, and the present period in words.
#[server(prefix = "/fn", endpoint = "usage_filters")]
pub async fn load_filters(#[server(flatten)] query: EventQuery) -> Result<Filters, Problem> {
    let actor = crate::server::actor()?;
    let calendar = crate::server::Calendar::of(&actor).await?;
    let usage: service::usage::Usage = crate::server::handle()?;
    let used = usage.used(&actor).await?;
    let (keys, models) = (choices(used.keys, query.key), choices(used.models, query.model));
    let read = |text: Option<String>| text.and_then(|text| super::from_local(&text, calendar.zone()));
    let (from, to) = (read(query.from), read(query.to));
    let field = |at: Option<domain::Timestamp>| local(at, &calendar, "%Y-%m-%dT%H:%M:%S").unwrap_or_default();
    let (since, until) = (local(from, &calendar, "%b %-d, %H:%M"), local(to, &calendar, "%b %-d, %H:%M"));
    let period = match (since, until) {
        (Some(since), Some(until)) => Some(format!("{since} to {until}")),
        (Some(since), None) => Some(format!("since {since}")),
        (None, Some(until)) => Some(format!("until {until}")),
        (None, None) => None,
    };
    Ok(Filters { keys, models, period, from: field(from), to: field(to) })
}

#[cfg(feature = "ssr")]
fn local(at: Option<domain::Timestamp>, calendar: &crate::server::Calendar, format: &str) -> Option<String> {
    Some(at?.in_zone(calendar.zone())?.strftime(format).to_string())
}

/// What was used, and the chosen one, by name.
#[cfg(feature = "ssr")]
fn choices(used: Vec<(impl ToString, String)>, chosen: Option<String>) -> Vec<(String, String)> {
    let mut used: Vec<_> = used.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    let chosen = chosen.filter(|id| !id.is_empty() && used.iter().all(|(used, _)| used != id));
    used.extend(chosen.map(|id| (id.clone(), id)));
    used.sort_by_key(|(_, name)| name.to_lowercase());
    used
}

/// The filters of the list of calls.
#[component]
pub(super) fn CallFilters(
    /// What there is to choose from.
    filters: RwSignal<Filters>,
) -> impl IntoView {
    let choices = |pairs: Vec<(String, String)>| {
        pairs.into_iter().map(|(value, label)| Choice::new(value, label)).collect::<Vec<_>>()
    };
    let Filters { keys, models, .. } = filters.get_untracked();
    let endings = vec![
        Choice::new("ok", "Answered"),
        Choice::new("error", "Failed"),
        Choice::new("aborted", "Aborted"),
        Choice::new("interrupted", "Interrupted"),
    ];
    view! {
        <FilterBar names=NAMES.to_vec()>
            <RequestSearch/>
            <FilterSelect name="status" label="Status" choices=endings/>
            <FilterSelect name="key" label="Key" choices=choices(keys)/>
            <FilterSelect name="model" label="Model" choices=choices(models)/>
            <Period filters/>
            <FilterEnd slot><DensityMenu/></FilterEnd>
        </FilterBar>
    }
}

#[component]
fn RequestSearch() -> impl IntoView {
    let id = query_param("request_id");
    let words = "Request id req_…";
    view! {
        <label class="filters__search">
            <Icon name=Glyph::Search/>
            <input
                type="search"
                name="request_id"
                placeholder=words
                aria-label="Request id"
                autocomplete="off"
                prop:value=move || id.get().unwrap_or_default()
                value=id.get_untracked()
            />
        </label>
    }
}

/// From when and until when: a popover inside the filters' form, so that it needs no script.
#[component]
fn Period(filters: RwSignal<Filters>) -> impl IntoView {
    let words = move || format!("Time: {}", filters.read().period.as_deref().unwrap_or("any"));
    let active = move || filters.read().period.is_some().then_some("");
    view! {
        <button class="filters__select" type="button" popovertarget="period" data-active=active>{words}</button>
        <div class="menu" id="period" popover="auto" role="group" aria-label="Time">
            <div class="filters__period">
                {moment("from", "From", Signal::derive(move || filters.read().from.clone()))}
                {moment("to", "Until before", Signal::derive(move || filters.read().to.clone()))}
                <Button submit=true full=true attr:popovertarget="period" attr:popovertargetaction="hide">"Apply"</Button>
            </div>
        </div>
    }
}

/// A date and time, to the second because a dragged period is no whole minutes.
fn moment(name: &'static str, label: &'static str, value: Signal<String>) -> impl IntoView {
    let id = format!("field-{name}");
    view! {
        <Field id=id.clone() label>
            <input class="input" id=id type="datetime-local" step="1" name=name value=value.get_untracked() prop:value=move || value.get()/>
        </Field>
    }
}
