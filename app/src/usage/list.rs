use leptos_router::{hooks::use_query_map, params::ParamsMap};

use super::{
    CallRow,
    calls::{CallList, LoadCalls},
    columns::{Listed, columns},
    filters::{CallFilters, Filters, LoadFilters, NAMES},
    mark_fresh, use_live,
};
use crate::{
    prelude::*,
    shell::PageProblem,
    ui::{
        ButtonLink, Card, EmptyKind, EmptyState, PageHead, Paging, Table, TableSkeleton,
        query::{query_param, with_query},
    },
    wire::{Following, PageData, lazy_page},
};

/// `/usage`: all calls, the newest first.
#[derive(Debug)]
pub(crate) struct UsagePage {
    calls: PageData<CallList>,
    filters: PageData<Filters>,
}

lazy_page!(usage: UsagePage);

impl UsagePage {
    fn load() -> Self {
        const ASKED: [&str; 8] = {
            let [status, key, model, request_id, from, to] = NAMES;
            ["environment", status, key, model, request_id, from, to, "cursor"]
        };
        Self { calls: PageData::of_query::<LoadCalls>(&ASKED), filters: PageData::of_query::<LoadFilters>(&NAMES) }
    }

    fn show(self) -> AnyView {
        let Self { calls, filters } = self;
        calls.follow(waiting, move |loaded| {
            let page = move |filters| view! { <Calls data=calls calls=loaded filters/> };
            filters.follow(waiting, page)
        })
    }
}

fn waiting() -> AnyView {
    let columns = vec!["Time", "Key", "Model", "Tokens", "Cost", "Status"];
    view! { <PageHead title="Usage"/> <Card flush=true><TableSkeleton columns/></Card> }
}

#[component]
fn Calls(data: PageData<CallList>, calls: Following<CallList>, filters: Following<Filters>) -> impl IntoView {
    let query = use_query_map();
    // Whether calls that are yet to come would be among them.
    let open = Signal::derive(move || ["cursor", "to"].iter().all(|name| !is_given(&query.read(), name)));
    let filtered =
        Signal::derive(move || NAMES.iter().chain(&["environment"]).any(|name| is_given(&query.read(), name)));
    let state = use_live(open, move || {
        data.renew(calls, |before, mut list| {
            mark_fresh(&mut list.rows, &before.rows);
            *before = list;
        })
    });
    let head = move || match open.get() {
        true => view! { <PageHead title="Usage" live=state/> },
        false => view! { <PageHead title="Usage"/> },
    };
    let body = move || match calls.problem.get() {
        // A wrong value in the address is no failure: the way out is to clear it.
        Some(problem) if problem.code == "invalid_request" => {
            let text = problem.message.clone();
            view! { <Nothing filtered text/> }
        }
        Some(problem) => view! { <PageProblem problem/> },
        None => view! { <Rows filtered calls=calls.value/> },
    };
    view! {
        {head}
        <Card flush=true>
            <CallFilters filters=filters.value/>
            {body}
        </Card>
    }
}

fn is_given(query: &ParamsMap, name: &str) -> bool {
    query.get_str(name).is_some_and(|value| !value.trim().is_empty())
}

#[component]
fn Rows(filtered: Signal<bool>, calls: RwSignal<CallList>) -> impl IntoView {
    let cursor = query_param("cursor");
    let paging = Signal::derive(move || {
        let next = calls.read().next.clone();
        let rows = calls.read().rows.len();
        let alone = next.is_none() && cursor.read().is_none();
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
            columns=columns(Listed::Whole)
            rows=Signal::derive(move || calls.read().rows.clone())
            key=|row: &CallRow| row.id.clone()
            href=|row: &CallRow| format!("/usage/{}", row.id)
            fresh=|row: &CallRow| row.fresh
            paging
            empty=move || view! { <Nothing filtered text="No call matches the filters."/> }
        />
    }
}

#[component]
fn Nothing(filtered: Signal<bool>, #[prop(into)] text: String) -> impl IntoView {
    let clear = with_query(NAMES.iter().map(|name| (*name, None)).collect());
    let clear = Signal::derive(move || Some(clear.get()));
    move || match filtered.get() {
        true => view! {
            <EmptyState kind=EmptyKind::NoResults title="No calls here" text=text.clone()>
                <ButtonLink href=clear>"Clear filters"</ButtonLink>
            </EmptyState>
        },
        false => view! {
            <EmptyState kind=EmptyKind::FirstUse title="No calls yet" text="Every call that a key makes appears here a moment later, with its tokens and its cost.">
                <ButtonLink href=Some("/".to_owned())>"Make the first call"</ButtonLink>
            </EmptyState>
        },
    }
}
