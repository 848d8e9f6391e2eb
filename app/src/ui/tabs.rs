use crate::prelude::*;

/// Views of the same page, as links: each has an address of its own.
#[component]
pub fn Tabs(
    /// What is chosen here.
    #[prop(into)]
    label: String,
    /// The tabs.
    children: Children,
) -> impl IntoView {
    view! { <nav class="tabs" aria-label=label>{children()}</nav> }
}

/// One tab.
#[component]
pub fn Tab(
    /// Its address.
    #[prop(into)]
    href: Signal<String>,
    /// Whether it is the one shown.
    #[prop(into)]
    current: Signal<bool>,
    /// How many rows it has.
    #[prop(optional, into)]
    count: MaybeProp<String>,
    /// Its name.
    children: Children,
) -> impl IntoView {
    view! {
        <a class="tabs__tab" href=move || href.get() aria-current=move || current.get().then_some("page")>
            {children()} {move || count.get().map(|count| view! { <span class="tabs__count">{count}</span> })}
        </a>
    }
}

/// A choice among two to five short answers, as links: a period, a measure.
#[component]
pub fn Segmented(
    /// What is chosen here.
    #[prop(into)]
    label: String,
    /// The segments.
    children: Children,
) -> impl IntoView {
    view! { <nav class="segmented" aria-label=label>{children()}</nav> }
}

/// One answer.
#[component]
pub fn Segment(
    /// Its address.
    #[prop(into)]
    href: Signal<String>,
    /// Whether it is the one shown.
    #[prop(into)]
    current: Signal<bool>,
    /// The answer.
    children: Children,
) -> impl IntoView {
    view! {
        <a class="segmented__item" href=move || href.get() aria-current=move || current.get().then_some("true")>
            {children()}
        </a>
    }
}
