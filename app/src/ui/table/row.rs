use super::column::Head;
use crate::{
    prelude::*,
    ui::{Glyph, Icon, Peek, Selection, peek::row_id},
};

/// What identifies a row where rows are chosen or looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowName {
    /// Its id.
    pub id: String,
    /// How it is called.
    pub name: String,
}

/// What can be done with rows beside reading them.
#[derive(Clone, Copy)]
pub(super) struct Doing {
    pub(super) selection: Option<Selection>,
    pub(super) peek: Option<Peek>,
    /// The ids of the page's rows.
    pub(super) page: Signal<Vec<String>>,
}

/// A row as it is drawn, whatever it is a row of.
pub(super) struct Drawn {
    pub(super) cells: Vec<(Head, AnyView)>,
    pub(super) href: Option<String>,
    pub(super) fresh: bool,
    pub(super) name: Option<RowName>,
}

/// A row of its cells, the first of which is its head and leads to its page, if it has one.
pub(super) fn body_row(row: Drawn, doing: Doing) -> AnyView {
    let Drawn { cells, mut href, fresh, name } = row;
    let RowName { id, name } = name.unwrap_or_default();
    let mut glance = doing.peek.map(|peek| peek_button(peek, &id, &name));
    let check = doing.selection.map(|selection| check_cell(selection, &id, &name, doing.page));
    let cell = |(index, (head, content)): (usize, (Head, AnyView))| {
        let (align, priority) = (head.align.attribute(), head.priority.attribute());
        if index > 0 {
            return view! { <td class="table__cell" data-align=align data-priority=priority>{content}</td> };
        }
        let content = match href.take() {
            Some(href) => view! { <a class="table__link" href=href>{content}</a> },
            None => content,
        };
        view! { <th class="table__cell" scope="row" data-align=align>{content} {glance.take()}</th> }
    };
    let cells = cells.into_iter().enumerate().map(cell).collect_view();
    let anchor = (!id.is_empty()).then(|| row_id(&id));
    let chosen = {
        let id = id.clone();
        move || doing.selection.map(|selection| selection.has(&id).to_string())
    };
    let looked_at = move || doing.peek.filter(|peek| peek.is_at(&id)).map(|_| "");
    view! {
        <tr class="table__row" id=anchor data-fresh=fresh.then_some("") aria-selected=chosen data-peek=looked_at>
            {check}
            {cells}
        </tr>
    }
}

/// The box that chooses a row. With Shift it chooses all up to it.
fn check_cell(selection: Selection, id: &str, name: &str, page: Signal<Vec<String>>) -> AnyView {
    let chosen = {
        let id = id.to_owned();
        move || selection.has(&id)
    };
    let id = id.to_owned();
    let choose = move |event: web_sys::MouseEvent| {
        selection.put(&id, checked(&event), event.shift_key(), &page.read_untracked());
    };
    view! {
        <td class="table__cell" data-align="check">
            <input class="table__check" type="checkbox" autocomplete="off" aria-label=format!("Select {name}") prop:checked=chosen on:click=choose/>
        </td>
    }
}

/// The box that chooses a page's rows: some of them, when it is neither on nor off.
pub(super) fn check_head(selection: Selection, page: Signal<Vec<String>>) -> AnyView {
    let all = Memo::new(move |_| selection.of_page(&page.read()));
    let choose = move |event: web_sys::MouseEvent| selection.put_page(checked(&event), &page.read_untracked());
    view! {
        <th class="table__head" scope="col" data-align="check">
            <input
                class="table__check"
                type="checkbox"
                autocomplete="off"
                aria-label="Select all on this page"
                prop:checked=move || all.get().0
                prop:indeterminate=move || all.get() == (false, true)
                on:click=choose
            />
        </th>
    }
}

fn checked(event: &web_sys::MouseEvent) -> bool {
    use wasm_bindgen::JsCast;
    let field = event.current_target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
    field.is_some_and(|field| field.checked())
}

/// What opens the panel for those with a pointer; Space does for the others, and so this is no stop for Tab.
fn peek_button(peek: Peek, id: &str, name: &str) -> AnyView {
    let (id, label) = (id.to_owned(), format!("Peek at {name}"));
    view! {
        <button class="table__peek scripted" type="button" tabindex="-1" aria-label=label.clone() title=label on:click=move |_| peek.turn(&id)>
            <Icon name=Glyph::PanelRight/>
        </button>
    }
}
