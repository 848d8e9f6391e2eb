//! What a key does: today's figures, their course, its last calls and what is left of its budgets. All of it moves
//! with the calls.

#[cfg(feature = "ssr")]
use domain::KeyId;
use serde::{Deserialize, Serialize};

use crate::{
    budgets::{BudgetCard, KeyBudgets},
    prelude::*,
    problem::Problem,
    shell::PageProblem,
    ui::{
        Card, CardAside, Chart, EmptyKind, EmptyState, Glyph, Legend, Segment, Segmented, Table, Tile, Tiles,
        query::{query_param, with_query},
    },
    usage::{CallRow, Course, Listed, columns, mark_fresh},
    wire::Following,
};

/// What a key does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct KeyActivity {
    /// Calls and cost of today, cost of the last 30 days and how many of the calls failed, formatted.
    pub figures: [String; 4],
    /// Their course, and the last calls; absent for those who may not see calls.
    pub calls: Option<Calls>,
    /// The budgets that its calls fall under; absent for those who may not see budgets.
    pub budgets: Option<KeyBudgets>,
}

/// A key's calls.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Calls {
    /// As a chart.
    pub course: Course,
    /// The last ones.
    pub last: Vec<CallRow>,
}

impl KeyActivity {
    /// Marks the calls that were not there before.
    pub(super) fn mark_fresh(&mut self, before: &Self) {
        if let (Some(calls), Some(before)) = (&mut self.calls, &before.calls) {
            mark_fresh(&mut calls.last, &before.last);
        }
    }
}

/// How far back the chart looks: its word in the address, on its switch, and in the chart's name. The first is meant when
/// the address says none.
const RANGES: [(&str, &str, &str); 3] =
    [("24h", "24 h", "the last 24 hours"), ("7d", "7 d", "the last 7 days"), ("30d", "30 d", "the last 30 days")];

/// What the chart measures, by its word in the address. The first is meant when the address says none.
const MEASURES: [(&str, &str); 2] = [("calls", "Calls"), ("cost", "Cost")];

/// What a key does.
#[server(prefix = "/fn", endpoint = "key_activity")]
pub async fn load_key_activity(
    /// Its id.
    id: String,
    /// How far back its course is told.
    #[server(default)]
    range: Option<String>,
    /// What of it.
    #[server(default)]
    show: Option<String>,
) -> Result<KeyActivity, Problem> {
    use crate::server::{Calendar, actor, handle};
    let actor = actor()?;
    let id = id.parse::<KeyId>().map_err(|_| service::Error::not_found("key"))?;
    let key = handle::<service::keys::Keys>()?.get(&actor, id).await?;
    let calendar = Calendar::of(&actor).await?;
    let row = super::row::row(&key, &calendar);
    let calls = match actor.may(domain::identity::Permission::UsageRead) {
        true => Some(calls(&actor, id, range.as_deref(), show.as_deref(), &calendar).await?),
        false => None,
    };
    Ok(KeyActivity {
        figures: [crate::ui::format::count(row.calls), row.cost, row.cost_30d, row.errors_30d],
        calls,
        budgets: crate::budgets::of_key(&actor, id, &calendar).await?,
    })
}

#[cfg(feature = "ssr")]
async fn calls(
    actor: &service::Actor,
    id: KeyId,
    range: Option<&str>,
    show: Option<&str>,
    calendar: &crate::server::Calendar,
) -> Result<Calls, Problem> {
    // An address that asks for what there is not is answered as if it did not ask.
    let span = range.and_then(|word| word.parse().ok()).unwrap_or(domain::usage::Span::Day);
    let usage: service::usage::Usage = crate::server::handle()?;
    let seen = usage.of_key(actor, id, span).await?;
    let query = domain::usage::EventQuery { key: Some(id.to_string()), ..Default::default() };
    let page = domain::PageQuery { limit: Some(10), cursor: None };
    let last = usage.events(actor, &query, &page).await?;
    Ok(Calls {
        course: course(&seen, span, show, calendar),
        last: last.data.iter().map(|event| crate::usage::row(event, calendar)).collect(),
    })
}

#[cfg(feature = "ssr")]
fn course(
    seen: &domain::usage::KeyUsage,
    span: domain::usage::Span,
    show: Option<&str>,
    calendar: &crate::server::Calendar,
) -> Course {
    use crate::{
        ui::Colour,
        usage::{Line, Unit},
    };
    let time = match span {
        domain::usage::Span::Month => ("Day", "%b %-d"),
        _ => ("Hour", "%b %-d, %H:%M"),
    };
    if show == Some("cost") {
        let lines = [Line::sums("Cost", Colour::Blue, &seen.course.cost)];
        return Course::draw(&seen.starts, &lines, Unit::Money(seen.currency), time, calendar);
    }
    let (calls, errors) = (&seen.course.calls, &seen.course.errors);
    let answered: Vec<u64> = calls.iter().zip(errors).map(|(calls, errors)| calls.saturating_sub(*errors)).collect();
    // One stands upon the other: the few that failed below, so that neither line hides the other.
    let lines =
        [Line::counts("Failed", Colour::Orange, errors).dashed(), Line::counts("Answered", Colour::Blue, &answered)];
    Course::draw(&seen.starts, &lines, Unit::Count, time, calendar)
}

/// What the key does, and beside it what bounds it.
#[component]
pub(super) fn Doings(
    /// What it does.
    doing: Following<KeyActivity>,
    /// The key.
    key_id: String,
    /// What stands below the budgets.
    children: Children,
) -> impl IntoView {
    let lead = format!("/usage?key={key_id}");
    let figure = move |index: usize| Signal::derive(move || doing.value.read().figures[index].clone());
    let bounded = Memo::new(move |_| doing.value.read().budgets.is_some());
    let budgets = Signal::derive(move || doing.value.read().budgets.clone().unwrap_or_default());
    let budgets = move || {
        let key_id = key_id.clone();
        bounded.get().then(|| view! { <BudgetCard budgets key_id/> })
    };
    let seen = Memo::new(move |_| doing.value.read().calls.is_some());
    let (behind, all) = (lead.clone(), lead.clone());
    let calls = move || match (doing.problem.get(), seen.get()) {
        (Some(problem), _) => Some(view! { <PageProblem problem/> }),
        (None, true) => Some(view! {
            <CourseCard doing=doing.value lead=behind.clone()/>
            <Last doing=doing.value lead=all.clone()/>
        }),
        (None, false) => None,
    };
    view! {
        <Tiles label="Figures">
            <Tile label="Calls today" value=figure(0) href=lead.clone()/>
            <Tile label="Cost today" value=figure(1) href=lead.clone()/>
            <Tile label="Cost in 30 days" value=figure(2) href=lead.clone()/>
            <Tile label="Failed in 30 days" value=figure(3) href=format!("{lead}&status=error")/>
        </Tiles>
        <div class="grid">
            <div class="stack">{calls}</div>
            <div class="stack">
                {budgets}
                {children()}
            </div>
        </div>
    }
}

#[component]
fn CourseCard(doing: RwSignal<KeyActivity>, lead: String) -> impl IntoView {
    let (range, show) = (query_param("range"), query_param("show"));
    let span = Memo::new(move |_| {
        let range = range.read();
        RANGES.iter().position(|(word, ..)| range.as_deref() == Some(*word)).unwrap_or_default()
    });
    let measure = Memo::new(move |_| {
        let show = show.read();
        MEASURES.iter().position(|(word, _)| show.as_deref() == Some(*word)).unwrap_or_default()
    });
    let segment = |parameter, index: usize, word: &str, label: &'static str, chosen: Memo<usize>| {
        let href = with_query(vec![(parameter, (index > 0).then(|| word.to_owned()))]);
        view! { <Segment href current=Signal::derive(move || chosen.get() == index)>{label}</Segment> }
    };
    let ranges = RANGES.iter().enumerate().map(|(index, (word, label, _))| segment("range", index, word, label, span));
    let measures =
        MEASURES.iter().enumerate().map(|(index, (word, label))| segment("show", index, word, label, measure));
    let (ranges, measures) = (ranges.collect_view(), measures.collect_view());
    let course = move || doing.read().calls.as_ref().map(|calls| calls.course.clone()).unwrap_or_default();
    let option = Memo::new(move |_| course().option);
    let legend = Memo::new(move |_| course().legend);
    let table = Memo::new(move |_| course().table);
    // A picture has one name, so that another span is another picture.
    let chart = move || {
        let label = format!("{} of {}", MEASURES[measure.get()].1, RANGES[span.get()].2);
        view! { <Chart label option table zoom=format!("{lead}&from={{from}}&to={{to}}")/> }
    };
    view! {
        <Card title="Usage">
            <CardAside slot>
                <Segmented label="Measure">{measures}</Segmented>
                <Segmented label="Range">{ranges}</Segmented>
            </CardAside>
            <div class="stack">
                <Legend items=legend/>
                {chart}
            </div>
        </Card>
    }
}

#[component]
fn Last(doing: RwSignal<KeyActivity>, lead: String) -> impl IntoView {
    let nothing = || {
        view! { <EmptyState kind=EmptyKind::FirstUse icon=Glyph::Activity title="No calls yet" text="The first call with this key appears here."/> }
    };
    let rows = move || doing.read().calls.as_ref().map(|calls| calls.last.clone()).unwrap_or_default();
    view! {
        <Card title="Recent calls" flush=true>
            <CardAside slot><a class="link" href=lead>"All calls"</a></CardAside>
            <Table
                label="Recent calls"
                columns=columns(Listed::OfKey)
                rows=Signal::derive(rows)
                key=|call: &CallRow| call.id.clone()
                href=|call: &CallRow| format!("/usage/{}", call.id)
                fresh=|call: &CallRow| call.fresh
                empty=nothing
            />
        </Card>
    }
}
