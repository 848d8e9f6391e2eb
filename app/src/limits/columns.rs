use super::{
    actions::LimitRows,
    dialogs::{Actions, Asking},
    row::{Level, LevelBar, LimitRow, counted},
};
use crate::{
    bearers::{BearerName, kind_words},
    prelude::*,
    ui::{Column, EnvironmentBadge, Priority, format},
};

/// The columns of the list. The levels are read from `limits`, so that a bar moves in its place while
/// the row, and the menu that may be open in it, stays.
pub(super) fn columns(limits: RwSignal<LimitRows>, asking: Asking) -> Vec<Column<LimitRow>> {
    vec![
        Column::new("For", |row: &LimitRow| {
            let LimitRow { depth, name, href, .. } = row.clone();
            view! { <BearerName depth name kind=kind_words(&row.bearer) href/> }
        })
        .shown(Priority::Always),
        Column::new("Environment", |row: &LimitRow| view! { <EnvironmentBadge environment=row.environment.clone()/> }),
        Column::new("Calls", |row: &LimitRow| row.endpoint.clone().unwrap_or_else(|| "all".to_owned()))
            .shown(Priority::Desktop),
        Column::new("Limit", LimitRow::allows),
        Column::number("Used", move |row: &LimitRow| {
            let (level, label) = (level(limits, row), format!("Used of {}", row.title()));
            let counted = counted(row.limit);
            view! {
                <span class="bearer__used">
                    <span>{move || level.read().used()} " " {counted}</span>
                    <LevelBar level label/>
                </span>
            }
        })
        .shown(Priority::Always),
        Column::number("Remaining", move |row: &LimitRow| {
            let level = level(limits, row);
            move || format::count(level.read().remaining)
        }),
        Column::menu(move |row: &LimitRow| row.manageable.then(|| view! { <Actions row=row.clone() asking/> }))
            .shown(Priority::Always),
    ]
}

/// The level of a row's limit now. A row that is just leaving keeps its last.
pub(super) fn level(limits: RwSignal<LimitRows>, row: &LimitRow) -> Memo<Level> {
    let (id, first) = (row.id.clone(), row.level.clone());
    Memo::new(move |before: Option<&Level>| {
        let limits = limits.read();
        let row = limits.rows.iter().find(|row| row.id == id);
        row.map(|row| &row.level).or(before).unwrap_or(&first).clone()
    })
}
