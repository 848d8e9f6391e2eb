use leptos_router::{NavigateOptions, hooks::use_navigate};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use super::{
    FilterField,
    in_force::{ADD, Filtering, POPOVER},
    operand::{Operand, operand},
};
use crate::{
    prelude::*,
    ui::{
        Button, ButtonKind, Glyph, Icon, IconButton, Size,
        query::{query_param, with_query},
    },
    wire::lazy_piece,
};

/// What the popover of filters holds: the fields, and then the field that was chosen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Editor {
    pub(super) filtering: Filtering,
}

lazy_piece!(tools: Editor);

impl Editor {
    fn show(self) -> AnyView {
        let Filtering { fields, editing, open } = self.filtering;
        effect(move || {
            editing.track();
            if open.get() {
                // Only then is there something to type in.
                request_animation_frame(|| {
                    let places = ["input[type=text]", "input"].map(|place| format!("#{POPOVER} {place}"));
                    let _ = places.iter().any(|place| focus(place));
                });
            }
        });
        // It begins anew whenever it opens.
        let inside = move || match fields.iter().find(|field| *editing.read() == field.name) {
            _ if !open.get() => ().into_any(),
            None => view! { <Fields fields editing/> },
            Some(field) => view! { <Filter field=*field editing/> },
        };
        inside.into_any()
    }
}

/// Which field to filter by.
#[component]
fn Fields(fields: &'static [FilterField], editing: RwSignal<String>) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let found = Memo::new(move |_| {
        let typed = typed.read().trim().to_lowercase();
        let found = |field: &&FilterField| field.label.to_lowercase().contains(&typed);
        fields.iter().filter(found).map(|field| field.name).collect::<Vec<_>>()
    });
    let choose = move |name: &str| editing.set(name.to_owned());
    let press = move |event: KeyboardEvent| {
        match event.key().as_str() {
            "Enter" => found.read_untracked().first().into_iter().for_each(|name| choose(name)),
            "ArrowDown" => step(&event, web_sys::Element::next_element_sibling),
            "ArrowUp" => step(&event, web_sys::Element::previous_element_sibling),
            _ => return,
        }
        event.prevent_default();
    };
    let item = move |name: &'static str| {
        let label = fields.iter().find(|field| field.name == name).map_or(name, |field| field.label);
        view! { <button class="menu__item" type="button" on:click=move |_| choose(name)>{label}</button> }
    };
    let walk = move |event: KeyboardEvent| {
        let next = match event.key().as_str() {
            "ArrowDown" => web_sys::Element::next_element_sibling,
            "ArrowUp" => web_sys::Element::previous_element_sibling,
            _ => return,
        };
        event.prevent_default();
        step(&event, next);
    };
    view! {
        <div class="filter-editor__search">
            <Icon name=Glyph::Search/>
            <input type="text" placeholder="Filter by…" aria-label="Filter by" autocomplete="off" spellcheck="false" on:input=move |event| typed.set(event_target_value(&event)) on:keydown=press/>
        </div>
        <div class="filter-editor__list" on:keydown=walk>
            {move || found.get().into_iter().map(item).collect_view()}
            <p class="filter-editor__nothing" role="status">{move || found.read().is_empty().then_some("No field is called that.")}</p>
        </div>
    }
}

/// The filter on one field.
#[component]
fn Filter(field: FilterField, editing: RwSignal<String>) -> impl IntoView {
    let before = query_param(field.name).get_untracked();
    let Operand { view: choosing, value } = operand(field, before.as_deref().unwrap_or_default());
    let navigate = use_navigate();
    let apply = Callback::new(move |value: Option<String>| {
        let href = with_query(vec![(field.name, value)]).get_untracked();
        navigate(&href, NavigateOptions { scroll: false, ..NavigateOptions::default() });
        close();
    });
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        apply.run(value.get_untracked());
    };
    view! {
        <form class="filter-editor__form" on:submit=submit>
            <p class="filter-editor__head">
                <IconButton icon=Glyph::ChevronLeft label="All fields" size=Size::Small on:click=move |_| editing.set(String::new())/>
                <b>{field.label}</b>
            </p>
            {choosing}
            <div class="filter-editor__foot">
                {before.map(|_| view! { <Button kind=ButtonKind::Ghost size=Size::Small on:click=move |_| apply.run(None)>"Remove"</Button> })}
                <Button kind=ButtonKind::Primary size=Size::Small submit=true>"Apply"</Button>
            </div>
        </form>
    }
}

fn close() {
    let popover = document().get_element_by_id(POPOVER).and_then(|popover| popover.dyn_into::<HtmlElement>().ok());
    if let Some(popover) = popover {
        let _ = popover.hide_popover();
    }
    // The chip that it was opened from is another one now.
    request_animation_frame(|| {
        focus(&format!("#{ADD}"));
    });
}

/// Focuses the first such element, and says whether there is one.
fn focus(selector: &str) -> bool {
    let found = document().query_selector(selector).ok().flatten();
    found.and_then(|found| found.dyn_into::<HtmlElement>().ok()).is_some_and(|found| found.focus().is_ok())
}

/// Goes from the search to the first field, from a field to the next, and back.
fn step(event: &KeyboardEvent, next: fn(&web_sys::Element) -> Option<web_sys::Element>) {
    let Some(here) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else { return };
    let item = match here.matches("input") {
        Ok(true) => document().query_selector(&format!("#{POPOVER} .menu__item")).ok().flatten(),
        _ => next(&here).filter(|next| next.matches(".menu__item").unwrap_or(false)),
    };
    match item.and_then(|item| item.dyn_into::<HtmlElement>().ok()) {
        Some(item) => drop(item.focus()),
        None => {
            focus(&format!("#{POPOVER} input"));
        }
    }
}
