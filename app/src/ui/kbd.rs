use crate::prelude::*;

/// Keys to press, one after the other or together: `Ctrl K`, `g k`.
#[component]
pub fn Kbd(
    /// Their names, with spaces between them.
    #[prop(into)]
    keys: String,
) -> impl IntoView {
    keys.split(' ').map(|key| view! { <kbd class="kbd">{key.to_owned()}</kbd> }).collect_view()
}
