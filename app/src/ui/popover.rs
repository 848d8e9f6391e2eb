use crate::{
    prelude::*,
    wire::{Piece, once_wanted},
};

/// A popover that holds a piece, whose code comes when it first opens.
pub(super) fn lazy_popover(
    id: &'static str,
    class: &'static str,
    label: &'static str,
    open: RwSignal<bool>,
    piece: impl Piece,
) -> AnyView {
    frame(id, class, label, open, once_wanted(open.into(), piece))
}

/// What of it does not depend on which piece it is.
fn frame(id: &'static str, class: &'static str, label: &'static str, open: RwSignal<bool>, piece: AnyView) -> AnyView {
    let node: NodeRef<leptos::html::Div> = NodeRef::new();
    let turned = move |_| {
        let shown = node.get_untracked().is_some_and(|popover| popover.matches(":popover-open").unwrap_or(false));
        open.set(shown);
    };
    view! {
        <div class=class popover="auto" id=id role="dialog" aria-label=label node_ref=node on:toggle=turned>
            {piece}
        </div>
    }
}
