use super::{Glyph, Icon, Tone};
use crate::prelude::*;

/// How much a button asks to be pressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// One of several things to do.
    #[default]
    Secondary,
    /// The one thing to do; at most one on a page.
    Primary,
    /// There when needed, out of the way otherwise.
    Ghost,
}

impl ButtonKind {
    const fn attribute(self) -> Option<&'static str> {
        match self {
            ButtonKind::Secondary => None,
            ButtonKind::Primary => Some("primary"),
            ButtonKind::Ghost => Some("ghost"),
        }
    }
}

/// The size of a control.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Size {
    /// Inside tables, bars and cards.
    Small,
    /// Everywhere else.
    #[default]
    Medium,
}

impl Size {
    pub(super) const fn attribute(self) -> Option<&'static str> {
        match self {
            Size::Small => Some("s"),
            Size::Medium => None,
        }
    }
}

/// A button. Events and further attributes go on it as on an element:
/// `<Button on:click=… attr:name="theme" attr:value="dark">`.
#[component]
pub fn Button(
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
    /// Whether it sends the form it is in.
    #[prop(optional)]
    submit: bool,
    /// Whether it is as wide as its container.
    #[prop(optional)]
    full: bool,
    /// Whether its work is under way: the words make room for a spinner and nothing moves.
    #[prop(optional, into)]
    pending: Signal<bool>,
    /// The words: a verb, and what it acts on.
    children: Children,
) -> impl IntoView {
    view! {
        <button
            class="button"
            type=if submit { "submit" } else { "button" }
            data-kind=kind.attribute()
            data-tone=tone.attribute()
            data-size=size.attribute()
            data-full=full.then_some("")
            data-pending=move || pending.get().then_some("")
            aria-busy=move || pending.get().then_some("true")
            aria-disabled=move || pending.get().then_some("true")
        >
            <span class="button__face">{icon.map(|name| view! { <Icon name/> })} {children()}</span>
        </button>
    }
}

/// A link that looks like a button, for what only goes somewhere.
#[component]
pub fn ButtonLink(
    /// Where it goes; `None` shows it, without a way to follow it.
    #[prop(into)]
    href: Signal<Option<String>>,
    /// How much it asks to be pressed.
    #[prop(optional)]
    kind: ButtonKind,
    /// Its height.
    #[prop(optional)]
    size: Size,
    /// An icon before the words.
    #[prop(optional)]
    icon: Option<Glyph>,
    /// An icon after the words.
    #[prop(optional)]
    icon_after: Option<Glyph>,
    /// The words.
    children: Children,
) -> impl IntoView {
    view! {
        <a
            class="button"
            href=move || href.get()
            aria-disabled=move || href.get().is_none().then_some("true")
            role=move || href.get().is_none().then_some("link")
            data-kind=kind.attribute()
            data-size=size.attribute()
        >
            {icon.map(|name| view! { <Icon name/> })}
            {children()}
            {icon_after.map(|name| view! { <Icon name/> })}
        </a>
    }
}

/// A button that is only an icon; its label is what a screen reader says and a pointer shows.
#[component]
pub fn IconButton(
    /// The icon.
    icon: Glyph,
    /// What it does, in words.
    #[prop(into)]
    label: String,
    /// How much it asks to be pressed; `Ghost` is the usual one for icons.
    #[prop(default = ButtonKind::Ghost)]
    kind: ButtonKind,
    /// Its size.
    #[prop(optional)]
    size: Size,
    /// The id of the popover it opens, if it opens one.
    #[prop(optional, into)]
    opens: Option<String>,
) -> impl IntoView {
    let button = view! {
        <button
            class="button"
            type="button"
            data-icon=""
            data-kind=kind.attribute()
            data-size=size.attribute()
            aria-label=label.clone()
            title=label
        >
            <Icon name=icon/>
        </button>
    };
    match opens {
        Some(id) => button.attr("popovertarget", id).into_any(),
        None => button,
    }
}

/// A link that is only an icon.
#[component]
pub fn IconLink(
    /// The icon.
    icon: Glyph,
    /// Where it goes, in words.
    #[prop(into)]
    label: String,
    /// Where it goes.
    #[prop(into)]
    href: String,
) -> impl IntoView {
    view! {
        <a class="button" data-icon="" data-kind="ghost" href=href aria-label=label.clone() title=label>
            <Icon name=icon/>
        </a>
    }
}
