use wasm_bindgen::JsCast;

use super::{ButtonKind, Glyph, Icon, Size};
use crate::prelude::*;

/// Copies a text and says so in the same place for two seconds.
#[component]
pub fn CopyButton(
    /// What is copied.
    #[prop(into)]
    text: Signal<String>,
    /// What it is, for screen readers: "Copy key".
    #[prop(into)]
    label: String,
    /// Only the icon, where room is short.
    #[prop(optional)]
    compact: bool,
    /// How much it asks to be pressed.
    #[prop(optional)]
    kind: ButtonKind,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let copy = move |_| {
        copy_text(&text.get_untracked());
        copied.set(true);
        set_timeout(move || copied.set(false), std::time::Duration::from_secs(2));
    };
    let icon = move || if copied.get() { Glyph::Check } else { Glyph::Copy };
    let words = move || if copied.get() { "Copied" } else { "Copy" };
    view! {
        <button
            class="button"
            type="button"
            data-icon=compact.then_some("")
            data-kind=(kind == ButtonKind::Ghost).then_some("ghost")
            data-size=Size::Small.attribute()
            aria-label=label.clone()
            title=label
            on:click=copy
        >
            {move || view! { <Icon name=icon()/> }}
            {(!compact).then_some(words)}
        </button>
        <span class="sr-only" role="status">{move || copied.get().then_some("Copied")}</span>
    }
}

/// Puts a text on the clipboard.
///
/// Browsers offer the clipboard only to pages served safely (https or loopback); elsewhere the
/// old way through a selected text field still works.
pub fn copy_text(text: &str) {
    if window().is_secure_context() {
        let _ = window().navigator().clipboard().write_text(text);
        return;
    }
    let Some(body) = document().body() else { return };
    let Ok(element) = document().create_element("textarea") else { return };
    let field: web_sys::HtmlTextAreaElement = element.unchecked_into();
    field.set_value(text);
    let _ = body.append_child(&field);
    field.select();
    let page: web_sys::HtmlDocument = document().unchecked_into();
    let _ = page.exec_command("copy");
    field.remove();
}
