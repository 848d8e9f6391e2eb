use leptos::prelude::*;

/// Turnpike's mark: a gate, open.
#[component]
pub fn Logo(
    /// The larger size, for pages before the shell.
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    view! {
        <span class="logo" data-size=large.then_some("l") aria-hidden="true">
            <svg viewBox="0 0 28 28">
                <path d="M8.5 21V9.5M6 21h5M8.5 13 21 7.5M14 10.6v3.2M18.5 8.6v3.2"></path>
            </svg>
        </span>
    }
}
