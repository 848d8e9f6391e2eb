use leptos_meta::Title;

use super::{Live, LiveDot};
use crate::prelude::*;

/// The top of a page: its title (also the window's), whether it is live, and its actions.
#[component]
pub fn PageHead(
    /// The page's title.
    #[prop(into)]
    title: String,
    /// A sentence under the title, where the page is not obvious.
    #[prop(optional, into)]
    note: Option<String>,
    /// For pages that follow what happens: whether they do.
    #[prop(optional, into)]
    live: Option<Signal<Live>>,
    /// The actions; the primary one last.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <Title text=title.clone()/>
        <header class="page-head">
            <div class="page-head__text">
                <h1>{title}</h1>
                {live.map(|state| view! { <LiveDot state/> })}
                {note.map(|note| view! { <p>{note}</p> })}
            </div>
            {children.map(|actions| view! { <div class="page-head__actions">{actions()}</div> })}
        </header>
    }
}
