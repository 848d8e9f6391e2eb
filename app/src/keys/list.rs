use domain::keys::KeyQuery;
use leptos_router::{hooks::use_query_map, params::ParamsMap};
use serde::{Deserialize, Serialize};

use super::{
    actions::SetKeyStatus,
    looking::{ChosenKeys, KeyPeek, identity},
    revoke::{RevokeAsked, Revoking},
    row::KeyRow,
    rows::columns,
};
use crate::{
    prelude::*,
    problem::Problem,
    shell::{DensityMenu, PageProblem},
    ui::{
        ButtonKind, ButtonLink, Card, Choice, Column, ColumnMenu, EmptyKind, EmptyState, FilterBar, FilterEnd,
        FilterSelect, Glyph, PageHead, Paging, Peek, Selection, Table, TableSkeleton, TableTools, format,
        query::with_query, use_toasts,
    },
    wire::{Following, PageData, Sending, lazy_page, once_wanted},
};

/// The query parameters that filter.
const FILTERS: &[&str] = &["status"];

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
    #[server(flatten)] query: KeyQuery,
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
    keys: PageData<KeyList>,
}

lazy_page!(main: KeysPage);

impl KeysPage {
    fn load() -> Self {
        Self { keys: PageData::of_query::<LoadKeys>(&["q", "status", "environment", "cursor"]) }
    }

    fn show(self) -> AnyView {
        let Self { keys: data } = self;
        data.follow(waiting, move |keys| view! { <Keys data keys/> })
    }
}

fn waiting() -> AnyView {
    let columns = vec!["Name", "Status", "Environment", "Last used", "Calls today", "Cost today"];
    view! { <PageHead title="Keys"/> <Card flush=true><TableSkeleton columns/></Card> }
}

#[component]
fn Keys(data: PageData<KeyList>, keys: Following<KeyList>) -> impl IntoView {
    let (change, revoking) = (Sending::to::<SetKeyStatus>(), Revoking::nothing());
    change.then(move || {
        revoking.close();
        data.refetch();
    });
    let toasts = use_toasts();
    effect(move || {
        if let Some(problem) = change.problem().get() {
            toasts.fail(problem.message);
        }
    });
    let query = use_query_map();
    let filtered = Memo::new(move |_| is_filtered(&query.read()));
    let first_use = Memo::new(move |_| {
        let keys = keys.value.read();
        keys.matching == 0 && keys.rows.is_empty() && !filtered.get()
    });
    let may_create = Memo::new(move |_| keys.value.read().may_create);
    let create = move || may_create.get().then(|| view! { <CreateKey/> });
    let (selection, peek) = (Selection::new(), Peek::new());
    let body = move || match keys.problem.get() {
        Some(problem) => view! { <PageProblem problem/> },
        None if first_use.get() => view! { <FirstUse may_create/> },
        None => view! { <Matching keys=keys.value change revoking selection peek/> },
    };
    view! {
        <PageHead title="Keys">{move || create()}</PageHead>
        <Card flush=true>{move || body()}</Card>
        {once_wanted(peek.is_open(), KeyPeek { peek, keys: keys.value })}
        {once_wanted(revoking.is_asked(), RevokeAsked { revoking, action: change })}
    }
}

fn is_filtered(query: &ParamsMap) -> bool {
    let given = |name: &&str| query.get_str(name).is_some_and(|value| !value.trim().is_empty());
    FILTERS.iter().chain(&["q"]).any(given)
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
fn Matching(
    keys: RwSignal<KeyList>,
    change: Sending,
    revoking: Revoking,
    selection: Selection,
    peek: Peek,
) -> impl IntoView {
    let statuses =
        vec![Choice::new("active", "Active"), Choice::new("disabled", "Disabled"), Choice::new("revoked", "Revoked")];
    let count = move || match keys.read().matching {
        1 => "1 key".to_owned(),
        matching => format!("{} keys", format::count(matching)),
    };
    let paging = Signal::derive(move || {
        let keys = keys.read();
        let summary = format!("{} of {}, the newest first", format::count(keys.rows.len() as u64), count());
        Some(Paging { summary, previous: None, next: keys.next.clone() })
    });
    let matching = Signal::derive(move || keys.read().matching);
    let bar = once_wanted(selection.any(), ChosenKeys { selection, matching });
    let columns = columns(change, revoking);
    let names = Column::names(&columns);
    view! {
        <TableTools selection matching bar>
            <FilterBar search="Search name or last four…" names=FILTERS.to_vec()>
                <FilterSelect name="status" label="Status" choices=statuses/>
                <FilterEnd slot>{move || count()} <ColumnMenu all=names/> <DensityMenu/></FilterEnd>
            </FilterBar>
        </TableTools>
        <Table
            label="Keys"
            columns
            identity
            selection
            peek
            rows=Signal::derive(move || keys.read().rows.clone())
            key=|key: &KeyRow| key.state()
            href=KeyRow::href
            paging
            empty=nothing
        />
    }
}

fn nothing() -> impl IntoView {
    let clear = with_query(["q", "status"].map(|name| (name, None)).to_vec());
    view! {
        <EmptyState kind=EmptyKind::NoResults title="No key matches" text="Search for part of a name or for a key's last four characters, or clear the filters.">
            <ButtonLink href=Signal::derive(move || Some(clear.get()))>"Clear filters"</ButtonLink>
        </EmptyState>
    }
}
