use wasm_bindgen::JsCast;

use super::{Button, ButtonKind, Glyph, Icon, IconButton, Size, Tone};
use crate::prelude::*;

/// The buttons at a dialog's foot; the primary one last.
#[slot]
pub struct DialogFoot {
    /// What stands there.
    children: Children,
}

/// A modal dialog on `<dialog>`. `DialogButton` opens it (without a script, where the browser
/// knows invoker commands), `open` does so from code, and `shown` from the page's address.
#[component]
pub fn Dialog(
    /// An id that is unique on the page.
    #[prop(into)]
    id: String,
    /// What it is about.
    #[prop(into)]
    title: Signal<String>,
    /// A sentence under the title.
    #[prop(optional, into)]
    note: Option<String>,
    /// The narrow one, for questions.
    #[prop(optional)]
    small: bool,
    /// Opens it when set, and is cleared when it closes.
    #[prop(optional)]
    open: Option<RwSignal<bool>>,
    /// Whether the page arrives with it open; it is then usable before WASM is.
    #[prop(optional)]
    shown: bool,
    /// Where closing goes, for a dialog that has an address.
    #[prop(optional, into)]
    close_href: Option<String>,
    /// The content; end a form in it with `<div class="dialog__foot">` or use the slot.
    children: Children,
    /// The buttons at the foot.
    #[prop(optional)]
    dialog_foot: Option<DialogFoot>,
) -> impl IntoView {
    let node = match open {
        Some(open) => follow_open(open),
        None => NodeRef::new(),
    };
    effect(move || {
        let Some(dialog) = node.get() else { return };
        if shown && dialog.open() {
            // The server could only show it; now it becomes modal, with everything behind inert.
            dialog.close();
            let _ = dialog.show_modal();
        }
    });
    let closed = move |_| {
        if let Some(open) = open {
            open.set(false);
        }
    };
    let heading = format!("{id}-title");
    let close = match close_href {
        Some(href) => view! {
            <a class="button" data-icon="" data-kind="ghost" data-size="s" href=href aria-label="Close" title="Close">
                <Icon name=Glyph::X/>
            </a>
        },
        None => view! {
            <form method="dialog"><IconButton icon=Glyph::X label="Close" size=Size::Small attr:r#type="submit"/></form>
        },
    };
    view! {
        <dialog
            class="dialog"
            id=id
            node_ref=node
            open=shown
            data-size=small.then_some("s")
            aria-labelledby=heading.clone()
            on:close=closed
            on:click=close_beside
        >
            <header class="dialog__head">
                <h1 id=heading.clone()>{move || title.get()}</h1>
                {note.map(|note| view! { <p>{note}</p> })}
                <div class="dialog__close">{close}</div>
            </header>
            <div class="dialog__body">
                {children()}
                {dialog_foot.map(|foot| view! { <div class="dialog__foot">{(foot.children)()}</div> })}
            </div>
        </dialog>
    }
}

/// A dialog that is open, and modal, for as long as this says so.
pub(crate) fn follow_open(open: RwSignal<bool>) -> NodeRef<leptos::html::Dialog> {
    let node: NodeRef<leptos::html::Dialog> = NodeRef::new();
    effect(move || {
        let Some(dialog) = node.get() else { return };
        match (open.get(), dialog.open()) {
            (true, false) => drop(dialog.show_modal()),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    node
}

/// Closes the dialog with this id, if it is open: before what is drawn anew around it takes it along and
/// leaves the page behind it inert.
pub fn close_dialog(id: &str) {
    let dialog = document().get_element_by_id(id).and_then(|found| found.dyn_into::<web_sys::HtmlDialogElement>().ok());
    if let Some(dialog) = dialog.filter(web_sys::HtmlDialogElement::open) {
        dialog.close();
    }
}

/// A click on the backdrop is a click on the dialog element itself, outside of its box.
pub(crate) fn close_beside(event: web_sys::MouseEvent) {
    let Some(dialog) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlDialogElement>().ok()) else {
        return;
    };
    let rect = dialog.get_bounding_client_rect();
    let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
    let inside = (rect.left()..=rect.right()).contains(&x) && (rect.top()..=rect.bottom()).contains(&y);
    // Keyboard "clicks" carry no position; they never mean the backdrop.
    if !inside && event.detail() > 0 {
        dialog.close();
    }
}

/// The button that opens a dialog.
#[component]
pub fn DialogButton(
    /// The dialog's id.
    #[prop(into)]
    opens: String,
    /// How much it asks to be pressed.
    #[prop(optional)]
    kind: ButtonKind,
    /// `Danger` for what destroys.
    #[prop(optional)]
    tone: Tone,
    /// Its height.
    #[prop(optional)]
    size: Size,
    /// An icon before the words.
    #[prop(optional)]
    icon: Option<Glyph>,
    /// The words; an ellipsis says that a question follows.
    children: Children,
) -> impl IntoView {
    let id = opens.clone();
    // For browsers without invoker commands; the others have opened it by themselves.
    let open = move |_| {
        if knows_commands() {
            return;
        }
        let dialog = document().get_element_by_id(&id).and_then(|d| d.dyn_into::<web_sys::HtmlDialogElement>().ok());
        if let Some(dialog) = dialog.filter(|dialog| !dialog.open()) {
            let _ = dialog.show_modal();
        }
    };
    let icon = icon.map(|name| view! { <Icon name/> });
    view! {
        <Button kind tone size attr:command="show-modal" attr:commandfor=opens on:click=open>
            {icon}
            {children()}
        </Button>
    }
}

fn knows_commands() -> bool {
    let button = document().create_element("button");
    button.is_ok_and(|button| js_sys::Reflect::has(&button, &"commandForElement".into()).unwrap_or(false))
}

/// Asks for a phrase to be typed before a form that destroys can be sent. The browser checks it
/// by the field's pattern, so that it holds without WASM.
#[component]
pub fn ConfirmPhrase(
    /// What must be typed.
    #[prop(into)]
    phrase: String,
    /// A name unique on the page, for the field's id.
    #[prop(into)]
    name: String,
) -> impl IntoView {
    let id = format!("confirm-{name}");
    let pattern: String = phrase.chars().flat_map(|c| escaped(c).into_iter().flatten()).collect();
    view! {
        <div class="field">
            <label for=id.clone()>"Type " <code>{phrase.clone()}</code> " to confirm"</label>
            <input class="input" id=id type="text" required autocomplete="off" pattern=pattern title=format!("Type “{phrase}”")/>
        </div>
    }
}

/// A pattern is a regular expression with the `v` flag, which wants its special characters, and
/// only those, escaped.
fn escaped(c: char) -> [Option<char>; 2] {
    if "^$\\.*+?()[]{}|/-".contains(c) { [Some('\\'), Some(c)] } else { [Some(c), None] }
}
