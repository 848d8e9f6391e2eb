use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

use super::tools::Tools;
use crate::prelude::*;

/// Listens to the keyboard for as long as the frame is there: opens the palette, and has what other keys do
/// fetched when the first of them is pressed.
pub(super) fn listen(tools: Tools) {
    effect(move || {
        let listening = window_event_listener(leptos::ev::keydown, move |event| {
            let key = event.key();
            if (event.ctrl_key() || event.meta_key()) && key.eq_ignore_ascii_case("k") {
                event.prevent_default();
                tools.palette.update(|open| *open = !*open);
            } else if !tools.listening.get_untracked() && is_meant(&event) {
                tools.wanted.set(true);
                tools
                    .pressed
                    .update(|pressed| pressed.extend(key.chars().next().filter(|first| key.len() == first.len_utf8())));
            }
        });
        on_cleanup(move || listening.remove());
    });
}

/// Whether a key was meant for the page, and not for a field that is typed in or what lies above the page.
pub(super) fn is_meant(event: &KeyboardEvent) -> bool {
    const TYPING: &str = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
    let held = event.ctrl_key() || event.meta_key() || event.alt_key() || event.is_composing();
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let typing = target.is_none_or(|target| target.closest(TYPING).ok().flatten().is_some());
    !held && !typing && document().query_selector("dialog:modal, [popover]:popover-open").ok().flatten().is_none()
}
