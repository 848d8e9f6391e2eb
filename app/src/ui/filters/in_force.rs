use leptos_router::hooks::use_location;
use wasm_bindgen::JsCast;

use super::{FilterField, Names, editor::Editor};
use crate::{
    prelude::*,
    ui::{Glyph, Icon, popover::lazy_popover, query::with_query},
};

/// The id of the popover in which filters are made and changed.
pub(super) const POPOVER: &str = "filter-editor";
/// The id of the button that adds one.
pub(super) const ADD: &str = "add-filter";

/// The filters of a table, and which of them is being changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filtering {
    pub(super) fields: &'static [FilterField],
    /// The name of the field whose filter is changed; empty to choose one first.
    pub(super) editing: RwSignal<String>,
    /// Whether the popover is open.
    pub(super) open: RwSignal<bool>,
}

impl Filtering {
    pub(super) fn of(fields: &'static [FilterField]) -> Self {
        Self { fields, editing: RwSignal::new(String::new()), open: RwSignal::new(false) }
    }
}

/// The filters in force, in the order of their fields, and the way to another.
pub(super) fn chips(filtering: Filtering, named: Option<Names>) -> AnyView {
    let query = use_location().query;
    let chip = move |field: FilterField| {
        let FilterField { name, label, .. } = field;
        let value = query.read().get(name).filter(|value| !value.is_empty())?;
        let (operator, value) = field.in_words(&value, named.as_ref());
        let remove = remove(name, label);
        Some(view! {
            <span class="chip">
                <button class="chip__edit" type="button" popovertarget=POPOVER title="Change" data-field=name>
                    {face(label.to_owned(), operator, value)}
                </button>
                {remove}
            </span>
        })
    };
    // One listener serves all chips.
    let edit = move |event: web_sys::MouseEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let name = target.and_then(|target| target.closest("[data-field]").ok().flatten()?.get_attribute("data-field"));
        if let Some(name) = name {
            filtering.editing.set(name);
        }
    };
    view! {
        <div class="filters__chips" on:click=edit>
            {move || filtering.fields.iter().copied().filter_map(&chip).collect_view()}
            <button class="button scripted" type="button" id=ADD data-kind="ghost" data-size="s" popovertarget=POPOVER data-field="">
                <Icon name=Glyph::Filter/>
                "Add filter"
            </button>
        </div>
    }
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

/// Where filters are made and changed. It stands beside the form of the filters: what is typed in it is not
/// yet one.
pub(super) fn popover(filtering: Filtering) -> AnyView {
    lazy_popover(POPOVER, "menu filter-editor scripted", "Filter", filtering.open, Editor { filtering })
}
