//! The portal: pages, components, server functions.
//!
//! The server renders every page whole; the browser's WASM takes over afterwards and loads the
//! code of each page when it is first visited.

#![allow(
    unreachable_pub,
    reason = "the component macro repeats every component in a `pub` form that privacy then hides"
)]
// A page is one type, deeply nested; a portal is many.
#![recursion_limit = "256"]

mod bearers;
mod budgets;
mod catalog;
#[cfg(debug_assertions)]
mod gallery;
mod identity;
mod jobs;
mod keys;
mod lifetime;
mod limits;
mod not_found;
mod overview;
mod palette;
mod prelude;
pub mod problem;
#[cfg(feature = "ssr")]
mod server;
pub mod shell;
mod templates;
mod tokens;
#[cfg(feature = "ssr")]
mod typed;
pub mod ui;
mod usage;
mod wire;

use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};

use crate::{
    budgets::{BudgetsPage, NewBudgetPage},
    catalog::{ConnectionPage, ConnectionsPage, NewConnectionPage},
    identity::{LoginPage, SetupPage, SignedIn},
    jobs::{JobPage, JobsPage},
    keys::{EditKeyPage, KeyPage, KeysPage, LeakedPage, ManyKeysPage, NewKeyPage},
    limits::{LimitsPage, NewLimitPage},
    not_found::NotFound,
    overview::OverviewPage,
    prelude::*,
    templates::{NewTemplatePage, TemplatePage, TemplatesPage},
    tokens::{NewTokenPage, TokensPage},
    usage::{CallPage, UsagePage},
    wire::page,
};

#[cfg(feature = "ssr")]
pub use crate::identity::cookie as session_cookie;
#[cfg(feature = "ssr")]
pub use crate::server::TypedForm;
pub use crate::shell::document;

/// The whole portal: what pages share, and which page an address is.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    ui::provide_toasts();
    ui::provide_now();
    view! {
        <Title formatter=|title: String| window_title(&title)/>
        <Router>
            <Routes fallback=NotFound>
                <Route path=path!("/setup") view={page::<SetupPage>()} ssr=SsrMode::Async/>
                <Route path=path!("/login") view={page::<LoginPage>()} ssr=SsrMode::Async/>
                <ParentRoute path=path!("") view={page::<SignedIn>()} ssr=SsrMode::Async>
                    <Route path=path!("/") view={page::<OverviewPage>()} ssr=SsrMode::Async/>
                    <Route path=path!("/usage") view={page::<UsagePage>()} ssr=SsrMode::Async/>
                    <Route path=path!("/usage/:id") view={page::<CallPage>()} ssr=SsrMode::Async/>
                    <Route path=path!("/budgets") view={page::<BudgetsPage>()} ssr=SsrMode::Async/>
                    <Route path=path!("/budgets/new") view={page::<NewBudgetPage>()} ssr=SsrMode::Async/>
                    <Route path=path!("/limits") view={page::<LimitsPage>()} ssr=SsrMode::Async/>
                    <Route path=path!("/limits/new") view={page::<NewLimitPage>()} ssr=SsrMode::Async/>
                    <Route path=path!("/connections") view={page::<ConnectionsPage>()} ssr=SsrMode::Async/>
                    <Route path=path!("/connections/new") view={page::<NewConnectionPage>()} ssr=SsrMode::Async/>
                    <Route path=path!("/connections/:id") view={page::<ConnectionPage>()} ssr=SsrMode::Async/>
                    <Route path=path!("/keys") view={page::<KeysPage>()} ssr=SsrMode::Async/>
                    <Route path=path!("/keys/new") view={page::<NewKeyPage>()} ssr=SsrMode::Async/>
                    <Route path=path!("/keys/new-many") view={page::<ManyKeysPage>()} ssr=SsrMode::Async/>
                    <Route path=path!("/keys/leaked") view={page::<LeakedPage>()} ssr=SsrMode::Async/>
                    <Route path=path!("/keys/:id/edit") view={page::<EditKeyPage>()} ssr=SsrMode::Async/>
                    <Route path=path!("/keys/:id") view={page::<KeyPage>()} ssr=SsrMode::Async/>
                    <Route path=path!("/templates") view={page::<TemplatesPage>()} ssr=SsrMode::Async/>
                    <Route path=path!("/templates/new") view={page::<NewTemplatePage>()} ssr=SsrMode::Async/>
                    <Route path=path!("/templates/:id") view={page::<TemplatePage>()} ssr=SsrMode::Async/>
                    <Route path=path!("/jobs") view={page::<JobsPage>()} ssr=SsrMode::Async/>
                    <Route path=path!("/jobs/:id") view={page::<JobPage>()} ssr=SsrMode::Async/>
                    <Route path=path!("/tokens") view={page::<TokensPage>()} ssr=SsrMode::Async/>
                    <Route path=path!("/tokens/new") view={page::<NewTokenPage>()} ssr=SsrMode::Async/>
                </ParentRoute>
                <GalleryRoute/>
            </Routes>
            <ui::ToastRegion/>
        </Router>
    }
}

fn window_title(page: &str) -> String {
    match page {
        "" => "Turnpike".to_owned(),
        // A title that names the product needs no second mention.
        named if named.ends_with("Turnpike") => named.to_owned(),
        page => format!("{page} · Turnpike"),
    }
}

/// What the browser does once, before it takes over: a panic shall be readable in its console.
#[cfg(feature = "hydrate")]
pub fn start_in_browser() {
    console_error_panic_hook::set_once();
}

/// Every component in every state, in debug builds only.
#[cfg(debug_assertions)]
#[component(transparent)]
fn GalleryRoute() -> impl leptos_router::MatchNestedRoutes + Clone {
    leptos::view! { <Route path=path!("/_gallery") view={page::<gallery::GalleryPage>()} ssr=SsrMode::Async/> }
        .into_inner()
}

#[cfg(not(debug_assertions))]
#[component(transparent)]
fn GalleryRoute() -> impl leptos_router::MatchNestedRoutes + Clone {
    leptos::view! { <Route path=path!("/_gallery") view=NotFound/> }.into_inner()
}
