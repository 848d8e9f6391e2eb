use domain::usage::EventQuery;
use leptos::prelude::*;
use leptos_router::{LazyRoute, hooks::use_query_map, lazy_route, params::ParamsMap};

use super::{
    CallRow, Following,
    calls::{CallList, load_calls},
    columns,
    filters::{CallFilters, Filters, NAMES, load_filters},
    follow, mark_fresh, use_live,
};
use crate::{
    problem::Problem,
    shell::PageProblem,
    ui::{ButtonLink, Card, EmptyKind, EmptyState, PageHead, Paging, Table, TableSkeleton, query::with_query},
};

/// Which calls are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    query: EventQuery,
    cursor: Option<String>,
}

impl Wanted {
    fn of(params: &ParamsMap) -> Self {
        let get = |name| params.get(name).filter(|value| !value.trim().is_empty());
        let query = EventQuery {
            environment: get("environment"),
            key: get("key"),
            model: get("model"),
            status: get("status"),
            request_id: get("request_id"),
            from: get("from"),
            to: get("to"),
        };
        Self { query, cursor: get("cursor") }
    }

    /// Whether calls that are yet to come would be among them.
    fn has_no_end(&self) -> bool {
        self.cursor.is_none() && self.query.to.is_none()
    }

    fn is_filtered(&self) -> bool {
        self.query != EventQuery::default()
    }
}

/// `/usage`: all calls, the newest first.
#[derive(Debug)]
pub(crate) struct UsagePage {
    wanted: Memo<Wanted>,
    calls: Resource<Result<CallList, Problem>>,
    filters: Resource<Result<Filters, Problem>>,
}

#[lazy_route]
impl LazyRoute for UsagePage {
    fn data() -> Self {
        let params = use_query_map();
        let wanted = Memo::new(move |_| Wanted::of(&params.read()));
        let calls = Resource::new_blocking(move || wanted.get(), |Wanted { query, cursor }| load_calls(query, cursor));
        let filters = Resource::new_blocking(move || wanted.get().query, load_filters);
        Self { wanted, calls, filters }
    }

    fn view(this: Self) -> AnyView {
        let UsagePage { wanted, calls, filters } = this;
        let titles = vec!["Time", "Key", "Model", "Tokens", "Cost", "Status"];
        view! {
            <Transition fallback=move || view! { <PageHead title="Usage"/> <Card flush=true><TableSkeleton columns=titles.clone()/></Card> }>
                {Suspend::new(async move {
                    let (calls, filters) = (follow(calls.await, calls), follow(filters.await, filters));
                    view! { <Calls wanted calls filters/> }
                })}
            </Transition>
        }
        .into_any()
    }
}

#[component]
fn Calls(wanted: Memo<Wanted>, calls: Following<CallList>, filters: Following<Filters>) -> impl IntoView {
    let open = Signal::derive(move || wanted.read().has_no_end());
    let state = use_live(open, move || reload(wanted, calls));
    let head = move || match open.get() {
        true => view! { <PageHead title="Usage" live=state/> }.into_any(),
        false => view! { <PageHead title="Usage"/> }.into_any(),
    };
    let body = move || match calls.problem.get() {
        // A wrong value in the address is no failure: the way out is to clear it.
        Some(problem) if problem.code == "invalid_request" => {
            let text = problem.message.clone();
            view! { <Nothing wanted text/> }.into_any()
        }
        Some(problem) => view! { <PageProblem problem/> }.into_any(),
        None => view! { <Rows wanted calls=calls.value/> }.into_any(),
    };
    view! {
        {head}
        <Card flush=true>
            <CallFilters filters=filters.value/>
            {body}
        </Card>
    }
}

/// Loads the first page again and marks what is new in it.
async fn reload(wanted: Memo<Wanted>, calls: Following<CallList>) {
    let Some(asked) = wanted.try_get_untracked() else { return };
    let Ok(mut list) = load_calls(asked.query.clone(), None).await else { return };
    // Meanwhile the reader may have filtered, turned the page, or left.
    if wanted.try_get_untracked() != Some(asked) {
        return;
    }
    calls.value.try_update(|before| {
        mark_fresh(&mut list.rows, &before.rows);
        *before = list;
    });
}

#[component]
fn Rows(wanted: Memo<Wanted>, calls: RwSignal<CallList>) -> impl IntoView {
    let paging = Signal::derive(move || {
        let next = calls.read().next.clone();
        let rows = calls.read().rows.len();
        let alone = next.is_none() && wanted.read().cursor.is_none();
        let summary = match (alone, rows) {
            (true, 1) => "1 call".to_owned(),
            (true, rows) => format!("{rows} calls"),
            (false, rows) => format!("{rows} calls, the newest first"),
        };
        Some(Paging { summary, previous: None, next })
    });
    view! {
        <Table
            label="Calls"
            columns=columns(true)
            rows=Signal::derive(move || calls.read().rows.clone())
            key=|row: &CallRow| row.id.clone()
            href=|row: &CallRow| format!("/usage/{}", row.id)
            fresh=|row: &CallRow| row.fresh
            paging
            empty=move || view! { <Nothing wanted text="No call matches the filters."/> }
        />
    }
}

#[component]
fn Nothing(wanted: Memo<Wanted>, #[prop(into)] text: String) -> impl IntoView {
    let clear = with_query(NAMES.iter().map(|name| (*name, None)).collect());
    let clear = Signal::derive(move || Some(clear.get()));
    move || {
        match wanted.read().is_filtered() {
        true => view! {
            <EmptyState kind=EmptyKind::NoResults title="No calls here" text=text.clone()>
                <ButtonLink href=clear>"Clear filters"</ButtonLink>
            </EmptyState>
        }
        .into_any(),
        false => view! {
            <EmptyState kind=EmptyKind::FirstUse title="No calls yet" text="Every call that a key makes appears here a moment later, with its tokens and its cost.">
                <ButtonLink href=Some("/".to_owned())>"Make the first call"</ButtonLink>
            </EmptyState>
        }
        .into_any(),
    }
    }
}
