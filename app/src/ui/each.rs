use std::sync::Arc;

use crate::prelude::*;

/// One of several things that come and go. It is drawn once, and stays for as long as its key is there.
#[derive(Clone)]
pub(super) struct Item {
    pub(super) key: String,
    pub(super) draw: Arc<dyn Fn() -> AnyView + Send + Sync>,
}

/// Things that come and go, whatever they are: Leptos' `For` is compiled anew for every kind of thing.
#[component]
pub(super) fn Each(
    /// What is there.
    #[prop(into)]
    items: Signal<Vec<Item>>,
) -> impl IntoView {
    view! { <For each=move || items.get() key=|item| item.key.clone() children=|item| (item.draw)()/> }
}
