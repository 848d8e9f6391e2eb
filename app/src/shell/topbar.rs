use domain::identity::Viewer;
use leptos_router::hooks::use_location;

use super::{
    ThemeMenu,
    environment::EnvironmentSwitch,
    sidebar::place_of,
    tools::{SearchButton, Tools},
};
use crate::{
    identity::SignOut,
    prelude::*,
    ui::{Avatar, Glyph, IconButton, Menu, MenuButton, MenuLine, MenuLink},
    wire::{Form, Sending},
};

/// Where the reader is, and what is at hand on every page.
#[component]
pub(super) fn Topbar(viewer: Viewer, tools: Tools) -> impl IntoView {
    view! {
        <header class="topbar">
            <span class="topbar__menu"><IconButton icon=Glyph::Menu label="Open menu" opens="sidebar"/></span>
            <Crumbs organization=viewer.organization.to_string()/>
            <Environment/>
            <SearchButton tools/>
            <Menu id="help-menu" label="Help" icon=Glyph::Help>
                <span class="scripted">
                    <MenuButton icon=Glyph::Keyboard on:click=move |_| tools.shortcuts.set(true)>"Keyboard shortcuts"</MenuButton>
                </span>
                <MenuLink href="/api/v1/openapi.json" icon=Glyph::Book attr:rel="external">"API description"</MenuLink>
                <MenuLink href="/healthz" icon=Glyph::Activity attr:rel="external">"Health"</MenuLink>
            </Menu>
            <ThemeMenu/>
            <UserMenu viewer/>
        </header>
    }
}

/// The way here, from the organization down. On a page about one thing the list above it is a
/// link, and the page's own title says the rest.
#[component]
fn Crumbs(organization: String) -> impl IntoView {
    let path = use_location().pathname;
    let place = move || {
        let path = path.get();
        place_of(&path).map(|place| {
            if place.href == path {
                view! { <li><span aria-current="page">{place.name}</span></li> }
            } else {
                view! { <li><a href=place.href>{place.name}</a></li> }
            }
        })
    };
    view! {
        <nav aria-label="Breadcrumb" class="topbar__crumbs">
            <ol>
                <li><a href="/">{organization}</a></li>
                {move || place()}
            </ol>
        </nav>
    }
}

/// Where a page shows one environment, or both: on those of the map themselves, and not on a page about
/// one thing, which is of one.
#[component]
fn Environment() -> impl IntoView {
    let path = use_location().pathname;
    let shown = Memo::new(move |_| {
        let path = path.read();
        place_of(&path).is_some_and(|place| place.by_environment && place.href == path.as_str())
    });
    move || shown.get().then(|| view! { <EnvironmentSwitch/> })
}

#[component]
fn UserMenu(viewer: Viewer) -> impl IntoView {
    let (name, email) = (viewer.name.to_string(), viewer.email.to_string());
    let sign_out = Sending::to::<SignOut>();
    let label = format!("Account of {name}");
    let trigger = view! {
        <button class="topbar__user" type="button" popovertarget="user-menu" aria-label=label.clone() title=name.clone()>
            <Avatar name=name.clone() large=true/>
        </button>
    };
    view! {
        <Menu id="user-menu" label trigger>
            <div class="topbar__who"><b>{name.clone()}</b> {(name != email).then(|| view! { <span>{email}</span> })}</div>
            <MenuLine/>
            <Form to=sign_out>
                <MenuButton icon=Glyph::LogOut submit=true>"Sign out"</MenuButton>
            </Form>
        </Menu>
    }
}
