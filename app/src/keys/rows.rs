use super::{revoke::Revoking, row::KeyRow};
use crate::{
    lifetime::StandingBadge,
    prelude::*,
    ui::{
        Column, EnvironmentBadge, Glyph, Menu, MenuButton, MenuLine, MenuLink, Moment, Priority, Time, Tone, TwoLines,
        format,
    },
    wire::{Form, Sending},
};

/// The columns of the list. `change` and `revoking` are what the row's menu works with.
pub(super) fn columns(change: Sending, revoking: Revoking) -> Vec<Column<KeyRow>> {
    vec![
        Column::new("Name", |key: &KeyRow| view! { <TwoLines main=key.name.clone() sub=key.hint.clone()/> })
            .shown(Priority::Always)
            .sorted_by("name"),
        Column::new("Status", |key: &KeyRow| view! { <StandingBadge standing=key.standing.clone()/> })
            .shown(Priority::Always)
            .named("status")
            .sorted_by("status"),
        Column::new("Environment", |key: &KeyRow| view! { <EnvironmentBadge environment=key.environment.clone()/> })
            .named("environment")
            .sorted_by("environment"),
        Column::new("Owner", |key: &KeyRow| key.owner.clone()).shown(Priority::Desktop).named("owner"),
        Column::new("Team", |key: &KeyRow| key.team.clone()).named("team").extra(),
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
        Column::menu(move |key: &KeyRow| view! { <KeyMenu key_row=key.clone() change revoking/> }),
    ]
}

fn moment(at: Option<&Moment>, none: &'static str) -> AnyView {
    let at = at.cloned().map_or_else(|| none.into_any(), |at| view! { <Time at/> });
    view! { <span class="muted">{at}</span> }
}

#[component]
fn KeyMenu(key_row: KeyRow, change: Sending, revoking: Revoking) -> impl IntoView {
    let KeyRow { id, name, may, .. } = key_row;
    let (page, menu, label) = (format!("/keys/{id}"), format!("menu-{id}"), format!("Actions for {name}"));
    let (icon, next, words) = turn(may.enable);
    let actions = may.change.then(|| {
        // Without WASM the question is asked on the key's own page.
        let ask = format!("{page}?ask=revoke");
        let target = (id.clone(), name);
        let open = move |event: web_sys::MouseEvent| {
            event.prevent_default();
            revoking.ask(target.clone());
        };
        view! {
            <Form to=change>
                <input type="hidden" name="id" value=id/>
                <input type="hidden" name="status" value=next/>
                <MenuButton icon submit=true>{words}</MenuButton>
            </Form>
            <MenuLine/>
            <MenuLink href=ask icon=Glyph::Ban attr:data-tone=Tone::Danger.attribute() on:click=open>"Revoke…"</MenuLink>
        }
    });
    view! {
        <Menu id=menu label>
            <MenuLink href=page icon=Glyph::ArrowRight>"Open"</MenuLink>
            {actions}
        </Menu>
    }
}

/// How a key is switched to the other state: icon, the state, the verb.
pub(super) const fn turn(enable: bool) -> (Glyph, &'static str, &'static str) {
    if enable { (Glyph::Check, "active", "Enable") } else { (Glyph::Pause, "disabled", "Disable") }
}
