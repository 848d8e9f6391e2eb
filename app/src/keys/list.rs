use domain::keys::KeyQuery;
use leptos::prelude::*;
use leptos_router::{LazyRoute, hooks::use_query_map, lazy_route};
use serde::{Deserialize, Serialize};

use super::{
    actions::SetKeyStatus,
    revoke::{RevokeAsked, Revoking},
    row::KeyRow,
    rows::columns,
};
use crate::{
    problem::Problem,
    shell::{DensityMenu, PageProblem},
    ui::{
        ButtonKind, ButtonLink, Card, Choice, EmptyKind, EmptyState, FilterBar, FilterEnd, FilterSelect, Glyph,
        PageHead, Paging, Table, TableSkeleton, format, query::with_query, use_toasts,
    },
    usage::{Following, follow},
};

/// The query parameters that filter.
const FILTERS: &[&str] = &["status", "environment"];

/// A page of keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyList {
    /// The rows, the newest first.
    pub rows: Vec<KeyRow>,
    /// How many keys match.
    pub matching: u64,
    /// The cursor of the next page.
    pub next: Option<String>,
    /// Whether the viewer may make keys.
    pub may_create: bool,
}

/// The keys that match.
#[server(prefix = "/fn", endpoint = "keys_list")]
pub async fn load_keys(
    #[server(default)] query: KeyQuery,
    #[server(default)] cursor: Option<String>,
) -> Result<KeyList, Problem> {
    use crate::server::{Calendar, actor, handle};
    let actor = actor()?;
    let calendar = Calendar::of(&actor).await?;
    let page = domain::PageQuery { limit: None, cursor };
    let service::keys::KeyList { page, matching } =
        handle::<service::keys::Keys>()?.list(&actor, &query, &page).await?;
    Ok(KeyList {
        rows: page.data.iter().map(|key| super::row::row(key, &calendar)).collect(),
        matching,
        next: page.next_cursor,
        may_create: service::keys::MANAGING.iter().any(|permission| actor.may(*permission)),
    })
}

/// `/keys`: the organization's keys.
#[derive(Debug)]
pub(crate) struct KeysPage {
    wanted: Memo<(KeyQuery, Option<String>)>,
    page: Resource<Result<KeyList, Problem>>,
}

#[lazy_route]
impl LazyRoute for KeysPage {
    fn data() -> Self {
        let params = use_query_map();
        let wanted = Memo::new(move |_| {
            let get = |name| params.read().get(name).filter(|value| !value.trim().is_empty());
            (KeyQuery { q: get("q"), status: get("status"), environment: get("environment") }, get("cursor"))
        });
        Self { wanted, page: Resource::new_blocking(move || wanted.get(), |(query, cursor)| load_keys(query, cursor)) }
    }

    fn view(this: Self) -> AnyView {
        let KeysPage { wanted, page } = this;
        let titles = vec!["Name", "Status", "Environment", "Last used", "Calls today", "Cost today"];
        view! {
            <Transition fallback=move || view! { <PageHead title="Keys"/> <Card flush=true><TableSkeleton columns=titles.clone()/></Card> }>
                {Suspend::new(async move {
                    let keys = follow(page.await, page);
                    view! { <Keys wanted page keys/> }
                })}
            </Transition>
        }
        .into_any()
    }
}

#[component]
fn Keys(
    wanted: Memo<(KeyQuery, Option<String>)>,
    page: Resource<Result<KeyList, Problem>>,
    keys: Following<KeyList>,
) -> impl IntoView {
    let (change, revoking) = (ServerAction::<SetKeyStatus>::new(), Revoking::nothing());
    let toasts = use_toasts();
    Effect::new(move |_| match change.value().get() {
        Some(Ok(())) => {
            revoking.close();
            page.refetch();
        }
        Some(Err(problem)) => toasts.fail(problem.message),
        None => {}
    });
    let filtered = Memo::new(move |_| wanted.read().0 != KeyQuery::default());
    let first_use = Memo::new(move |_| {
        let keys = keys.value.read();
        keys.matching == 0 && keys.rows.is_empty() && !filtered.get()
    });
    let may_create = Memo::new(move |_| keys.value.read().may_create);
    let create = move || may_create.get().then(|| view! { <CreateKey/> });
    let body = move || match keys.problem.get() {
        Some(problem) => view! { <PageProblem problem/> }.into_any(),
        None if first_use.get() => view! { <FirstUse may_create/> }.into_any(),
        None => view! { <Matching keys=keys.value change revoking/> }.into_any(),
    };
    view! {
        <PageHead title="Keys">{create}</PageHead>
        {move || view! { <Card flush=true>{body()}</Card> }}
        <RevokeAsked revoking action=change/>
    }
}

#[component]
fn CreateKey() -> impl IntoView {
    view! { <ButtonLink href=Some("/keys/new".to_owned()) kind=ButtonKind::Primary icon=Glyph::Plus>"Create key"</ButtonLink> }
}

#[component]
fn FirstUse(may_create: Memo<bool>) -> impl IntoView {
    view! {
        <EmptyState
            kind=EmptyKind::FirstUse
            icon=Glyph::Key
            title="No keys yet"
            text="A key lets an application call models through Turnpike, and tells you what it used and what it cost."
        >
            {move || may_create.get().then(|| view! { <CreateKey/> })}
        </EmptyState>
    }
}

#[component]
fn Matching(keys: RwSignal<KeyList>, change: ServerAction<SetKeyStatus>, revoking: Revoking) -> impl IntoView {
    let statuses =
        vec![Choice::new("active", "Active"), Choice::new("disabled", "Disabled"), Choice::new("revoked", "Revoked")];
    let environments = vec![Choice::new("test", "Test"), Choice::new("live", "Live")];
    let count = move || match keys.read().matching {
        1 => "1 key".to_owned(),
        matching => format!("{} keys", format::count(matching)),
    };
    let paging = Signal::derive(move || {
        let keys = keys.read();
        let summary = format!("{} of {}, the newest first", format::count(keys.rows.len() as u64), count());
        Some(Paging { summary, previous: None, next: keys.next.clone() })
    });
    view! {
        <FilterBar search="Search name or last four…" names=FILTERS.to_vec()>
            <FilterSelect name="status" label="Status" choices=statuses/>
            <FilterSelect name="environment" label="Environment" choices=environments/>
            <FilterEnd slot>{count} <DensityMenu/></FilterEnd>
        </FilterBar>
        <Table
            label="Keys"
            columns=columns(change, revoking)
            rows=Signal::derive(move || keys.read().rows.clone())
            key=|key: &KeyRow| key.state()
            href=|key: &KeyRow| format!("/keys/{}", key.id)
            paging
            empty=nothing
        />
    }
}

fn nothing() -> impl IntoView {
    let clear = with_query(["q", "status", "environment"].map(|name| (name, None)).to_vec());
    view! {
        <EmptyState kind=EmptyKind::NoResults title="No key matches" text="Search for part of a name or for a key's last four characters, or clear the filters.">
            <ButtonLink href=Signal::derive(move || Some(clear.get()))>"Clear filters"</ButtonLink>
        </EmptyState>
    }
}
