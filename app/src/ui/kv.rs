use crate::prelude::*;

/// Facts about one thing, term by term.
#[component]
pub fn DescriptionList(
    /// The entries.
    children: Children,
) -> impl IntoView {
    view! { <dl class="kv">{children()}</dl> }
}

/// One fact.
#[component]
pub fn Entry(
    /// What is told.
    #[prop(into)]
    term: String,
    /// What it is.
    children: Children,
) -> impl IntoView {
    view! {
        <dt>{term}</dt>
        <dd>{children()}</dd>
    }
}
