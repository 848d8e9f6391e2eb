//! What the list's keys are chosen for and looked at with: loaded when it is first wanted.

use super::{bulk::Bulk, list::KeyList, row::KeyRow, rows::KeyBadges};
use crate::{
    prelude::*,
    ui::{DescriptionList, Entry, EnvironmentBadge, Peek, PeekPanel, RowName, Selection, Time, format},
    wire::{PageData, lazy_piece},
};

/// What identifies a key among the list's.
pub(super) fn identity(key: &KeyRow) -> RowName {
    RowName { id: key.id.clone(), name: key.name.clone() }
}

/// What can be done with the chosen keys.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChosenKeys {
    /// Which keys.
    pub(super) selection: Selection,
    /// How many match the filters.
    pub(super) matching: Signal<u64>,
    /// Whether the viewer may set limits and budgets.
    pub(super) may_bound: Signal<bool>,
    /// To load the list again when something was done with them.
    pub(super) data: PageData<KeyList>,
}

lazy_piece!(tools: ChosenKeys);

impl ChosenKeys {
    fn show(self) -> AnyView {
        let Self { selection, matching, may_bound, data } = self;
        view! { <Bulk selection matching may_bound data/> }
    }
}

/// A key beside the list.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyPeek {
    /// Which key.
    pub(super) peek: Peek,
    /// The keys of the page.
    pub(super) keys: RwSignal<KeyList>,
}

lazy_piece!(tools: KeyPeek);

impl KeyPeek {
    fn show(self) -> AnyView {
        let Self { peek, keys } = self;
        let rows = Signal::derive(move || keys.read().rows.clone());
        view! { <PeekPanel peek rows identity href=KeyRow::href detail/> }
    }
}

fn detail(key: &KeyRow) -> AnyView {
    let KeyRow { id, hint, standing, rotation_due, environment, created_by, last_used, calls, cost, .. } = key.clone();
    let used = last_used.map_or_else(|| "Never".into_any(), |at| view! { <Time at/> });
    view! {
        <DescriptionList>
            <Entry term="Status"><KeyBadges standing rotation_due/></Entry>
            <Entry term="Environment"><EnvironmentBadge environment/></Entry>
            <Entry term="Key"><span class="mono">{hint}</span></Entry>
            <Entry term="Created by">{created_by}</Entry>
            <Entry term="Last used">{used}</Entry>
            <Entry term="Calls today">{format::count(calls)}</Entry>
            <Entry term="Cost today">{cost}</Entry>
            <Entry term="Id"><span class="mono">{id}</span></Entry>
        </DescriptionList>
    }
}
