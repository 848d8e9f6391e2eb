use crate::prelude::*;

/// Whether what is shown follows what happens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Live {
    /// The page is as the server sent it; the connection is being made.
    #[default]
    Waiting,
    /// Every change arrives.
    On,
    /// The connection is gone; what is shown is as of then, in words.
    Lost(String),
}

/// A quiet dot that says whether the data is live, and since when it is not.
#[component]
pub fn LiveDot(
    /// The state of the connection.
    #[prop(into)]
    state: Signal<Live>,
) -> impl IntoView {
    let attribute = move || match state.get() {
        Live::Waiting => Some("waiting"),
        Live::On => None,
        Live::Lost(_) => Some("lost"),
    };
    let words = move || match state.get() {
        Live::Waiting => "Connecting".to_owned(),
        Live::On => "Live".to_owned(),
        Live::Lost(since) => format!("Not live since {since}"),
    };
    view! { <span class="live" role="status" data-state=attribute>{move || words()}</span> }
}
