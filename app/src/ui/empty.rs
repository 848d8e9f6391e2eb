use super::{Glyph, Icon};
use crate::prelude::*;

/// Why there is nothing to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmptyKind {
    /// Nothing was made yet: say what it is for, and offer to make the first.
    FirstUse,
    /// The filters leave nothing: offer to clear them.
    NoResults,
    /// The reader may not see it: say who can grant it.
    NoPermission,
    /// It could not be had: see `ErrorSummary`.
    Error,
}

/// What a table, card or page says instead of being empty.
#[component]
pub fn EmptyState(
    /// Why.
    kind: EmptyKind,
    /// The state in a few words.
    #[prop(into)]
    title: String,
    /// What it is for, or what to do.
    #[prop(into)]
    text: String,
    /// Another icon than the kind's own.
    #[prop(optional)]
    icon: Option<Glyph>,
    /// The way out: a button, a link, a line to paste.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let (name, default) = match kind {
        EmptyKind::FirstUse => ("first", Glyph::Inbox),
        EmptyKind::NoResults => ("results", Glyph::SearchX),
        EmptyKind::NoPermission => ("permission", Glyph::Lock),
        EmptyKind::Error => ("error", Glyph::CircleAlert),
    };
    view! {
        <div class="empty" data-kind=name role=(kind == EmptyKind::Error).then_some("alert")>
            <span class="empty__picture"><Icon name=icon.unwrap_or(default)/></span>
            <h2>{title}</h2>
            <p class="empty__text">{text}</p>
            {children.map(|way_out| view! { <div class="empty__actions">{way_out()}</div> })}
        </div>
    }
}
