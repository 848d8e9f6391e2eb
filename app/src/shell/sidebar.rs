use domain::identity::{Permission, Role, Viewer};
use leptos_router::hooks::use_location;
use wasm_bindgen::JsCast;

use super::environment::{chosen_environment, within};
use crate::{
    prelude::*,
    ui::{Glyph, Icon, IconButton, Logo},
};

/// One page of the portal's map.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Its address.
    pub(crate) href: &'static str,
    /// What it is called.
    pub(crate) name: &'static str,
    /// Its picture.
    pub(crate) icon: Glyph,
    /// Whether it shows one environment, or both.
    pub(crate) by_environment: bool,
    /// Without it there is nothing to see there.
    needs: Permission,
}

/// A group of pages; the first has no heading.
struct Group {
    heading: Option<&'static str>,
    places: &'static [Place],
}

const GROUPS: &[Group] = &[
    Group {
        heading: None,
        places: &[
            Place {
                by_environment: true,
                href: "/",
                name: "Overview",
                icon: Glyph::Dashboard,
                needs: Permission::UsageRead,
            },
            Place { by_environment: true, href: "/keys", name: "Keys", icon: Glyph::Key, needs: Permission::KeysRead },
            Place {
                by_environment: false,
                href: "/templates",
                name: "Templates",
                icon: Glyph::Book,
                needs: Permission::KeysOwn,
            },
            Place {
                by_environment: true,
                href: "/usage",
                name: "Usage",
                icon: Glyph::Activity,
                needs: Permission::UsageRead,
            },
            Place {
                by_environment: true,
                href: "/budgets",
                name: "Budgets",
                icon: Glyph::Wallet,
                needs: Permission::BudgetsRead,
            },
            Place {
                by_environment: true,
                href: "/limits",
                name: "Limits",
                icon: Glyph::Gauge,
                needs: Permission::LimitsRead,
            },
            Place {
                by_environment: false,
                href: "/jobs",
                name: "Jobs",
                icon: Glyph::ListChecks,
                needs: Permission::JobsRead,
            },
        ],
    },
    Group {
        heading: Some("Platform"),
        places: &[Place {
            by_environment: false,
            href: "/connections",
            name: "Connections",
            icon: Glyph::Plug,
            needs: Permission::ConnectionsManage,
        }],
    },
    Group {
        heading: Some("Settings"),
        places: &[Place {
            by_environment: false,
            href: "/tokens",
            name: "Tokens",
            icon: Glyph::Terminal,
            needs: Permission::TokensManage,
        }],
    },
];

/// The page that an address belongs to.
pub(crate) fn place_of(path: &str) -> Option<Place> {
    let mut places = GROUPS.iter().flat_map(|group| group.places);
    let within = |place: &&Place| {
        place.href == path
            || (place.href != "/" && path.strip_prefix(place.href).is_some_and(|rest| rest.starts_with('/')))
    };
    places.find(within).copied()
}

/// The pages that a viewer may see, in the map's order.
pub(crate) fn places(viewer: &Viewer) -> impl Iterator<Item = Place> {
    GROUPS.iter().flat_map(|group| group.places).filter(|place| viewer.may(place.needs)).copied()
}

/// The portal's map. On a phone it is a popover that the top bar's button opens.
#[component]
pub(super) fn Sidebar(viewer: Viewer) -> impl IntoView {
    let groups = GROUPS.iter().filter_map(|group| links(group, &viewer)).collect_view();
    view! {
        <nav class="sidebar" id="sidebar" popover="auto" aria-label="Main" on:click=close_on_choice>
            <div class="sidebar__org">
                <Logo/>
                <span class="sidebar__names">
                    <b>{viewer.organization.to_string()}</b>
                    <small>{words(viewer.role)}</small>
                </span>
                <span class="sidebar__close">
                    <IconButton icon=Glyph::X label="Close menu" opens="sidebar" attr:popovertargetaction="hide"/>
                </span>
            </div>
            {groups}
            <div class="sidebar__foot">
                // Served by the API itself, so the router must leave the link alone.
                <a class="sidebar__link" href="/api/v1/openapi.json" rel="external" title="API description">
                    <Icon name=Glyph::Book/>
                    <span class="sidebar__label">"API description"</span>
                </a>
            </div>
        </nav>
    }
}

/// The pages of a group that the viewer may see; nothing when there are none.
fn links(group: &Group, viewer: &Viewer) -> Option<impl IntoView + use<>> {
    let (environment, path) = (chosen_environment(), use_location().pathname);
    let link = |place: &Place| {
        let Place { href, name, icon, by_environment, .. } = *place;
        let address = move || within(href, environment.get().filter(|_| by_environment));
        let current = move || place_of(&path.read()).is_some_and(|here| here.href == href).then_some("page");
        view! {
            <a href=address class="sidebar__link" title=name aria-current=current>
                <Icon name=icon/>
                <span class="sidebar__label">{name}</span>
            </a>
        }
    };
    let places: Vec<_> = group.places.iter().filter(|place| viewer.may(place.needs)).map(link).collect();
    (!places.is_empty()).then(|| {
        view! {
            {group.heading.map(|heading| view! { <h2 class="sidebar__heading"><span>{heading}</span></h2> })}
            {places}
        }
    })
}

const fn words(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owner",
        Role::Admin => "Admin",
        Role::Developer => "Developer",
        Role::Analyst => "Analyst",
    }
}

/// A chosen page closes the popover: it would otherwise stay open over the new page.
fn close_on_choice(event: web_sys::MouseEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let link = target.and_then(|target| target.closest("a").ok().flatten());
    let sidebar = link.and_then(|link| link.closest(".sidebar:popover-open").ok().flatten());
    if let Some(sidebar) = sidebar.and_then(|sidebar| sidebar.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = sidebar.hide_popover();
    }
}

#[cfg(test)]
mod tests {
    use super::place_of;

    #[test]
    fn addresses_belong_to_pages() {
        let name = |path| place_of(path).map(|place| place.name);
        assert_eq!(name("/"), Some("Overview"));
        assert_eq!(name("/keys"), Some("Keys"));
        assert_eq!(name("/keys/key_01"), Some("Keys"));
        assert_eq!(name("/keysmith"), None);
    }
}
