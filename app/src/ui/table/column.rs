use std::sync::Arc;

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
    pub(super) const fn attribute(self) -> Option<&'static str> {
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
    pub(super) const fn attribute(self) -> Option<&'static str> {
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
    pub(super) head: Head,
    pub(super) cell: Arc<dyn Fn(&T) -> AnyView + Send + Sync>,
}

/// What of a column does not depend on what the rows are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) title: &'static str,
    pub(super) align: Align,
    pub(super) priority: Priority,
    pub(super) sort: Option<&'static str>,
    pub(super) name: Option<&'static str>,
    pub(super) extra: bool,
}

/// A column that can be chosen, and where it stands among the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnName {
    /// Its name in the address.
    pub name: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Whether it is shown only when it is chosen.
    pub extra: bool,
}

impl<T> Column<T> {
    /// A column of words, shown from a tablet on.
    pub fn new<V: IntoAny>(title: &'static str, cell: impl Fn(&T) -> V + Send + Sync + 'static) -> Self {
        let (align, priority) = (Align::Start, Priority::Tablet);
        let head = Head { title, align, priority, sort: None, name: None, extra: false };
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

    /// The same column under a name by which `?columns=` shows it, leaves it out and orders it. The first
    /// column needs none: it is always there, and first.
    pub fn named(mut self, name: &'static str) -> Self {
        self.head.name = Some(name);
        self
    }

    /// The same column, shown only where its name is chosen.
    pub fn extra(mut self) -> Self {
        self.head.extra = true;
        self
    }

    /// The columns that can be chosen.
    pub fn names(columns: &[Self]) -> Vec<ColumnName> {
        let heads = columns.iter().skip(1).map(|column| column.head);
        heads.filter_map(|Head { name, title, extra, .. }| Some(ColumnName { name: name?, title, extra })).collect()
    }
}

/// Which columns are shown, by their places in `heads`: the first, those that are chosen in their order or
/// else those that are no extras, and the menu.
pub(super) fn arranged(heads: &[Head], chosen: Option<&str>) -> Vec<usize> {
    let (mut shown, mut menus) = (Vec::new(), Vec::new());
    for (index, head) in heads.iter().enumerate() {
        match head.align {
            _ if index == 0 => shown.push(index),
            Align::Menu => menus.push(index),
            // What has no name can't be left out.
            _ if head.name.is_none() || chosen.is_none() && !head.extra => shown.push(index),
            _ => {}
        }
    }
    for name in chosen.into_iter().flat_map(|names| names.split(',')) {
        let found = heads.iter().position(|head| head.name == Some(name));
        shown.extend(found.filter(|index| !shown.contains(index)));
    }
    shown.append(&mut menus);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heads() -> Vec<Head> {
        let columns: Vec<Column<()>> = vec![
            Column::new("Name", |()| ""),
            Column::new("Status", |()| "").named("status"),
            Column::number("Cost", |()| "").named("cost"),
            Column::new("Team", |()| "").named("team").extra(),
            Column::menu(|()| ""),
        ];
        columns.into_iter().map(|column| column.head).collect()
    }

    #[test]
    fn extras_are_shown_when_chosen() {
        assert_eq!(arranged(&heads(), None), [0, 1, 2, 4]);
        assert_eq!(arranged(&heads(), Some("team,status")), [0, 3, 1, 4]);
    }

    #[test]
    fn nonsense_shows_nothing_twice_and_nothing_unknown() {
        assert_eq!(arranged(&heads(), Some("cost,cost,owner,,Name,cost")), [0, 2, 4]);
        assert_eq!(arranged(&heads(), Some("nothing")), [0, 4]);
    }
}
