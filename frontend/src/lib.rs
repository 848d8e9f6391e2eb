//! Hydrates the portal, nothing else.

use wasm_bindgen::prelude::wasm_bindgen;

/// Takes over the page that the server rendered.
#[wasm_bindgen]
pub fn hydrate() {
    app::start_in_browser();
    leptos::mount::hydrate_lazy(app::App);
}
