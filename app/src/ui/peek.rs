use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use super::{
    ButtonLink, Glyph, IconButton, RowName, Size,
    table::doing::{id_of, row_id},
};
use crate::prelude::*;

/// The row of a table that is looked at without leaving the table.
#[derive(Clone, Copy, Debug)]
pub struct Peek(RwSignal<Option<String>>);

impl Peek {
    /// None yet.
    pub fn new() -> Self {
        Self(RwSignal::new(None))
    }

    /// Whether one is.
    pub fn is_open(self) -> Signal<bool> {
        Signal::derive(move || self.0.read().is_some())
    }

    /// Looks at this row; looks away, if it is looked at already.
    pub(super) fn turn(self, id: &str) {
        self.0.update(|row| *row = (row.as_deref() != Some(id)).then(|| id.to_owned()));
    }

    /// Follows which row is looked at.
    pub(super) fn track(self) {
        self.0.track();
    }

    /// Whether this one is at present.
    pub(super) fn is_at(self, id: &str) -> bool {
        self.0.read_untracked().as_deref() == Some(id)
    }

    /// Looks at the row after this one or before it, if there is one.
    fn step(self, next: fn(&web_sys::Element) -> Option<web_sys::Element>) {
        let row = self.0.read_untracked().as_deref().and_then(row_of);
        if let Some(id) = row.and_then(|row| next(&row)).as_ref().and_then(id_of) {
            self.0.set(Some(id));
        }
    }
}

impl Default for Peek {
    fn default() -> Self {
        Self::new()
    }
}

fn row_of(id: &str) -> Option<web_sys::Element> {
    document().get_element_by_id(&row_id(id))
}

/// The panel beside a table with the detail of a row. It belongs into a piece that is loaded when a row is
/// first looked at. The arrows lead to the next row, Enter to its page, Escape back to the table.
#[component]
pub fn PeekPanel<T>(
    /// Which row.
    peek: Peek,
    /// The rows of the table.
    #[prop(into)]
    rows: Signal<Vec<T>>,
    /// What identifies them.
    identity: fn(&T) -> RowName,
    /// A row's own page.
    href: fn(&T) -> String,
    /// What is shown of it.
    detail: impl Fn(&T) -> AnyView + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let row = Memo::new(move |_| {
        let at = peek.0.get()?;
        rows.read().iter().find(|row| identity(row).id == at).cloned()
    });
    let title = Signal::derive(move || row.read().as_ref().map(|row| identity(row).name).unwrap_or_default());
    let href = Signal::derive(move || row.read().as_ref().map(href));
    let detail = move || row.read().as_ref().map(&detail);
    panel(peek, title, href, (move || detail()).into_any())
}

/// Everything of it that does not depend on what the rows are.
fn panel(peek: Peek, title: Signal<String>, href: Signal<Option<String>>, detail: AnyView) -> AnyView {
    let node: NodeRef<leptos::html::Dialog> = NodeRef::new();
    Effect::new(move |before: Option<Option<String>>| {
        let at = peek.0.get();
        let Some(dialog) = node.get() else { return at };
        match (at.is_some(), dialog.open()) {
            (true, false) => {
                // Where it covers everything, everything else is inert.
                let narrow =
                    window().inner_width().ok().and_then(|width| width.as_f64()).is_some_and(|width| width < 768.0);
                if narrow {
                    let _ = dialog.show_modal();
                } else {
                    dialog.show();
                }
                let _ = dialog.focus();
            }
            (false, true) => {
                dialog.close();
                focus_row(before.flatten().as_deref());
            }
            _ => {}
        }
        at
    });
    // A row that has left the page is no longer there to be looked at.
    effect(move || {
        if href.read().is_none() {
            peek.0.set(None);
        }
    });
    // Escape also closes it for those who went on in the table.
    effect(move || {
        let listening = window_event_listener(leptos::ev::keydown, move |event| {
            let open = peek.0.read_untracked().is_some();
            if open && event.key() == "Escape" && !event.default_prevented() && !is_covered() {
                peek.0.set(None);
            }
        });
        on_cleanup(move || listening.remove());
    });
    let press = move |event: KeyboardEvent| {
        let itself = event.target() == event.current_target();
        match event.key().as_str() {
            "ArrowDown" | "j" => peek.step(web_sys::Element::next_element_sibling),
            "ArrowUp" | "k" => peek.step(web_sys::Element::previous_element_sibling),
            "Escape" => peek.0.set(None),
            " " if itself => peek.0.set(None),
            "Enter" if itself => open(&event),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    view! {
        <dialog class="peek" node_ref=node tabindex="-1" aria-labelledby="peek-title" on:keydown=press on:close=move |_| peek.0.set(None)>
            <header class="peek__head">
                <h2 id="peek-title" aria-live="polite">{move || title.get()}</h2>
                <IconButton icon=Glyph::ArrowUp label="Row before" size=Size::Small on:click=move |_| peek.step(web_sys::Element::previous_element_sibling)/>
                <IconButton icon=Glyph::ArrowDown label="Next row" size=Size::Small on:click=move |_| peek.step(web_sys::Element::next_element_sibling)/>
                <IconButton icon=Glyph::X label="Close" size=Size::Small on:click=move |_| peek.0.set(None)/>
            </header>
            <div class="peek__body">{detail}</div>
            <footer class="peek__foot"><ButtonLink href icon_after=Glyph::ArrowRight>"Open"</ButtonLink></footer>
        </dialog>
    }
}

/// Whether something lies above the page that Escape closes first.
fn is_covered() -> bool {
    document().query_selector("dialog:modal, [popover]:popover-open").ok().flatten().is_some()
}

/// Where somebody was before they looked at a row: at that row, or the one that they went on to.
fn focus_row(id: Option<&str>) {
    let link = id.and_then(row_of).and_then(|row| row.query_selector(".table__link").ok().flatten());
    if let Some(link) = link.and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
        let _ = link.focus();
    }
}

fn open(event: &KeyboardEvent) {
    let panel = event.current_target().and_then(|panel| panel.dyn_into::<web_sys::Element>().ok());
    let link = panel.and_then(|panel| panel.query_selector(".peek__foot a").ok().flatten());
    if let Some(link) = link.and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
        link.click();
    }
}
