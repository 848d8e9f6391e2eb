mod column;
pub(super) mod doing;
mod row;

use std::sync::Arc;

pub use self::{
    column::{Align, Column, ColumnName, Priority},
    row::RowName,
};
use self::{
    column::{Head, arranged},
    doing::Doing,
    row::{Drawn, body_row, check_box},
};
use super::{
    ButtonLink, Glyph, Icon, Peek, Selection, Size,
    each::{Each, Item},
    query::{query_param, with_query},
};
use crate::prelude::*;

/// Where a page of rows stands among the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paging {
    /// Which rows these are, in words: `50 of 348 keys`.
    pub summary: String,
    /// The cursor of the page before, where it is known.
    pub previous: Option<String>,
    /// The cursor of the next page.
    pub next: Option<String>,
}

/// The one table of the portal. Its state (sorting, page, columns) is the address's; the first column
/// links to the row; what does not fit a screen leaves it by priority.
#[component]
pub fn Table<T>(
    /// What the rows are, for screen readers.
    #[prop(into)]
    label: String,
    /// The columns; the first one names the row.
    columns: Vec<Column<T>>,
    /// The rows.
    #[prop(into)]
    rows: Signal<Vec<T>>,
    /// What tells one row from another. A row is drawn anew only when its key changes, so a key
    /// includes whatever of the row may change on the page.
    key: fn(&T) -> String,
    /// The row's own page.
    #[prop(optional)]
    href: Option<fn(&T) -> String>,
    /// Whether a row has just come in, and says so by a fading tint.
    #[prop(optional)]
    fresh: Option<fn(&T) -> bool>,
    /// The sorting when the address names none, as in the address: `-cost`.
    #[prop(optional)]
    default_sort: Option<&'static str>,
    /// What identifies a row where rows are chosen or looked at.
    #[prop(optional)]
    identity: Option<fn(&T) -> RowName>,
    /// What is chosen of the rows; without it nothing can be.
    #[prop(optional)]
    selection: Option<Selection>,
    /// Which row is looked at; without it none can be.
    #[prop(optional)]
    peek: Option<Peek>,
    /// Whether newer rows are on their way; the present ones are dimmed.
    #[prop(optional, into)]
    loading: Signal<bool>,
    /// The page among the others; without it there is no foot.
    #[prop(optional, into)]
    paging: Signal<Option<Paging>>,
    /// What stands in the place of the table when there are no rows.
    #[prop(optional, into)]
    empty: ViewFn,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
{
    let heads: Arc<[Head]> = columns.iter().map(|column| column.head).collect();
    let layout = Layout::of(heads);
    let columns = Arc::new(columns);
    let doing = Doing { selection, peek, table: NodeRef::new() };
    let item = {
        let layout = layout.clone();
        move |row: &T| {
            let (columns, row, shown) = (columns.clone(), row.clone(), layout.shown());
            let key = layout.key(key(&row));
            let draw = Arc::new(move || {
                let cells = shown.iter().map(|(index, head)| (*head, (columns[*index].cell)(&row))).collect();
                body_row(Drawn {
                    cells,
                    href: href.map(|href| href(&row)),
                    fresh: fresh.is_some_and(|fresh| fresh(&row)),
                    name: identity.map(|identity| identity(&row)),
                    chosen: selection.is_some(),
                    looked_at: peek.is_some(),
                })
            });
            Item { key, draw }
        }
    };
    let none = Signal::derive(move || rows.with(Vec::is_empty));
    let rows = Signal::derive(move || rows.with(|rows| rows.iter().map(&item).collect()));
    frame(label, layout, rows, none, default_sort, loading, paging, empty, doing)
}

/// Which columns are shown, as the address says.
#[derive(Clone)]
struct Layout {
    heads: Arc<[Head]>,
    chosen: Signal<Option<String>>,
}

impl Layout {
    fn of(heads: Arc<[Head]>) -> Self {
        let named = heads.iter().any(|head| head.name.is_some());
        Self { heads, chosen: if named { query_param("columns") } else { Signal::stored(None) } }
    }

    /// The columns with their places among all.
    fn shown(&self) -> Vec<(usize, Head)> {
        let chosen = self.chosen.read();
        let head = |index: usize| {
            let head = self.heads[index];
            // What was asked for is shown as soon as there is any room.
            let asked = chosen.is_some() && head.priority == Priority::Desktop;
            (index, if asked { Head { priority: Priority::Tablet, ..head } } else { head })
        };
        arranged(&self.heads, chosen.as_deref()).into_iter().map(head).collect()
    }

    /// A row is drawn anew for other columns.
    fn key(&self, row: String) -> String {
        self.chosen.read().as_deref().into_iter().fold(row, |row, chosen| row + " " + chosen)
    }
}

/// Everything of a table that does not depend on what the rows are.
#[expect(clippy::too_many_arguments, reason = "they are the component's")]
fn frame(
    label: String,
    layout: Layout,
    rows: Signal<Vec<Item>>,
    none: Signal<bool>,
    default_sort: Option<&'static str>,
    loading: Signal<bool>,
    paging: Signal<Option<Paging>>,
    empty: ViewFn,
    doing: Doing,
) -> AnyView {
    let sort = query_param("sort");
    let sort = Signal::derive(move || sort.get().or(default_sort.map(str::to_owned)).unwrap_or_default());
    let none = Memo::new(move |_| none.get());
    if doing.selection.is_some() || doing.peek.is_some() {
        doing.show(move || rows.track());
    }
    let table = move || {
        let layout = layout.clone();
        view! {
            <div class="table-scroll" role="region" tabindex="0" aria-label=label.clone() aria-busy=move || loading.get().then_some("true")>
                <table class="table" node_ref=doing.table on:click=move |event| doing.act(&event)>
                    <thead>
                        <tr>
                            {doing.selection.map(|_| check_head())}
                            {move || layout.shown().into_iter().map(|(_, head)| head_cell(head, sort)).collect_view()}
                        </tr>
                    </thead>
                    <tbody>
                        <Each items=rows/>
                    </tbody>
                </table>
            </div>
            {move || paging.get().map(|paging| view! { <Foot paging/> })}
        }
    };
    (move || if none.get() { empty.run() } else { table() }).into_any()
}

/// The box that chooses a page's rows: some of them, when it is neither on nor off.
fn check_head() -> AnyView {
    view! {
        <th class="table__head" scope="col" data-align="check">{check_box("Select all on this page".to_owned())}</th>
    }
}

fn head_cell(head: Head, sort: Signal<String>) -> AnyView {
    let Head { title, align, priority, sort: key, .. } = head;
    let content = match key {
        None if align == Align::Menu => view! { <span class="sr-only">{title}</span> },
        None => title.into_any(),
        Some(key) => sort_link(title, key, align, sort),
    };
    let state = move || {
        key.and_then(|key| match sort.read().as_str() {
            current if current == key => Some("ascending"),
            current if current.strip_prefix('-') == Some(key) => Some("descending"),
            _ => None,
        })
    };
    view! {
        <th class="table__head" scope="col" data-align=align.attribute() data-priority=priority.attribute() aria-sort=state>
            {content}
        </th>
    }
}

/// Numbers sort from the largest first, words from A; a second click turns it round.
fn sort_link(title: &'static str, key: &'static str, align: Align, sort: Signal<String>) -> AnyView {
    let descending = Signal::derive(move || match sort.read().as_str() {
        current if current == key => true,
        current if current.strip_prefix('-') == Some(key) => false,
        _ => align == Align::End,
    });
    let down = with_query(vec![("sort", Some(format!("-{key}")))]);
    let up = with_query(vec![("sort", Some(key.to_owned()))]);
    let href = move || if descending.get() { down.get() } else { up.get() };
    let arrow = move || if *sort.read() == key { Glyph::ArrowUp } else { Glyph::ArrowDown };
    view! { <a class="table__sort" href=href>{title} {move || view! { <Icon name=arrow()/> }}</a> }
}

#[component]
fn Foot(paging: Paging) -> impl IntoView {
    let Paging { summary, previous, next } = paging;
    let cursor = query_param("cursor");
    let to = |cursor: String| with_query(vec![("cursor", Some(cursor))]);
    let next = next.map(to);
    let previous = previous.map(to);
    let first = with_query(Vec::new());
    // Without a known cursor for the page before, the way back is the first page.
    let known = previous.is_some();
    let back = Signal::derive(move || match previous {
        Some(previous) => Some(previous.get()),
        None => cursor.get().map(|_| first.get()),
    });
    let next = Signal::derive(move || next.map(|next| next.get()));
    let alone = move || back.get().is_none() && next.get().is_none();
    view! {
        <footer class="table-foot">
            <span>{summary}</span>
            <nav aria-label="Pages" hidden=alone>
                <ButtonLink href=back size=Size::Small icon=Glyph::ChevronLeft>
                    {move || if known || cursor.get().is_none() { "Previous" } else { "First page" }}
                </ButtonLink>
                <ButtonLink href=next size=Size::Small icon_after=Glyph::ChevronRight>"Next"</ButtonLink>
            </nav>
        </footer>
    }
}

/// A name with something smaller under it: what most first columns show.
#[component]
pub fn TwoLines(
    /// The name.
    #[prop(into)]
    main: String,
    /// What is under it, in the font of ids and keys.
    #[prop(into)]
    sub: String,
) -> impl IntoView {
    view! { <span>{main}</span> <span class="table__sub">{sub}</span> }
}
