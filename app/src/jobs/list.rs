use domain::jobs::JobState;

use super::{
    data::{Course, JobList, JobRow, LoadJobs},
    progress::{CourseBar, StateBadge},
};
use crate::{
    prelude::*,
    shell::PageProblem,
    ui::{
        ButtonLink, Card, Choice, Column, EmptyKind, EmptyState, FilterBar, FilterSelect, Glyph, PageHead, Paging,
        Priority, Table, TableSkeleton, Time, format,
        query::{query_param, with_query},
    },
    wire::{Following, PageData, lazy_page, use_pulse},
};

/// `/jobs`: what is and was worked on, the newest first.
#[derive(Debug)]
pub(crate) struct JobsPage {
    jobs: PageData<JobList>,
}

lazy_page!(jobs: JobsPage);

impl JobsPage {
    fn load() -> Self {
        Self { jobs: PageData::of_query::<LoadJobs>(&["state", "cursor"]) }
    }

    fn show(self) -> AnyView {
        let Self { jobs: data } = self;
        data.follow(waiting, move |jobs| view! { <Jobs data jobs/> })
    }
}

const NOTE: &str = "Work on many keys goes on when you leave the page, and after a restart.";

fn waiting() -> AnyView {
    let columns = vec!["Job", "State", "Progress", "Asked for by", "When"];
    view! { <PageHead title="Jobs" note=NOTE/> <Card flush=true><TableSkeleton columns/></Card> }
}

#[component]
fn Jobs(data: PageData<JobList>, jobs: Following<JobList>) -> impl IntoView {
    let under_way = move || jobs.value.with_untracked(|jobs| jobs.rows.iter().any(|row| !row.course.state.is_over()));
    use_pulse(move || async move {
        if under_way() {
            data.renew(jobs, |before, new| *before = new).await;
        }
    });
    let body = move || match jobs.problem.get() {
        // A wrong value in the address is no failure: the way out is to clear it.
        Some(problem) if problem.code == "invalid_request" => view! { <Nothing text=problem.message/> },
        Some(problem) => view! { <PageProblem problem/> },
        None => view! { <Rows jobs=jobs.value/> },
    };
    let states = [
        (JobState::Waiting, "Waiting"),
        (JobState::Running, "Running"),
        (JobState::Done, "Done"),
        (JobState::Failed, "Given up"),
        (JobState::Cancelled, "Cancelled"),
    ];
    let choices = states.into_iter().map(|(state, words)| Choice::new(state.as_str(), words)).collect();
    view! {
        <PageHead title="Jobs" note=NOTE/>
        <Card flush=true>
            <FilterBar names=vec!["state"]>
                <FilterSelect name="state" label="State" choices/>
            </FilterBar>
            {body}
        </Card>
    }
}

#[component]
fn Rows(jobs: RwSignal<JobList>) -> impl IntoView {
    let cursor = query_param("cursor");
    let paging = Signal::derive(move || {
        let jobs = jobs.read();
        let summary = match (jobs.rows.len(), jobs.next.is_none() && cursor.read().is_none()) {
            (1, true) => "1 job".to_owned(),
            (rows, true) => format!("{rows} jobs"),
            (rows, false) => format!("{rows} jobs, the newest first"),
        };
        Some(Paging { summary, previous: None, next: jobs.next.clone() })
    });
    view! {
        <Table
            label="Jobs"
            columns=columns(jobs)
            rows=Signal::derive(move || jobs.read().rows.clone())
            key=|row: &JobRow| row.id.clone()
            href=|row: &JobRow| format!("/jobs/{}", row.id)
            paging
            empty=|| view! { <Nothing text="No job is in this state."/> }
        />
    }
}

/// The columns. How far a job is is read from `jobs`, so that it moves in its place.
fn columns(jobs: RwSignal<JobList>) -> Vec<Column<JobRow>> {
    vec![
        Column::new("Job", |row: &JobRow| {
            let title = row.title.clone();
            view! { <span class="job__title">{title}</span> }
        })
        .shown(Priority::Always),
        Column::new("State", move |row: &JobRow| view! { <StateBadge course=course(jobs, row)/> })
            .shown(Priority::Always),
        Column::number("Progress", move |row: &JobRow| {
            let label = format!("Progress of {}", row.title);
            view! { <CourseBar course=course(jobs, row) label/> }
        })
        .shown(Priority::Always),
        Column::number("Skipped", move |row: &JobRow| {
            let course = course(jobs, row);
            move || format::count(course.read().progress.skipped)
        })
        .shown(Priority::Desktop),
        Column::number("Failed", move |row: &JobRow| {
            let course = course(jobs, row);
            move || format::count(course.read().progress.failed)
        })
        .shown(Priority::Desktop),
        Column::new("Asked for by", |row: &JobRow| {
            let by = row.by.clone();
            view! { <span class="muted">{by}</span> }
        }),
        Column::new("When", |row: &JobRow| {
            let at = row.created.clone();
            view! { <span class="muted"><Time at/></span> }
        }),
    ]
}

/// The course of a row's job now. A row that is just leaving keeps its last.
fn course(jobs: RwSignal<JobList>, row: &JobRow) -> Memo<Course> {
    let (id, first) = (row.id.clone(), row.course.clone());
    Memo::new(move |before: Option<&Course>| {
        let jobs = jobs.read();
        let row = jobs.rows.iter().find(|row| row.id == id);
        row.map(|row| &row.course).or(before).unwrap_or(&first).clone()
    })
}

#[component]
fn Nothing(#[prop(into)] text: String) -> impl IntoView {
    let state = query_param("state");
    let clear = with_query(vec![("state", None)]);
    let clear = Signal::derive(move || Some(clear.get()));
    move || match state.read().is_some() {
        true => view! {
            <EmptyState kind=EmptyKind::NoResults title="No jobs here" text=text.clone()>
                <ButtonLink href=clear>"Clear filters"</ButtonLink>
            </EmptyState>
        },
        false => view! {
            <EmptyState
                kind=EmptyKind::FirstUse
                icon=Glyph::ListChecks
                title="No jobs yet"
                text="What you do to many keys at once is a job: you see here how far it is, what became of each key, and can undo it for a day."
            >
                <ButtonLink href=Some("/keys".to_owned())>"Keys"</ButtonLink>
            </EmptyState>
        },
    }
}
