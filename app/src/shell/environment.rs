//! Which environment the portal shows: the address says it, and the map's links carry it on.

use crate::{
    prelude::*,
    ui::{
        Segment, Segmented,
        query::{query_param, with_query},
    },
};

const NAME: &str = "environment";

/// The environment that the address asks for; both when it asks for none.
pub(crate) fn chosen_environment() -> Signal<Option<&'static str>> {
    let word = query_param(NAME);
    Signal::derive(move || ["test", "live"].into_iter().find(|known| word.read().as_deref() == Some(known)))
}

/// Chooses the environment of which all figures, keys, budgets and limits are shown.
#[component]
pub(super) fn EnvironmentSwitch() -> impl IntoView {
    let chosen = chosen_environment();
    let segment = move |value: Option<&'static str>, words: &'static str| {
        let href = with_query(vec![(NAME, value.map(str::to_owned))]);
        let current = Signal::derive(move || chosen.get() == value);
        view! { <Segment href current>{words}</Segment> }
    };
    view! {
        <Segmented label="Environment">
            {segment(None, "All")} {segment(Some("test"), "Test")} {segment(Some("live"), "Live")}
        </Segmented>
    }
}

/// The address of a page in the environment that is shown.
pub(crate) fn within(href: &str, environment: Option<&str>) -> String {
    match environment {
        Some(environment) => format!("{href}?{NAME}={environment}"),
        None => href.to_owned(),
    }
}
