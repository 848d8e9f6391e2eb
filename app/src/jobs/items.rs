use domain::jobs::Outcome;

use super::{
    data::{Course, ItemList, ItemRow},
    progress::{OutcomeBadge, outcome_words},
};
use crate::{
    prelude::*,
    shell::PageProblem,
    ui::{
        Card, Column, EmptyKind, EmptyState, Paging, Priority, Tab, Table, Tabs, Time, format,
        query::{query_param, with_query},
    },
    wire::Following,
};

/// What became of a job's items, all of them or those with one outcome.
#[component]
pub(super) fn Items(
    /// How far the job is.
    course: Memo<Course>,
    /// The items.
    items: Following<ItemList>,
) -> impl IntoView {
    let body = move || match items.problem.get() {
        Some(problem) if problem.code == "invalid_request" => {
            view! { <EmptyState kind=EmptyKind::NoResults title="Nothing here" text=problem.message/> }
        }
        Some(problem) => view! { <PageProblem problem/> },
        None => view! { <Rows course items=items.value/> },
    };
    view! {
        <Card flush=true>
            <Tabs label="Outcome">
                <OutcomeTab course outcome=None/>
                {Outcome::ALL.iter().map(|outcome| view! { <OutcomeTab course outcome=Some(*outcome)/> }).collect_view()}
            </Tabs>
            {body}
        </Card>
    }
}

#[component]
fn OutcomeTab(course: Memo<Course>, outcome: Option<Outcome>) -> impl IntoView {
    let (chosen, word) = (query_param("outcome"), outcome.map(Outcome::as_str));
    let href = with_query(vec![("outcome", word.map(str::to_owned))]);
    let current = Signal::derive(move || chosen.read().as_deref() == word);
    let count = move || {
        let progress = course.read().progress;
        format::count(match outcome {
            None => progress.total,
            Some(Outcome::Waiting) => progress.total - progress.ended(),
            Some(Outcome::Done) => progress.done,
            Some(Outcome::Skipped) => progress.skipped,
            Some(Outcome::Failed) => progress.failed,
        })
    };
    view! {
        <Tab href current>{outcome.map_or("All", outcome_words)} " " <span class="num muted">{count}</span></Tab>
    }
}

#[component]
fn Rows(course: Memo<Course>, items: RwSignal<ItemList>) -> impl IntoView {
    let paging = Signal::derive(move || {
        let items = items.read();
        let summary = match items.rows.len() {
            1 => "1 key".to_owned(),
            rows => format!("{rows} keys"),
        };
        Some(Paging { summary, previous: None, next: items.next.clone() })
    });
    let columns = vec![
        Column::new("Key", name).shown(Priority::Always),
        Column::new("Outcome", |row: &ItemRow| view! { <OutcomeBadge outcome=row.outcome/> }).shown(Priority::Always),
        Column::new("Why", |row: &ItemRow| {
            let message = row.message.clone();
            view! { <span class="job__why">{message}</span> }
        }),
        Column::new("When", |row: &ItemRow| {
            let at = row.at.clone();
            view! { <span class="muted">{at.map(|at| view! { <Time at/> })}</span> }
        })
        .shown(Priority::Desktop),
    ];
    view! {
        <Table
            label="Keys of this job"
            columns
            rows=Signal::derive(move || items.read().rows.clone())
            key=|row: &ItemRow| format!("{} {}", row.key_id, row.outcome)
            paging
            empty=move || view! { <Nothing course/> }
        />
    }
}

/// The key, which leads to its page; on a phone with the reason, which has no column there.
fn name(row: &ItemRow) -> impl IntoView + use<> {
    let ItemRow { key_id, name, message, .. } = row.clone();
    let named = name.map(|name| view! { <a class="link" href=format!("/keys/{key_id}")>{name}</a> });
    view! {
        <span>{named.unwrap_or_else(|| view! { <code>{key_id}</code> })}</span>
        <span class="job__why-below">{message}</span>
    }
}

#[component]
fn Nothing(course: Memo<Course>) -> impl IntoView {
    let chosen = query_param("outcome");
    move || {
        let (title, text) = match (course.read().progress.total, chosen.read().is_some()) {
            (0, _) => ("No keys", "No key matched when this job was made."),
            (_, true) => ("None of these", "No key of this job has this outcome."),
            (_, false) => ("Results are forgotten", "What became of each key is kept for 30 days after a job's end."),
        };
        view! { <EmptyState kind=EmptyKind::NoResults title text/> }
    }
}
