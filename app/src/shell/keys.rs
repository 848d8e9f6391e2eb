//! What single keys do on every page. The page is found as it stands in the document, so that no page need know
//! that there is a keyboard.

use std::cell::Cell;

use domain::identity::Viewer;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::{
    keyboard::is_meant,
    sidebar::{place_of, places},
    tools::Tools,
};
use crate::{prelude::*, ui::stored, wire::lazy_piece};

/// The letters that lead to pages after a `g`.
const LETTERS: &[(&str, &str)] = &[
    ("o", "/"),
    ("k", "/keys"),
    ("u", "/usage"),
    ("b", "/budgets"),
    ("l", "/limits"),
    ("j", "/jobs"),
    ("c", "/connections"),
    ("t", "/tokens"),
];

/// How long after a `g` its letter may follow, in milliseconds.
const PATIENCE: f64 = 1_500.0;

/// Where the browser keeps whether single keys do anything.
const SETTING: &str = "single keys";

/// The keys that lead to a page: `g k`.
pub(crate) fn keys_to(href: &str) -> Option<String> {
    LETTERS.iter().find(|(_, page)| *page == href).map(|(letter, _)| format!("g {letter}"))
}

/// The keys that lead to pages, and the pages' names.
pub(super) fn pages() -> impl Iterator<Item = (String, &'static str)> {
    let page = |(letter, href): &(&'static str, &'static str)| {
        place_of(href).filter(|place| place.href == *href).map(|place| (format!("g {letter}"), place.name))
    };
    LETTERS.iter().filter_map(page)
}

/// Whether single keys do anything: they don't have to, for those who speak to their computer.
pub(super) fn single_keys() -> bool {
    stored::get(SETTING).as_deref() != Some("off")
}

/// Chooses whether single keys do anything.
pub(super) fn use_single_keys(on: bool) {
    stored::set(SETTING, if on { "on" } else { "off" });
}

/// What single keys do.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    /// Who looks.
    pub(super) viewer: Viewer,
    /// What is open.
    pub(super) tools: Tools,
}

lazy_piece!(tools: Keys);

impl Keys {
    fn show(self) -> AnyView {
        let press = presser(self.tools, &self.viewer);
        // What was pressed while this was on its way.
        for key in self.tools.pressed.get_untracked().chars() {
            press(&key.to_string(), js_sys::Date::now());
        }
        self.tools.listening.set(true);
        let listening = window_event_listener(leptos::ev::keydown, move |event| {
            if is_meant(&event) && press(&event.key(), js_sys::Date::now()) {
                event.prevent_default();
            }
        });
        on_cleanup(move || listening.remove());
        ().into_any()
    }
}

/// Does what a key stands for, and says whether it stands for anything.
fn presser(tools: Tools, viewer: &Viewer) -> impl Fn(&str, f64) -> bool + 'static {
    let navigate = use_navigate();
    let pages: Vec<&str> = places(viewer).map(|place| place.href).collect();
    let went = Cell::new(f64::NEG_INFINITY);
    move |key, now| {
        if !single_keys() {
            return false;
        }
        let after_g = now - went.get() < PATIENCE;
        went.set(if key == "g" { now } else { f64::NEG_INFINITY });
        if let Some((_, href)) = LETTERS.iter().find(|(letter, href)| after_g && *letter == key && pages.contains(href))
        {
            navigate(href, NavigateOptions::default());
            return true;
        }
        match key {
            "?" => tools.shortcuts.set(true),
            "/" if !focus("main input[type=search]") => tools.palette.set(true),
            "/" => {}
            "n" => return click(document().query_selector(".page-head__actions [data-kind=primary]").ok().flatten()),
            key => return in_table(key),
        }
        true
    }
}

/// Moves between the rows of a table, and does to a row what its own controls do.
fn in_table(key: &str) -> bool {
    let row = || document().active_element()?.closest(".table__row").ok().flatten();
    let of_row = |control: &str| row().and_then(|row| row.query_selector(control).ok().flatten());
    let on_row = || document().active_element().is_some_and(|here| here.matches(ON_ROW).unwrap_or(false));
    match key {
        "j" => step(row(), Element::next_element_sibling),
        "k" => step(row(), Element::previous_element_sibling),
        "ArrowDown" if on_row() => step(row(), Element::next_element_sibling),
        "ArrowUp" if on_row() => step(row(), Element::previous_element_sibling),
        "x" => click(of_row("input[type=checkbox]")),
        " " if on_row() => click(of_row(".table__peek")),
        _ => false,
    }
}

/// What of a row the arrows lead on from: where they mean nothing else.
const ON_ROW: &str = ".table__link";

/// Goes to the row after this one or before it, or to the first of the page.
fn step(from: Option<Element>, next: fn(&Element) -> Option<Element>) -> bool {
    let link = match from {
        Some(row) => next(&row).and_then(|row| row.query_selector(ON_ROW).ok().flatten()),
        None => document().query_selector("main .table__link").ok().flatten(),
    };
    link.and_then(|link| link.dyn_into::<HtmlElement>().ok()).is_some_and(|link| link.focus().is_ok())
}

fn focus(selector: &str) -> bool {
    let found = document().query_selector(selector).ok().flatten();
    found.and_then(|found| found.dyn_into::<HtmlElement>().ok()).is_some_and(|found| found.focus().is_ok())
}

fn click(element: Option<Element>) -> bool {
    let element = element.and_then(|element| element.dyn_into::<HtmlElement>().ok());
    element.map(|element| element.click()).is_some()
}
