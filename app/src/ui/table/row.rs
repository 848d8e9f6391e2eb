use super::column::Head;
use crate::prelude::*;

/// What identifies a row where rows are chosen or looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowName {
    /// Its id.
    pub id: String,
    /// How it is called.
    pub name: String,
}

/// A row as it is drawn, whatever it is a row of.
pub(super) struct Drawn {
    pub(super) cells: Vec<(Head, AnyView)>,
    pub(super) href: Option<String>,
    pub(super) fresh: bool,
    /// Where rows are chosen or looked at: what identifies it.
    pub(super) name: Option<RowName>,
    pub(super) chosen: bool,
    pub(super) looked_at: bool,
}

/// A row of its cells, the first of which is its head and leads to its page, if it has one.
pub(super) fn body_row(row: Drawn) -> AnyView {
    let Drawn { cells, mut href, fresh, name, chosen, looked_at } = row;
    let RowName { id, name } = name.unwrap_or_default();
    let check =
        chosen.then(|| view! { <td class="table__cell" data-align="check">{check_box(format!("Select {name}"))}</td> });
    let mut peek = looked_at.then(|| peek_button(&name));
    let cell = |(index, (head, content)): (usize, (Head, AnyView))| {
        let (align, priority) = (head.align.attribute(), head.priority.attribute());
        if index > 0 {
            return view! { <td class="table__cell" data-align=align data-priority=priority>{content}</td> };
        }
        let content = match href.take() {
            Some(href) => view! { <a class="table__link" href=href>{content}</a> },
            None => content,
        };
        view! { <th class="table__cell" scope="row" data-align=align>{content} {peek.take()}</th> }
    };
    let cells = cells.into_iter().enumerate().map(cell).collect_view();
    let id = (chosen || looked_at).then(|| super::doing::row_id(&id));
    view! { <tr class="table__row" id=id data-fresh=fresh.then_some("")>{check} {cells}</tr> }
}

/// A box that chooses rows, which `Doing` listens to.
pub(super) fn check_box(label: String) -> AnyView {
    view! { <input class="table__check" type="checkbox" aria-label=label/> }
}

/// What opens the panel for those with a pointer; Space does for the others, and so this is no stop for Tab.
fn peek_button(name: &str) -> AnyView {
    view! { <button class="table__peek scripted" type="button" tabindex="-1" title=format!("Peek at {name}")></button> }
}
