use crate::prelude::*;

/// Keys to press, one after the other or together: `Ctrl K`, `g k`.
#[component]
pub fn Kbd(
    /// Their names, with spaces between them.
    #[prop(into)]
    keys: Signal<String>,
) -> impl IntoView {
    let key = |key: &str| view! { <kbd class="kbd">{key.to_owned()}</kbd> };
    move || keys.read().split(' ').map(key).collect_view()
}
