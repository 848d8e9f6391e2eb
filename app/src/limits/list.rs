use super::{
    actions::{LimitRows, LoadLimits},
    columns::columns,
    dialogs::{Asking, Dialogs},
    row::LimitRow,
};
use crate::{
    prelude::*,
    shell::{PageProblem, chosen_environment},
    ui::{ButtonKind, ButtonLink, Card, EmptyKind, EmptyState, Glyph, PageHead, Paging, Table, TableSkeleton},
    wire::{Following, PageData, lazy_page, use_pulse},
};

/// `/limits`: all limits, each below those that hold too.
#[derive(Debug)]
pub(crate) struct LimitsPage {
    limits: PageData<LimitRows>,
}

lazy_page!(credentials: LimitsPage);

impl LimitsPage {
    fn load() -> Self {
        Self { limits: PageData::of_query::<LoadLimits>(&["environment"]) }
    }

    fn show(self) -> AnyView {
        let Self { limits: data } = self;
        data.follow(waiting, move |limits| view! { <Limits data limits/> })
    }
}

fn waiting() -> AnyView {
    let columns = vec!["For", "Environment", "Limit", "Used", "Remaining"];
    view! { <PageHead title="Limits"/> <Card flush=true><TableSkeleton columns/></Card> }
}

#[component]
fn Limits(data: PageData<LimitRows>, limits: Following<LimitRows>) -> impl IntoView {
    let asking = Asking::new(limits.value, data);
    // Only the bars that moved are drawn anew.
    use_pulse(move || data.renew(limits, |before, new| *before = new));
    let manageable = Memo::new(move |_| limits.value.read().manageable);
    let body = move || match limits.problem.get() {
        Some(problem) => view! { <PageProblem problem/> },
        None => view! { <Rows limits=limits.value asking manageable/> },
    };
    view! {
        <PageHead title="Limits" note="A call falls under every limit above its key, and has to pass each.">
            {move || manageable.get().then(|| view! { <CreateLimit/> })}
        </PageHead>
        <Card flush=true>{body}</Card>
        <Dialogs asking/>
    }
}

#[component]
fn CreateLimit() -> impl IntoView {
    view! { <ButtonLink href=Some("/limits/new".to_owned()) kind=ButtonKind::Primary icon=Glyph::Plus>"Create limit"</ButtonLink> }
}

#[component]
fn Rows(limits: RwSignal<LimitRows>, asking: Asking, manageable: Memo<bool>) -> impl IntoView {
    let paging = Signal::derive(move || {
        let summary = match limits.read().rows.len() {
            1 => "1 limit".to_owned(),
            n => format!("{n} limits"),
        };
        Some(Paging { summary, ..Paging::default() })
    });
    view! {
        <Table
            label="Limits"
            columns=columns(limits, asking)
            rows=Signal::derive(move || limits.read().rows.clone())
            key=|row: &LimitRow| row.state()
            paging
            empty=move || view! { <Nothing manageable/> }
        />
    }
}

#[component]
fn Nothing(manageable: Memo<bool>) -> impl IntoView {
    if chosen_environment().get_untracked().is_some() {
        let title = "No limits here";
        return view! { <EmptyState kind=EmptyKind::NoResults title text="There are none of this environment."/> };
    }
    view! {
        <EmptyState
            kind=EmptyKind::FirstUse
            icon=Glyph::Gauge
            title="No limits yet"
            text="A limit is how many requests or tokens may pass in a minute, or how many requests may be under way at once, for the organization, a team, a person or a key. Who comes too often is told when to come back, and everybody else is served."
        >
            {move || manageable.get().then(|| view! { <CreateLimit/> })}
        </EmptyState>
    }
}
