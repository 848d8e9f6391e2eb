use leptos_router::hooks::use_location;

use super::{FilterField, editor::Editor};
use crate::{
    prelude::*,
    ui::{Button, ButtonKind, Glyph, Icon, Size, query::with_query},
    wire::once_wanted,
};

/// The id of the popover in which filters are made and changed.
pub(super) const POPOVER: &str = "filter-editor";
/// The id of the button that adds one.
pub(super) const ADD: &str = "add-filter";

/// The filters of a table, and which of them is being changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filtering {
    pub(super) fields: &'static [FilterField],
    /// The field whose filter is changed; `None` to choose one first.
    pub(super) editing: RwSignal<Option<FilterField>>,
    /// Whether the popover is open.
    pub(super) open: RwSignal<bool>,
}

impl Filtering {
    pub(super) fn of(fields: &'static [FilterField]) -> Self {
        Self { fields, editing: RwSignal::new(None), open: RwSignal::new(false) }
    }
}

/// The filters in force, in the order of their fields.
pub(super) fn chips(filtering: Filtering, named: Signal<Vec<(String, String)>>) -> AnyView {
    let query = use_location().query;
    let chip = move |field: FilterField| {
        let value = query.read().get(field.name).filter(|value| !value.is_empty())?;
        let (operator, value) = field.in_words(&value, &named.read());
        let edit = move |_| filtering.editing.set(Some(field));
        let remove = remove(field.name, field.label);
        Some(view! {
            <span class="chip">
                <button class="chip__edit" type="button" popovertarget=POPOVER title="Change" on:click=edit>
                    {face(field.label.to_owned(), operator, value)}
                </button>
                {remove}
            </span>
        })
    };
    (move || filtering.fields.iter().copied().filter_map(chip).collect_view()).into_any()
}

/// A filter in force that is changed elsewhere: field, operator, value, and the way out of it.
#[component]
pub fn FilterChip(
    /// The query parameter that it stands for.
    name: &'static str,
    /// The field, in words.
    #[prop(into)]
    field: String,
    /// `is`, `is not`, `is any of`.
    #[prop(default = "is")]
    operator: &'static str,
    /// The value, in words.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    let remove = remove(name, &field);
    view! { <span class="chip"><span class="chip__edit">{face(field, operator, value)}</span> {remove}</span> }
}

fn face(field: String, operator: &'static str, value: String) -> AnyView {
    view! { <span>{field}</span> " " <b>{operator}</b> " " <b class="truncate">{value}</b> }
}

fn remove(name: &'static str, field: &str) -> AnyView {
    let (without, label) = (with_query(vec![(name, None)]), format!("Remove the filter on {field}"));
    view! { <a href=move || without.get() aria-label=label.clone() title=label><Icon name=Glyph::X/></a> }
}

/// The button that adds a filter.
#[component]
pub(super) fn AddFilter(filtering: Filtering) -> impl IntoView {
    view! {
        <span class="scripted">
            <Button
                kind=ButtonKind::Ghost
                size=Size::Small
                icon=Glyph::Filter
                attr:id=ADD
                attr:popovertarget=POPOVER
                on:click=move |_| filtering.editing.set(None)
            >
                "Add filter"
            </Button>
        </span>
    }
}

/// Where filters are made and changed. It stands beside the form of the filters: what is typed in it is not
/// yet one.
pub(super) fn popover(filtering: Filtering) -> AnyView {
    let node: NodeRef<leptos::html::Div> = NodeRef::new();
    let turned = move |_| {
        let open = node.get_untracked().is_some_and(|popover| popover.matches(":popover-open").unwrap_or(false));
        filtering.open.set(open);
    };
    view! {
        <div class="menu filter-editor scripted" popover="auto" id=POPOVER role="dialog" aria-label="Filter" node_ref=node on:toggle=turned>
            {once_wanted(filtering.open.into(), Editor { filtering })}
        </div>
    }
}
