use std::sync::Arc;

use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::{
    ColumnName, Glyph, Icon, IconButton, Size,
    each::{Each, Item},
    popover::lazy_popover,
    query::{query_param, with_query},
};
use crate::{prelude::*, wire::lazy_piece};

/// The parameter that says which columns are shown, and in which order.
const PARAM: &str = "columns";
/// The id of the menu.
const MENU: &str = "columns-menu";

/// The button that chooses and orders a table's columns; it belongs at the end of its filters.
#[component]
pub fn ColumnMenu(
    /// The columns that can be chosen, from `Column::names`.
    all: Vec<ColumnName>,
) -> impl IntoView {
    view! {
        <span class="scripted">
            <IconButton icon=Glyph::Columns label="Columns" opens=MENU/>
            {lazy_popover(MENU, "menu columns", "Columns", RwSignal::new(false), Chooser { all })}
        </span>
    }
}

/// What the menu holds.
#[derive(Clone, Debug)]
struct Chooser {
    all: Vec<ColumnName>,
}

lazy_piece!(tools: Chooser);

impl Chooser {
    fn show(self) -> AnyView {
        let all = StoredValue::new(self.all);
        let (param, navigate) = (query_param(PARAM), use_navigate());
        let shown = Memo::new(move |_| shown(&all.read_value(), param.read().as_deref()));
        let (kept, dragged) = (RwSignal::new(String::new()), RwSignal::new(None));
        // Whoever works with keys stays at the column that they moved, wherever it is now.
        effect(move || {
            shown.track();
            let id = kept.get_untracked();
            request_animation_frame(move || focus(&id));
        });
        let apply = Callback::new(move |columns: Vec<&'static str>| {
            let value = (columns != shown_by_default(&all.read_value())).then(|| columns.join(","));
            let href = with_query(vec![(PARAM, value)]).get_untracked();
            navigate(&href, NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() });
        });
        let lines = move || {
            let (all, shown) = (all.read_value(), shown.get());
            let hidden = all.iter().map(|column| column.name).filter(|name| !shown.contains(name));
            let order = shown.iter().copied().chain(hidden);
            let title = |name| all.iter().find(|column| column.name == name).map_or(name, |column| column.title);
            // A line knows where the others stand, and so is drawn anew with them.
            let item = |name| {
                let (title, shown) = (title(name), shown.clone());
                let key = format!("{name} {}", shown.join(","));
                Item { key, draw: Arc::new(move || line(name, title, &shown, apply, kept, dragged)) }
            };
            order.map(item).collect::<Vec<_>>()
        };
        let reset = move |_| apply.run(shown_by_default(&all.read_value()));
        view! {
            <p class="menu__title">"Columns"</p>
            <ul><Each items=Signal::derive(lines)/></ul>
            <hr class="menu__line"/>
            <button class="menu__item" type="button" hidden=move || param.read().is_none() on:click=reset>
                <Icon name=Glyph::Refresh/>
                "Show the usual columns"
            </button>
        }
    }
}

/// The columns that are shown, in their order.
fn shown(all: &[ColumnName], param: Option<&str>) -> Vec<&'static str> {
    let Some(param) = param else { return shown_by_default(all) };
    let known = |name: &str| all.iter().find(|column| column.name == name).map(|column| column.name);
    let mut shown = Vec::new();
    for name in param.split(',').filter_map(known) {
        if !shown.contains(&name) {
            shown.push(name);
        }
    }
    shown
}

fn shown_by_default(all: &[ColumnName]) -> Vec<&'static str> {
    all.iter().filter(|column| !column.extra).map(|column| column.name).collect()
}

fn line(
    name: &'static str,
    title: &'static str,
    shown: &[&'static str],
    apply: Callback<Vec<&'static str>>,
    kept: RwSignal<String>,
    dragged: RwSignal<Option<&'static str>>,
) -> AnyView {
    let at = shown.iter().position(|shown| *shown == name);
    let turn = {
        let shown = shown.to_vec();
        move |event: web_sys::Event| {
            let others = shown.iter().copied().filter(|shown| *shown != name);
            let own = event_target_checked(&event).then_some(name);
            kept.set(format!("column-{name}"));
            apply.run(others.chain(own).collect());
        }
    };
    let step = |icon, verb, by: isize| {
        let to = at.and_then(|at| at.checked_add_signed(by)).filter(|to| *to < shown.len());
        let (shown, id) = (shown.to_vec(), format!("column-{name}-{verb}"));
        let own = id.clone();
        let go = move |_| {
            let mut shown = shown.clone();
            if let (Some(at), Some(to)) = (at, to) {
                shown.swap(at, to);
                kept.set(own.clone());
                apply.run(shown);
            }
        };
        let off = to.is_none().then_some("true");
        view! { <IconButton icon label=format!("Move {title} {verb}") size=Size::Small attr:id=id attr:aria-disabled=off on:click=go/> }
    };
    let moves = at.map(|_| view! { {step(Glyph::ArrowUp, "up", -1)} {step(Glyph::ArrowDown, "down", 1)} });
    let over = move || at.and(dragged.get()).is_some_and(|moved| moved != name);
    let drop = {
        let shown = shown.to_vec();
        move |event: web_sys::DragEvent| {
            event.prevent_default();
            if let (true, Some(moved)) = (over(), dragged.get_untracked()) {
                apply.run(moved_to(&shown, moved, name));
            }
        }
    };
    view! {
        <li
            class="columns__line"
            draggable=at.map(|_| "true")
            on:dragstart=move |_| dragged.set(Some(name))
            on:dragover=move |event| if over() { event.prevent_default() }
            on:drop=drop
            on:dragend=move |_| dragged.set(None)
        >
            <label class="choice">
                <input type="checkbox" id=format!("column-{name}") prop:checked=at.is_some() on:change=turn/>
                <span>{title}</span>
            </label>
            {moves}
        </li>
    }
}

/// The columns with one of them where another stands, which makes room towards where it came from.
fn moved_to(shown: &[&'static str], moved: &'static str, place: &'static str) -> Vec<&'static str> {
    let Some(to) = shown.iter().position(|name| *name == place) else { return shown.to_vec() };
    let mut others: Vec<_> = shown.iter().copied().filter(|name| *name != moved).collect();
    others.insert(to.min(others.len()), moved);
    others
}

fn focus(id: &str) {
    use wasm_bindgen::JsCast;
    let found = document().get_element_by_id(id);
    if let Some(found) = found.and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = found.focus();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_address_names_is_shown_once_and_in_its_order() {
        let all = [("status", false), ("cost", false), ("team", true)].map(|(name, extra)| ColumnName {
            name,
            title: name,
            extra,
        });
        assert_eq!(shown(&all, None), ["status", "cost"]);
        assert_eq!(shown(&all, Some("team,status,owner,team")), ["team", "status"]);
    }

    #[test]
    fn a_column_that_is_dragged_comes_to_where_it_is_dropped() {
        let shown = ["name", "status", "owner", "cost"];
        assert_eq!(moved_to(&shown, "name", "owner"), ["status", "owner", "name", "cost"]);
        assert_eq!(moved_to(&shown, "cost", "status"), ["name", "cost", "status", "owner"]);
        assert_eq!(moved_to(&shown, "owner", "owner"), shown);
    }
}
