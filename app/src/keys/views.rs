//! The saved views of the list: a tab each, and a dialog to save and change them.

#[cfg(feature = "ssr")]
use domain::views::List;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

use super::saving::SaveView;
use crate::{
    prelude::*,
    problem::Problem,
    ui::{Button, ButtonKind, Glyph, Icon, Size, Tab, Tabs, format, query::form_encoded},
    wire::{PageData, Sending, once_wanted},
};

/// The views that the viewer sees.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyViews {
    /// Those that come along, then the others in their order.
    pub views: Vec<ViewTab>,
}

/// A view as a tab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewTab {
    /// The view.
    pub id: String,
    /// How it is called.
    pub name: String,
    /// The list's parameters, as in its address.
    pub query: String,
    /// Whether all of the organization see it.
    pub shared: bool,
    /// Whether the viewer may change it.
    pub manageable: bool,
    /// Whether the list opens with it.
    pub default: bool,
}

impl ViewTab {
    /// The list with the view's parameters.
    pub(super) fn href(&self) -> String {
        format!("/keys?view={}&{}", self.id, self.query)
    }
}

/// The views of the list.
#[server(prefix = "/fn", endpoint = "key_views")]
pub async fn load_key_views() -> Result<KeyViews, Problem> {
    let actor = crate::server::actor()?;
    let views = crate::server::handle::<service::views::Views>()?.list(&actor, List::Keys).await?;
    Ok(KeyViews { views: views.into_iter().map(tab).collect() })
}

/// How many keys each view shows, by the view's id.
#[server(prefix = "/fn", endpoint = "key_view_counts")]
pub async fn count_views() -> Result<Vec<(String, u64)>, Problem> {
    let actor = crate::server::actor()?;
    let counts = crate::server::handle::<service::views::Views>()?.counts(&actor, List::Keys).await?;
    Ok(counts.into_iter().map(|count| (count.id.to_string(), count.matching)).collect())
}

#[cfg(feature = "ssr")]
fn tab(view: domain::views::SavedView) -> ViewTab {
    ViewTab {
        id: view.id.to_string(),
        name: view.name.to_string(),
        query: form_encoded(view.query.iter().map(|(name, value)| (name.to_owned(), value.to_owned()))),
        shared: view.shared,
        manageable: view.manageable,
        default: view.default,
    }
}

/// The parameters that stand in an address.
///
/// # Errors
/// When it is no query.
#[cfg(feature = "ssr")]
pub(super) fn parameters(query: &str) -> Result<domain::views::Parameters, domain::Invalid> {
    let pairs: std::collections::BTreeMap<String, String> = serde_qs::from_str(query.trim_start_matches('?'))
        .map_err(|_| domain::Invalid::new("query", "Give the parameters as they stand in the list's address."))?;
    Ok(domain::views::Parameters(pairs.into_iter().filter(|(_, value)| !value.trim().is_empty()).collect()))
}

/// The address of the view that the actor's list opens with.
#[cfg(feature = "ssr")]
pub(super) async fn chosen(actor: &service::Actor) -> Result<Option<String>, Problem> {
    let views = crate::server::handle::<service::views::Views>()?.list(actor, List::Keys).await?;
    Ok(views.into_iter().find(|view| view.default).map(|view| tab(view).href()))
}

/// A tab for each view, with how many keys it shows.
#[component]
pub(super) fn ViewTabs(data: PageData<KeyViews>, views: RwSignal<KeyViews>) -> impl IntoView {
    let query = use_query_map();
    let current = Memo::new(move |_| query.read().get("view").filter(|view| !view.is_empty()).unwrap_or("all".into()));
    // Counting takes longer than looking: the page does not wait for it.
    let counting = Sending::<Vec<(String, u64)>>::to::<CountViews>();
    effect(move || {
        views.track();
        counting.send(String::new());
    });
    let counts = Memo::new(move |_| counting.answer().unwrap_or_default());
    let environment = move || query.read().get("environment").filter(|environment| !environment.is_empty());
    let within = move |href: String| match environment() {
        Some(environment) => format!("{href}&{}", form_encoded([("environment".to_owned(), environment)])),
        None => href,
    };
    let tab = move |tab: ViewTab| {
        let (id, own, href) = (tab.id.clone(), tab.id.clone(), tab.href());
        let count = Signal::derive(move || {
            let counts = counts.read();
            counts.iter().find(|(view, _)| *view == own).map(|(_, count)| format::count(*count))
        });
        let here = Signal::derive(move || *current.read() == id);
        let home = tab
            .default
            .then(|| view! { <Icon name=Glyph::Check/> <span class="sr-only">"(the list opens with it)"</span> });
        view! { <Tab href=Signal::derive(move || within(href.clone())) current=here count>{tab.name} {home}</Tab> }
    };
    let (wanted, open) = (RwSignal::new(false), RwSignal::new(false));
    let ask = move |_| {
        wanted.set(true);
        open.set(true);
    };
    let all = Signal::derive(move || *current.read() == "all");
    view! {
        <div class="views">
            <Tabs label="Views">
                <Tab href=Signal::derive(move || within("/keys?view=all".to_owned())) current=all>"All keys"</Tab>
                {move || views.get().views.into_iter().map(tab).collect_view()}
            </Tabs>
            <span class="scripted">
                <Button kind=ButtonKind::Ghost size=Size::Small on:click=ask on:pointerenter=move |_| wanted.set(true)>
                    <Icon name=Glyph::Sliders/>
                    {move || if all.get() { "Save view…" } else { "Edit view…" }}
                </Button>
            </span>
            {once_wanted(wanted.into(), SaveView { data, views, open })}
        </div>
    }
}
