use super::{revoke::Revoking, row::KeyRow};
use crate::{
    lifetime::StandingBadge,
    prelude::*,
    ui::{
        Column, EnvironmentBadge, Glyph, Menu, MenuButton, MenuLine, MenuLink, Priority, Time, Tone, TwoLines, format,
    },
    wire::{Form, Sending},
};

/// The columns of the list. `change` and `revoking` are what the row's menu works with.
pub(super) fn columns(change: Sending, revoking: Revoking) -> Vec<Column<KeyRow>> {
    vec![
        Column::new("Name", |key: &KeyRow| view! { <TwoLines main=key.name.clone() sub=key.hint.clone()/> })
            .shown(Priority::Always),
        Column::new("Status", |key: &KeyRow| view! { <StandingBadge standing=key.standing.clone()/> })
            .shown(Priority::Always)
            .named("status"),
        Column::new("Environment", |key: &KeyRow| view! { <EnvironmentBadge environment=key.environment.clone()/> })
            .named("environment"),
        Column::new("Created by", |key: &KeyRow| key.created_by.clone()).shown(Priority::Desktop).named("created_by"),
        Column::new("Last used", |key: &KeyRow| {
            let used = key.last_used.clone();
            view! { <span class="muted">{used.map_or_else(|| "never".into_any(), |at| view! { <Time at/> })}</span> }
        })
        .named("last_used"),
        Column::number("Calls today", |key: &KeyRow| format::count(key.calls)).named("calls"),
        Column::number("Cost today", |key: &KeyRow| key.cost.clone()).shown(Priority::Always).named("cost"),
        Column::menu(move |key: &KeyRow| view! { <KeyMenu key_row=key.clone() change revoking/> }),
    ]
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
