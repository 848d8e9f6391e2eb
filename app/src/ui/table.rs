use std::sync::Arc;

use super::{
    ButtonLink, Glyph, Icon, Size,
    each::{Each, Item},
    query::{query_param, with_query},
};
use crate::prelude::*;

/// How a column's cells stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// Words.
    #[default]
    Start,
    /// Numbers, with figures of equal width.
    End,
    /// The row's menu.
    Menu,
}

impl Align {
    const fn attribute(self) -> Option<&'static str> {
        match self {
            Align::Start => None,
            Align::End => Some("end"),
            Align::Menu => Some("menu"),
        }
    }
}

/// Which screens a column is worth its room on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Priority {
    /// Everywhere, a phone included: name, status and one number.
    Always,
    /// From a tablet on.
    #[default]
    Tablet,
    /// On a desktop only.
    Desktop,
}

impl Priority {
    const fn attribute(self) -> Option<&'static str> {
        match self {
            Priority::Always => None,
            Priority::Tablet => Some("2"),
            Priority::Desktop => Some("3"),
        }
    }
}

/// One column: its head and how it draws a row's cell.
#[derive(Clone)]
pub struct Column<T> {
    head: Head,
    cell: Arc<dyn Fn(&T) -> AnyView + Send + Sync>,
}

/// What of a column does not depend on what the rows are.
#[derive(Clone, Copy)]
struct Head {
    title: &'static str,
    align: Align,
    priority: Priority,
    sort: Option<&'static str>,
}

impl<T> Column<T> {
    /// A column of words, shown from a tablet on.
    pub fn new<V: IntoAny>(title: &'static str, cell: impl Fn(&T) -> V + Send + Sync + 'static) -> Self {
        let head = Head { title, align: Align::Start, priority: Priority::Tablet, sort: None };
        Self { head, cell: Arc::new(move |row: &T| cell(row).into_any()) }
    }

    /// A column of numbers.
    pub fn number<V: IntoAny>(title: &'static str, cell: impl Fn(&T) -> V + Send + Sync + 'static) -> Self {
        Self::new(title, cell).aligned(Align::End)
    }

    /// The row's menu, at the end of every row; a phone has the row's own page for it.
    pub fn menu<V: IntoAny>(cell: impl Fn(&T) -> V + Send + Sync + 'static) -> Self {
        Self::new("Actions", cell).aligned(Align::Menu)
    }

    fn aligned(mut self, align: Align) -> Self {
        self.head.align = align;
        self
    }

    /// The same column, on these screens.
    pub fn shown(mut self, priority: Priority) -> Self {
        self.head.priority = priority;
        self
    }

    /// The same column with a head that sorts by `?sort=key` and `?sort=-key`.
    pub fn sorted_by(mut self, key: &'static str) -> Self {
        self.head.sort = Some(key);
        self
    }
}

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

/// The one table of the portal. Its state (sorting, page) is the address's; the first column
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
    let heads = columns.iter().map(|column| column.head).collect::<Vec<_>>();
    let columns = Arc::new(columns);
    let item = move |row: &T| {
        let (columns, key, row) = (columns.clone(), key(row), row.clone());
        let draw = Arc::new(move || {
            let cells = columns.iter().map(|column| (column.head, (column.cell)(&row))).collect();
            body_row(cells, href.map(|href| href(&row)), fresh.is_some_and(|fresh| fresh(&row)))
        });
        Item { key, draw }
    };
    let none = Signal::derive(move || rows.with(Vec::is_empty));
    let rows = Signal::derive(move || rows.with(|rows| rows.iter().map(&item).collect()));
    frame(label, heads, rows, none, default_sort, loading, paging, empty)
}

/// Everything of a table that does not depend on what the rows are.
#[expect(clippy::too_many_arguments, reason = "they are the component's")]
fn frame(
    label: String,
    heads: Vec<Head>,
    rows: Signal<Vec<Item>>,
    none: Signal<bool>,
    default_sort: Option<&'static str>,
    loading: Signal<bool>,
    paging: Signal<Option<Paging>>,
    empty: ViewFn,
) -> AnyView {
    let sort = query_param("sort");
    let sort = Signal::derive(move || sort.get().or(default_sort.map(str::to_owned)).unwrap_or_default());
    let none = Memo::new(move |_| none.get());
    let table = move || {
        view! {
            <div class="table-scroll" role="region" tabindex="0" aria-label=label.clone() aria-busy=move || loading.get().then_some("true")>
                <table class="table">
                    <thead>
                        <tr>{heads.iter().map(|head| head_cell(*head, sort)).collect_view()}</tr>
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

fn head_cell(head: Head, sort: Signal<String>) -> AnyView {
    let Head { title, align, priority, sort: key } = head;
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

/// A row of its cells, the first of which is its head and leads to its page, if it has one.
fn body_row(cells: Vec<(Head, AnyView)>, mut href: Option<String>, fresh: bool) -> AnyView {
    let cell = |(index, (head, content)): (usize, (Head, AnyView))| {
        let (align, priority) = (head.align.attribute(), head.priority.attribute());
        if index > 0 {
            return view! { <td class="table__cell" data-align=align data-priority=priority>{content}</td> };
        }
        let content = match href.take() {
            Some(href) => view! { <a class="table__link" href=href>{content}</a> },
            None => content,
        };
        view! { <th class="table__cell" scope="row" data-align=align>{content}</th> }
    };
    let cells = cells.into_iter().enumerate().map(cell).collect_view();
    view! { <tr class="table__row" data-fresh=fresh.then_some("")>{cells}</tr> }
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
