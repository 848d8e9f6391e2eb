use super::{menu::RowMenu, row::KeyRow};
use crate::{
    lifetime::{Standing, StandingBadge},
    prelude::*,
    ui::{Badge, Column, EnvironmentBadge, Moment, Priority, Time, Tone, TwoLines, format},
};

/// The columns of the list, the last of which opens the row's menu.
pub(super) fn columns(menu: RowMenu) -> Vec<Column<KeyRow>> {
    vec![
        Column::new("Name", |key: &KeyRow| view! { <TwoLines main=key.name.clone() sub=key.hint.clone()/> })
            .shown(Priority::Always)
            .sorted_by("name"),
        Column::new(
            "Status",
            |key: &KeyRow| view! { <KeyBadges standing=key.standing.clone() rotation_due=key.rotation_due/> },
        )
        .shown(Priority::Always)
        .named("status")
        .sorted_by("status"),
        Column::new("Environment", |key: &KeyRow| view! { <EnvironmentBadge environment=key.environment.clone()/> })
            .named("environment")
            .sorted_by("environment"),
        Column::new("Owner", |key: &KeyRow| key.owner.clone())
            .shown(Priority::Desktop)
            .named("owner")
            .sorted_by("owner"),
        Column::new("Team", |key: &KeyRow| key.team.clone()).named("team").sorted_by("team").extra(),
        Column::new("Template", |key: &KeyRow| key.template.clone()).named("template").sorted_by("template").extra(),
        Column::new("Labels", |key: &KeyRow| view! { <span class="muted">{key.labels.join(", ")}</span> })
            .named("labels")
            .extra(),
        Column::new("Access", |key: &KeyRow| if key.bounded { "Restricted" } else { "Everything" })
            .named("access")
            .extra(),
        Column::new("Created by", |key: &KeyRow| key.created_by.clone()).named("created_by").extra(),
        Column::new("Created", |key: &KeyRow| moment(Some(&key.created), ""))
            .named("created")
            .sorted_by("created")
            .extra(),
        Column::new("Expires", |key: &KeyRow| moment(key.expires.as_ref(), "never"))
            .named("expires")
            .sorted_by("expires")
            .extra(),
        Column::new("Last used", |key: &KeyRow| moment(key.last_used.as_ref(), "never"))
            .named("last_used")
            .sorted_by("last_used"),
        Column::number("Calls today", |key: &KeyRow| format::count(key.calls)).named("calls_today").extra(),
        Column::number("Cost today", |key: &KeyRow| key.cost.clone()).named("cost_today").extra(),
        Column::number("Calls, 30 d", |key: &KeyRow| format::count(key.calls_30d)).named("calls").sorted_by("calls"),
        Column::number("Errors, 30 d", |key: &KeyRow| key.errors_30d.clone())
            .named("errors")
            .sorted_by("errors")
            .extra(),
        Column::number("Cost, 30 d", |key: &KeyRow| key.cost_30d.clone())
            .shown(Priority::Always)
            .named("cost")
            .sorted_by("cost"),
        Column::menu(move |key: &KeyRow| menu.button(key)),
    ]
}

/// Whether a key works, and whether its secret should be changed.
#[component]
pub(super) fn KeyBadges(standing: Standing, rotation_due: bool) -> impl IntoView {
    let due = rotation_due.then(|| view! { <Badge tone=Tone::Warn>"Rotation due"</Badge> });
    view! { <span class="cluster"><StandingBadge standing/> {due}</span> }
}

fn moment(at: Option<&Moment>, none: &'static str) -> AnyView {
    let at = at.cloned().map_or_else(|| none.into_any(), |at| view! { <Time at/> });
    view! { <span class="muted">{at}</span> }
}
