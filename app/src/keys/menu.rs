//! The menu of a row: one for all rows, loaded when the first is opened. Without scripts the row's page has it all.

use super::{
    actions::SetKeyStatus,
    list::KeyList,
    revoke::{RevokeAsked, Revoking},
    row::KeyRow,
};
use crate::{
    prelude::*,
    ui::{Glyph, IconButton, MenuButton, MenuLine, MenuLink, SharedMenu, Size, Tone, use_toasts},
    wire::{Form, PageData, Sending, lazy_piece, once_wanted},
};

const MENU: &str = "row-menu";

/// Whose menu is open, or was last.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowMenu {
    of: RwSignal<Option<KeyRow>>,
    change: Sending,
    revoking: Revoking,
}

impl RowMenu {
    /// No row's yet. What is changed by it has the list loaded again.
    pub(super) fn new(data: PageData<KeyList>) -> Self {
        let (change, revoking, toasts) = (Sending::to::<SetKeyStatus>(), Revoking::nothing(), use_toasts());
        change.then(move || {
            revoking.close();
            data.refetch();
        });
        effect(move || {
            if let Some(problem) = change.problem().get() {
                toasts.fail(problem.message);
            }
        });
        Self { of: RwSignal::new(None), change, revoking }
    }

    /// The button of a row.
    pub(super) fn button(self, key: &KeyRow) -> AnyView {
        let (label, key) = (format!("Actions for {}", key.name), key.clone());
        view! {
            <span class="scripted">
                <IconButton icon=Glyph::Ellipsis label size=Size::Small opens=MENU on:click=move |_| self.of.set(Some(key.clone()))/>
            </span>
        }
    }

    /// The menu, which every button opens.
    pub(super) fn panel(self) -> AnyView {
        let Self { of, change, revoking } = self;
        let label = Signal::derive(move || {
            of.read().as_ref().map_or("Actions".to_owned(), |key| format!("Actions for {}", key.name))
        });
        let wanted = Signal::derive(move || of.read().is_some());
        view! {
            <SharedMenu id=MENU label>{once_wanted(wanted, Items(self))}</SharedMenu>
            {once_wanted(revoking.is_asked(), RevokeAsked { revoking, action: change })}
        }
    }
}

/// What the menu holds.
#[derive(Clone, Copy, Debug)]
struct Items(RowMenu);

lazy_piece!(tools: Items);

impl Items {
    fn show(self) -> AnyView {
        let RowMenu { of, change, revoking } = self.0;
        (move || of.get().map(|key| items(key, change, revoking))).into_any()
    }
}

fn items(key: KeyRow, change: Sending, revoking: Revoking) -> AnyView {
    let (page, KeyRow { id, name, may, .. }) = (key.href(), key);
    let (icon, next, words) = turn(may.enable);
    let actions = may.change.then(|| {
        let target = (id.clone(), name);
        view! {
            <Form to=change>
                <input type="hidden" name="id" value=id/>
                <input type="hidden" name="status" value=next/>
                <MenuButton icon submit=true>{words}</MenuButton>
            </Form>
            <MenuLine/>
            <MenuButton icon=Glyph::Ban tone=Tone::Danger on:click=move |_| revoking.ask(target.clone())>"Revoke…"</MenuButton>
        }
    });
    view! {
        <MenuLink href=page icon=Glyph::ArrowRight>"Open"</MenuLink>
        {actions}
    }
}

/// How a key is switched to the other state: icon, the state, the verb.
pub(super) const fn turn(enable: bool) -> (Glyph, &'static str, &'static str) {
    if enable { (Glyph::Check, "active", "Enable") } else { (Glyph::Pause, "disabled", "Disable") }
}
