use super::{
    actions::BudgetTree,
    dialogs::Asking,
    row::{BudgetRow, HardBadge, Level, LevelBar, period_words},
};
use crate::{
    bearers::{BearerName, kind_words},
    prelude::*,
    ui::{Column, EnvironmentBadge, Glyph, Menu, MenuLine, MenuLink, Priority, Time, Tone},
};

/// The columns of the list. The levels are read from `tree`, so that a bar moves in its place while
/// the row, and the menu that may be open in it, stays.
pub(super) fn columns(tree: RwSignal<BudgetTree>, asking: Asking) -> Vec<Column<BudgetRow>> {
    vec![
        Column::new("Budget", |row: &BudgetRow| {
            let BudgetRow { depth, name, href, .. } = row.clone();
            view! { <BearerName depth name kind=kind_words(&row.kind) href/> }
        })
        .shown(Priority::Always),
        Column::new("Environment", |row: &BudgetRow| view! { <EnvironmentBadge environment=row.environment.clone()/> }),
        Column::new("Period", |row: &BudgetRow| period_words(row.period)),
        Column::new("Kind", |row: &BudgetRow| view! { <HardBadge hard=row.hard/> }).shown(Priority::Desktop),
        Column::number("Amount", |row: &BudgetRow| row.amount.clone()),
        Column::number("Spent", move |row: &BudgetRow| {
            let (level, label) = (level(tree, row), format!("Spent of {}", row.title()));
            view! {
                <span class="bearer__used">
                    <span>{move || level.read().spent.clone()}</span>
                    <LevelBar level label/>
                </span>
            }
        })
        .shown(Priority::Always),
        Column::number("Remaining", move |row: &BudgetRow| {
            let level = level(tree, row);
            move || level.read().remaining.clone()
        }),
        Column::new("Resets", |row: &BudgetRow| {
            let at = row.resets.clone();
            view! { <span class="muted">{at.map_or_else(|| "never".into_any(), |at| view! { <Time at/> })}</span> }
        })
        .shown(Priority::Desktop),
        Column::menu(move |row: &BudgetRow| row.manageable.then(|| view! { <Actions row=row.clone() asking/> }))
            .shown(Priority::Always),
    ]
}

/// The level of a row's budget now. A row that is just leaving keeps its last.
fn level(tree: RwSignal<BudgetTree>, row: &BudgetRow) -> Memo<Level> {
    let (id, first) = (row.id.clone(), row.level.clone());
    Memo::new(move |before: Option<&Level>| {
        let tree = tree.read();
        let row = tree.rows.iter().find(|row| row.id == id);
        row.map(|row| &row.level).or(before).unwrap_or(&first).clone()
    })
}

#[component]
fn Actions(row: BudgetRow, asking: Asking) -> impl IntoView {
    let (menu, label) = (format!("menu-{}", row.id), format!("Actions for {}", row.title()));
    // Without WASM the questions are asked by the address.
    let (change, delete) = (format!("?change={}", row.id), format!("?delete={}", row.id));
    let (changed, deleted) = (row.clone(), row);
    let open_change = move |event: web_sys::MouseEvent| {
        event.prevent_default();
        asking.change(changed.clone());
    };
    let open_delete = move |event: web_sys::MouseEvent| {
        event.prevent_default();
        asking.delete(deleted.clone());
    };
    view! {
        <Menu id=menu label>
            <MenuLink href=change icon=Glyph::Pencil on:click=open_change>"Change amount…"</MenuLink>
            <MenuLine/>
            <MenuLink href=delete icon=Glyph::Trash attr:data-tone=Tone::Danger.attribute() on:click=open_delete>"Delete…"</MenuLink>
        </Menu>
    }
}
