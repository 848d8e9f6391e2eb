mod editor;
mod field;
mod in_force;
mod operand;
mod span;
mod suggested;

use leptos_router::hooks::use_location;
use wasm_bindgen::JsCast;

use self::in_force::{Filtering, chips, popover};
pub use self::{
    field::{FilterField, FilterKind, Names},
    in_force::FilterChip,
    suggested::Suggestion,
};
use super::{
    Choice, Glyph, Icon,
    query::{query_param, with_query},
};
use crate::{prelude::*, wire::GetForm};

/// What stands at the right end of the filters: how many rows there are, how they are shown.
#[slot]
pub struct FilterEnd {
    /// What stands there.
    children: Children,
}

/// Search and filters of a table, as a GET form: the address is the state, so a filtered page
/// can be kept and sent to others.
#[component]
pub fn FilterBar(
    /// What the search looks in; `None` leaves the search out.
    #[prop(optional, into)]
    search: Option<String>,
    /// The query parameters that its filters set, so that they can be cleared together.
    #[prop(optional)]
    names: Vec<&'static str>,
    /// What rows can be filtered by with "Add filter".
    #[prop(optional)]
    fields: &'static [FilterField],
    /// Names of values in the address that are none themselves.
    #[prop(optional)]
    named: Option<Names>,
    /// Parameters that filtering leaves as they are.
    #[prop(default = vec!["environment", "sort", "period", "group_by", "columns", "view"])]
    keep: Vec<&'static str>,
    /// The filters that are always there: `FilterSelect`.
    #[prop(optional)]
    children: Option<Children>,
    /// The right end.
    #[prop(optional)]
    filter_end: Option<FilterEnd>,
) -> impl IntoView {
    let query = use_location().query;
    let of_fields = fields.iter().map(|field| field.name);
    let keep: Vec<&'static str> = keep.into_iter().chain(of_fields.clone()).collect();
    let kept = move || {
        let value = |name: &&'static str| query.read().get(name).map(|value| (*name, value));
        let field = |(name, value)| view! { <input type="hidden" name=name value=value/> };
        keep.iter().filter_map(value).map(field).collect_view()
    };
    let all: Vec<&'static str> = names.iter().copied().chain(of_fields).chain(["q"]).collect();
    let filtering = (!fields.is_empty()).then(|| Filtering::of(fields));
    let cleared = with_query(all.iter().map(|name| (*name, None)).collect());
    let filtered = move || all.iter().any(|name| query.read().get(name).is_some_and(|value| !value.is_empty()));
    view! {
        <GetForm class="filters" role="search">
            {move || kept()}
            {search.map(|words| view! { <Search words/> })}
            {children.map(|children| children())}
            {filtering.map(|filtering| chips(filtering, named.clone()))}
            <a class="button" data-kind="ghost" data-size="s" href=move || cleared.get() hidden=move || !filtered()>
                "Clear"
            </a>
            <button class="sr-only" type="submit">"Apply filters"</button>
            {filter_end.map(|end| view! { <div class="filters__end">{(end.children)()}</div> })}
        </GetForm>
        {filtering.map(popover)}
    }
}

#[component]
fn Search(words: String) -> impl IntoView {
    let q = query_param("q");
    view! {
        <label class="filters__search">
            <Icon name=Glyph::Search/>
            <input type="search" name="q" placeholder=words.clone() aria-label=words prop:value=move || q.get().unwrap_or_default() value=q.get_untracked()/>
        </label>
    }
}

/// A filter with a fixed list of answers; choosing one applies it.
#[component]
pub fn FilterSelect(
    /// The query parameter.
    name: &'static str,
    /// What is filtered by; also the answer that does not filter.
    #[prop(into)]
    label: String,
    /// The answers.
    choices: Vec<Choice>,
) -> impl IntoView {
    let current = query_param(name);
    let apply = |event: web_sys::Event| {
        let select = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlSelectElement>().ok());
        if let Some(form) = select.and_then(|select| select.form()) {
            let _ = form.request_submit();
        }
    };
    let option = move |Choice { value, label, .. }: Choice| {
        let own = value.clone();
        view! { <option value=value selected=move || current.read().as_ref() == Some(&own)>{label}</option> }
    };
    view! {
        <select class="filters__select" name=name aria-label=label.clone() data-active=move || current.get().map(|_| "") on:change=apply>
            <option value="" selected=move || current.read().is_none()>{format!("{label}: any")}</option>
            {choices.into_iter().map(option).collect_view()}
        </select>
    }
}
