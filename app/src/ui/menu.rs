use wasm_bindgen::JsCast;

use super::{Glyph, Icon, IconButton, Size, Tone};
use crate::prelude::*;

/// A button that opens a list of actions. The list is a popover, so it opens, closes and keeps
/// the focus in order without a script.
#[component]
pub fn Menu(
    /// An id that is unique on the page.
    #[prop(into)]
    id: String,
    /// What the menu is about: "Actions for checkout-prod".
    #[prop(into)]
    label: String,
    /// The button's icon.
    #[prop(default = Glyph::Ellipsis)]
    icon: Glyph,
    /// The button's size.
    #[prop(optional)]
    size: Size,
    /// Another button than an icon; it must carry `popovertarget` with the menu's id.
    #[prop(optional)]
    trigger: Option<AnyView>,
    /// The items.
    children: Children,
) -> impl IntoView {
    let button = match trigger {
        Some(trigger) => trigger,
        None => view! { <IconButton icon label=label.clone() size opens=id.clone()/> },
    };
    let panel = panel(id, label.into(), children());
    view! { {button} {panel} }
}

/// A list of actions that many buttons open, each with `popovertarget` and the menu's id: it stands under the
/// one that opened it.
#[component]
pub fn SharedMenu(
    /// An id that is unique on the page.
    #[prop(into)]
    id: String,
    /// What the menu is about.
    #[prop(into)]
    label: Signal<String>,
    /// The items.
    children: Children,
) -> impl IntoView {
    panel(id, label, children())
}

fn panel(id: String, label: Signal<String>, items: AnyView) -> AnyView {
    view! {
        <div class="menu" popover="auto" id=id role="group" aria-label=move || label.get() on:click=close_on_choice>
            {items}
        </div>
    }
}

/// A chosen item closes its menu; a click beside the items does not.
fn close_on_choice(event: web_sys::MouseEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let chosen = target.and_then(|target| target.closest("a, button").ok().flatten());
    let menu = chosen.and_then(|item| item.closest("[popover]").ok().flatten());
    if let Some(menu) = menu.and_then(|menu| menu.dyn_into::<web_sys::HtmlElement>().ok()) {
        // Fails only when it is closed already.
        let _ = menu.hide_popover();
    }
}

/// An item that goes somewhere.
#[component]
pub fn MenuLink(
    /// Where.
    #[prop(into)]
    href: Signal<String>,
    /// An icon before the words.
    #[prop(optional)]
    icon: Option<Glyph>,
    /// The words.
    children: Children,
) -> impl IntoView {
    view! {
        <a class="menu__item" href=move || href.get()>{icon.map(|name| view! { <Icon name/> })} {children()}</a>
    }
}

/// An item that does something. Events and attributes go on it as on an element; to open a
/// dialog: `attr:command="show-modal" attr:commandfor="the-dialog"`.
#[component]
pub fn MenuButton(
    /// An icon before the words.
    #[prop(optional)]
    icon: Option<Glyph>,
    /// `Danger` for what destroys.
    #[prop(optional)]
    tone: Tone,
    /// Whether it sends the form it is in.
    #[prop(optional)]
    submit: bool,
    /// The words.
    children: Children,
) -> impl IntoView {
    view! {
        <button class="menu__item" type=if submit { "submit" } else { "button" } data-tone=tone.attribute()>
            {icon.map(|name| view! { <Icon name/> })}
            {children()}
        </button>
    }
}

/// A line between groups of items.
#[component]
pub fn MenuLine() -> impl IntoView {
    view! { <hr class="menu__line"/> }
}

/// The name of a group of items.
#[component]
pub fn MenuTitle(
    /// The words.
    children: Children,
) -> impl IntoView {
    view! { <p class="menu__title">{children()}</p> }
}
