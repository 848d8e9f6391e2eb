use domain::identity::Viewer;

use super::{keyboard, keys::Keys, shortcuts::Shortcuts};
use crate::{
    palette::Palette,
    prelude::*,
    ui::{Glyph, Icon},
    wire::once_wanted,
};

/// What is at hand on every page, and which of it is open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tools {
    /// The command palette.
    pub(crate) palette: RwSignal<bool>,
    /// The list of shortcuts.
    pub(crate) shortcuts: RwSignal<bool>,
    /// Whether what single keys do is wanted.
    pub(super) wanted: RwSignal<bool>,
    /// Whether it has arrived.
    pub(super) listening: RwSignal<bool>,
    /// What was pressed until then.
    pub(super) pressed: RwSignal<String>,
}

impl Tools {
    /// Listens to the keyboard for as long as the frame is there.
    pub(super) fn begin() -> Self {
        let off = || RwSignal::new(false);
        let pressed = RwSignal::new(String::new());
        let tools = Self { palette: off(), shortcuts: off(), wanted: off(), listening: off(), pressed };
        keyboard::listen(tools);
        tools
    }
}

/// The tools themselves, whose code comes when they are first opened.
#[component]
pub(super) fn ToolPlaces(tools: Tools, viewer: Viewer) -> impl IntoView {
    view! {
        {once_wanted(tools.wanted.into(), Keys { viewer: viewer.clone(), tools })}
        {once_wanted(tools.palette.into(), Palette { viewer, tools })}
        {once_wanted(tools.shortcuts.into(), Shortcuts { tools })}
    }
}

/// What opens the palette for those who don't know its keys.
#[component]
pub(super) fn SearchButton(tools: Tools) -> impl IntoView {
    let keys = if is_mac() { "⌘ K" } else { "Ctrl K" };
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
            <span class="topbar__keys">{keys}</span>
        </button>
    }
}

/// Whether the keyboard has a ⌘: server and browser go by the same words.
fn is_mac() -> bool {
    #[cfg(feature = "ssr")]
    let agent = use_context::<http::request::Parts>()
        .and_then(|parts| Some(parts.headers.get(http::header::USER_AGENT)?.to_str().ok()?.to_owned()));
    #[cfg(not(feature = "ssr"))]
    let agent = window().navigator().user_agent().ok();
    agent.is_some_and(|agent| agent.contains("Macintosh"))
}
