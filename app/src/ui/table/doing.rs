//! What can be done with rows beside reading them. Their boxes and buttons are plain HTML; one listener
//! serves those of all rows, and what it changes is shown on all at once.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, MouseEvent};

use crate::{
    prelude::*,
    ui::{Peek, Selection},
};

/// How the ids of rows begin in the document.
const ROW: &str = "row-";

/// The id of a row in the document.
pub(in crate::ui) fn row_id(id: &str) -> String {
    format!("{ROW}{id}")
}

/// The row that an element of the document is.
pub(in crate::ui) fn id_of(row: &Element) -> Option<String> {
    row.id().strip_prefix(ROW).map(str::to_owned)
}

/// What is done with the rows of a table.
#[derive(Clone, Copy)]
pub(super) struct Doing {
    pub(super) selection: Option<Selection>,
    pub(super) peek: Option<Peek>,
    pub(super) table: NodeRef<leptos::html::Table>,
}

impl Doing {
    /// Shows on the rows what is chosen and looked at, also on those that `rows` brings.
    pub(super) fn show(self, rows: impl Fn() + 'static) {
        effect(move || {
            rows();
            if let Some(selection) = self.selection {
                selection.track();
            }
            if let Some(peek) = self.peek {
                peek.track();
            }
            // By then the rows are in the document.
            queue_microtask(move || self.paint());
        });
    }

    fn paint(self) {
        let Some(table) = self.table.try_get_untracked().flatten() else { return };
        let (mut any, mut all) = (false, true);
        for (row, id) in each_row(&table) {
            if let Some(selection) = self.selection {
                let chosen = selection.has(&id);
                (any, all) = (any || chosen, all && chosen);
                let _ = row.set_attribute("aria-selected", if chosen { "true" } else { "false" });
                if let Some(field) = check_in(&row) {
                    field.set_checked(chosen);
                }
            }
            if let Some(peek) = self.peek {
                let _ = row.toggle_attribute_with_force("data-peek", peek.is_at(&id));
            }
        }
        if let Some(field) = table.query_selector("thead").ok().flatten().and_then(|head| check_in(&head)) {
            field.set_checked(any && all);
            field.set_indeterminate(any && !all);
        }
    }

    /// Does what the control that was clicked stands for.
    pub(super) fn act(self, event: &MouseEvent) {
        let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
        let near = |selector: &str| target.closest(selector).ok().flatten();
        let id = near(".table__row").and_then(|row| id_of(&row));
        if let (Some(selection), Some(field)) = (self.selection, target.dyn_ref::<HtmlInputElement>()) {
            let Some(table) = self.table.get_untracked() else { return };
            let page: Vec<String> = each_row(&table).map(|(_, id)| id).collect();
            match id {
                Some(id) => selection.put(&id, field.checked(), event.shift_key(), &page),
                None => selection.put_page(field.checked(), &page),
            }
        } else if let (Some(peek), Some(id), Some(_)) = (self.peek, id, near(".table__peek")) {
            peek.turn(&id);
        }
    }
}

fn check_in(place: &Element) -> Option<HtmlInputElement> {
    place.query_selector(".table__check").ok().flatten()?.dyn_into().ok()
}

fn each_row(table: &Element) -> impl Iterator<Item = (Element, String)> + use<> {
    let first = table.query_selector("tbody > tr").ok().flatten();
    std::iter::successors(first, Element::next_element_sibling).filter_map(|row| id_of(&row).map(|id| (row, id)))
}
