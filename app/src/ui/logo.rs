use crate::prelude::*;

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
                <path d="M8 21V9.5M5.5 21h5M8 14l14-6.2"></path>
            </svg>
        </span>
    }
}
