use domain::identity::Viewer;

use super::{keyboard, shortcuts::Shortcuts};
use crate::{
    palette::Palette,
    prelude::*,
    ui::{Glyph, Icon, Kbd},
    wire::once_wanted,
};

/// What is at hand on every page, and which of it is open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tools {
    /// The command palette.
    pub(crate) palette: RwSignal<bool>,
    /// The list of shortcuts.
    pub(crate) shortcuts: RwSignal<bool>,
}

impl Tools {
    /// Listens to the keyboard for as long as the frame is there.
    pub(super) fn provide(viewer: &Viewer) -> Self {
        let tools = Self { palette: RwSignal::new(false), shortcuts: RwSignal::new(false) };
        keyboard::listen(tools, viewer);
        tools
    }
}

/// The tools themselves, whose code comes when they are first opened.
#[component]
pub(super) fn ToolPlaces(tools: Tools, viewer: Viewer) -> impl IntoView {
    view! {
        {once_wanted(tools.palette.into(), Palette { viewer, tools })}
        {once_wanted(tools.shortcuts.into(), Shortcuts { tools })}
    }
}

/// What opens the palette for those who don't know its keys.
#[component]
pub(super) fn SearchButton(tools: Tools) -> impl IntoView {
    let keys = RwSignal::new("Ctrl K".to_owned());
    // The server can't know the keyboard.
    Effect::new(move |_| {
        if window().navigator().platform().is_ok_and(|platform| platform.starts_with("Mac")) {
            keys.set("⌘ K".to_owned());
        }
    });
    view! {
        <button
            class="topbar__search scripted"
            type="button"
            aria-label="Search or jump to"
            aria-keyshortcuts="Control+K Meta+K"
            aria-haspopup="dialog"
            on:click=move |_| tools.palette.set(true)
        >
            <Icon name=Glyph::Search/>
            <span class="topbar__words">"Search or jump to…"</span>
            <span class="topbar__keys"><Kbd keys/></span>
        </button>
    }
}
