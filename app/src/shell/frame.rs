use domain::identity::Viewer;

use super::{
    choosers::Choosing,
    sidebar::Sidebar,
    tools::{ToolPlaces, Tools},
    topbar::Topbar,
};
use crate::{prelude::*, ui::Logo};

/// The shell of every signed-in page.
#[component]
pub fn Frame(
    /// Who looks at it.
    viewer: Viewer,
    /// The page.
    children: Children,
) -> impl IntoView {
    Choosing::provide();
    let tools = Tools::begin();
    view! {
        <a class="skip" href="#main">"Skip to content"</a>
        <div class="shell">
            <Sidebar viewer=viewer.clone()/>
            <div>
                <Topbar viewer=viewer.clone() tools/>
                <main class="page" id="main" tabindex="-1">{children()}</main>
            </div>
        </div>
        <ToolPlaces tools viewer/>
    }
}

/// The shell of the pages before signing in: the mark, a title, a form.
#[component]
pub fn AuthFrame(
    /// The page's title.
    #[prop(into)]
    title: String,
    /// A sentence under it.
    #[prop(into)]
    note: String,
    /// The form.
    children: Children,
) -> impl IntoView {
    view! {
        <leptos_meta::Title text=title.clone()/>
        <main class="auth">
            <div class="auth__box">
                <header class="auth__head">
                    <Logo large=true/>
                    <div>
                        <h1>{title}</h1>
                        <p class="muted">{note}</p>
                    </div>
                </header>
                {children()}
            </div>
        </main>
    }
}
