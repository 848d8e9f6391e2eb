use super::Tone;
use crate::prelude::*;

/// A state in one or two words.
#[component]
pub fn Badge(
    /// What the state means.
    #[prop(optional, into)]
    tone: Signal<Tone>,
    /// Without the dot it is a count or a kind, not a state.
    #[prop(optional)]
    plain: bool,
    /// The words.
    children: Children,
) -> impl IntoView {
    view! {
        <span class="badge" data-tone=move || tone.get().attribute() data-dot=(!plain).then_some("")>
            {children()}
        </span>
    }
}

/// Which environment something belongs to: test is amber everywhere, so that nobody mistakes it
/// for live.
#[component]
pub fn EnvironmentBadge(
    /// `test` or `live`.
    #[prop(into)]
    environment: String,
) -> impl IntoView {
    let tone = if environment == "test" { Tone::Warn } else { Tone::Neutral };
    let words = if environment == "test" { "Test" } else { "Live" };
    view! { <Badge tone plain=true>{words}</Badge> }
}
