use super::{
    data::{Busy, Figure, Glance, Judgement, LoadOverview, Measure},
    reminders::Reminders,
    start::Start,
};
use crate::{
    prelude::*,
    shell::{PageProblem, chosen_environment},
    ui::{
        Card, CardAside, Change, Chart, EmptyKind, EmptyState, Legend, PageHead, Rank, RankRow, Segment, Segmented,
        Skeleton, Table, Tile, Tiles, Tone,
        query::{query_param, with_query},
    },
    usage::{CallRow, Listed, columns, mark_fresh, use_live},
    wire::{Following, PageData, lazy_page},
};

/// `/`: today, the last 24 hours, and the most recent calls.
#[derive(Debug)]
pub(crate) struct OverviewPage {
    glance: PageData<Glance>,
}

lazy_page!(usage: OverviewPage);

impl OverviewPage {
    fn load() -> Self {
        Self { glance: PageData::of_query::<LoadOverview>(&["environment", "show"]) }
    }

    fn show(self) -> AnyView {
        let Self { glance: data } = self;
        let waiting = || view! { <PageHead title="Overview"/> <Card><Skeleton block=true/></Card> };
        data.follow(waiting, move |glance| view! { <Overview data glance/> })
    }
}

#[component]
fn Overview(data: PageData<Glance>, glance: Following<Glance>) -> impl IntoView {
    // What has not changed stays untouched.
    let live = use_live(Signal::stored(true), move || {
        data.renew(glance, |before, mut new| {
            mark_fresh(&mut new.recent, &before.recent);
            *before = new;
        })
    });
    let start = Memo::new(move |_| glance.value.read().first.clone());
    let body = move || match (glance.problem.get(), start.get()) {
        (Some(problem), _) => view! { <PageProblem problem/> },
        (None, Some(first)) => view! { <Start first/> },
        (None, None) => view! { <Today glance=glance.value/> },
    };
    view! {
        <PageHead title="Overview" live/>
        <Reminders glance=glance.value/>
        {body}
    }
}

#[component]
fn Today(glance: RwSignal<Glance>) -> impl IntoView {
    let environment = chosen_environment();
    // What the links carry on: drawn anew only when that changes, which is at midnight at most.
    let behind = Memo::new(move |_| {
        let environment = environment.get().map(|word| format!("&environment={word}")).unwrap_or_default();
        (glance.read().today.clone(), environment)
    });
    let figures = move || {
        let (today, environment) = behind.get();
        view! { <Figures glance rows=format!("/usage?from={today}{environment}")/> }
    };
    let busiest = |title, of: fn(&Glance) -> Vec<Busy>, href: fn(&str) -> String| {
        let busy = Memo::new(move |_| glance.with(of));
        let row = move |Busy { id, name, value, percent }: Busy| view! { <RankRow name value percent href=href(&id)/> };
        let nothing = || view! { <p class="muted">"Nothing was called today."</p> };
        view! {
            <Card title>
                {move || match busy.get() {
                    busy if busy.is_empty() => nothing().into_any(),
                    busy => view! { <Rank>{busy.into_iter().map(row).collect_view()}</Rank> },
                }}
            </Card>
        }
    };
    view! {
        {figures}
        <div class="grid">
            <div class="stack">
                {move || view! { <LastDay glance environment=behind.get().1/> }}
                <Recent glance/>
            </div>
            <div class="stack">
                {busiest("Busiest keys today", |glance| glance.keys.clone(), |id| format!("/keys/{id}"))}
                {busiest("Busiest models today", |glance| glance.models.clone(), |id| format!("/usage?model={id}"))}
            </div>
        </div>
    }
}

/// The tiles, in the order of `Glance::figures`.
#[component]
fn Figures(glance: RwSignal<Glance>, rows: String) -> impl IntoView {
    let failed = format!("{rows}&status=error");
    let tile = move |index: usize, label: &'static str, href: String| {
        let figure = Memo::new(move |_| glance.read().figures.get(index).cloned().unwrap_or_default());
        let value = Signal::derive(move || figure.read().value.clone());
        let spark = Signal::derive(move || figure.read().spark.clone());
        let change = Signal::derive(move || change(&figure.read()));
        view! { <Tile label value change spark href/> }
    };
    view! {
        <Tiles label="Today">
            {tile(0, "Calls today", rows.clone())}
            {tile(1, "Success rate", failed)}
            {tile(2, "Cost today", rows.clone())}
            {tile(3, "Mean time to first byte", rows.clone())}
            {tile(4, "Tokens today", rows.clone())}
        </Tiles>
    }
}

fn change(figure: &Figure) -> Option<Change> {
    let (by, judgement) = figure.change.clone()?;
    let tone = match judgement {
        Judgement::Good => Tone::Ok,
        Judgement::Bad => Tone::Danger,
        Judgement::Neither => Tone::Neutral,
    };
    Some(Change { by, tone, than: "vs. yesterday by now".into() })
}

#[component]
fn LastDay(glance: RwSignal<Glance>, environment: String) -> impl IntoView {
    let show = query_param("show");
    let segment = move |(measure, word, label): (Measure, &'static str, &'static str)| {
        let href = with_query(vec![("show", (measure != Measure::Cost).then(|| word.to_owned()))]);
        let current = Signal::derive(move || Measure::of(show.read().as_deref()) == measure);
        view! { <Segment href current>{label}</Segment> }
    };
    let option = Memo::new(move |_| glance.read().chart.option.clone());
    let legend = Memo::new(move |_| glance.read().chart.legend.clone());
    let table = Memo::new(move |_| glance.read().chart.table.clone());
    view! {
        <Card title="Last 24 hours by model">
            <CardAside slot><Segmented label="Measure">{Measure::ALL.map(segment)}</Segmented></CardAside>
            <div class="stack">
                <Legend items=legend/>
                <Chart label="The last 24 hours by model" option table zoom=format!("/usage?from={{from}}&to={{to}}{environment}")/>
            </div>
        </Card>
    }
}

#[component]
fn Recent(glance: RwSignal<Glance>) -> impl IntoView {
    let environment = query_param("environment");
    let all = move || match environment.get() {
        Some(environment) => format!("/usage?environment={environment}"),
        None => "/usage".to_owned(),
    };
    let none = || view! { <EmptyState kind=EmptyKind::NoResults title="No calls here" text="Nothing was called in this environment."/> };
    view! {
        <Card title="Recent calls" flush=true>
            <CardAside slot><a class="link small" href=all>"All calls"</a></CardAside>
            <Table
                label="Recent calls"
                columns=columns(Listed::Latest)
                rows=Signal::derive(move || glance.read().recent.clone())
                key=|row: &CallRow| row.id.clone()
                href=|row: &CallRow| format!("/usage/{}", row.id)
                fresh=|row: &CallRow| row.fresh
                empty=none
            />
        </Card>
    }
}
