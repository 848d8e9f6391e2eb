use std::sync::Arc;

use domain::keys::{KeyQuery, SortQuery};
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
    params::ParamsMap,
};
use serde::{Deserialize, Serialize};

use super::{
    filtering::FIELDS,
    looking::{ChosenKeys, KeyPeek, identity},
    menu::RowMenu,
    row::KeyRow,
    rows::columns,
    views::{KeyViews, LoadKeyViews, ViewTabs},
};
use crate::{
    prelude::*,
    problem::Problem,
    shell::{DensityMenu, PageProblem},
    ui::{
        ButtonKind, ButtonLink, Card, Column, ColumnMenu, EmptyKind, EmptyState, FilterBar, FilterEnd, Glyph, PageHead,
        Paging, Peek, Selection, Table, TableSkeleton, TableTools, format, query::with_query,
    },
    wire::{Following, PageData, lazy_page, once_wanted},
};

/// What of the address is asked beside the filters.
const BESIDE: [&str; 4] = ["q", "sort", "cursor", "view"];

/// What the address asks the list for.
const ASKED: [&str; BESIDE.len() + KeyQuery::NAMES.len()] = {
    let [q, sort, cursor, view] = BESIDE;
    let mut asked = [q; BESIDE.len() + KeyQuery::NAMES.len()];
    (asked[1], asked[2], asked[3]) = (sort, cursor, view);
    let mut next = 0;
    while next < KeyQuery::NAMES.len() {
        asked[BESIDE.len() + next] = KeyQuery::NAMES[next];
        next += 1;
    }
    asked
};

/// A page of keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyList {
    /// The rows, in the order that the address asks for.
    pub rows: Vec<KeyRow>,
    /// How many keys match.
    pub matching: u64,
    /// The cursor of the next page.
    pub next: Option<String>,
    /// Whether the viewer may make keys.
    pub may_create: bool,
    /// Whether the viewer may set limits and budgets.
    pub may_bound: bool,
    /// What the values are called that filters have: those that are ids.
    pub named: Vec<(String, String)>,
    /// The address that the list is to be opened with, where the viewer chose one and asked for none.
    pub open: Option<String>,
}

/// The keys that match.
#[server(prefix = "/fn", endpoint = "keys_list")]
pub async fn load_keys(
    #[server(flatten)] query: KeyQuery,
    #[server(flatten)] sort: SortQuery,
    #[server(default)] cursor: Option<String>,
    #[server(default)] view: Option<String>,
) -> Result<KeyList, Problem> {
    use domain::identity::Permission;

    use crate::server::{Calendar, actor, handle};
    let actor = actor()?;
    let nothing_asked = query == KeyQuery::default() && sort.sort.is_none() && cursor.is_none() && view.is_none();
    if let Some(open) = if nothing_asked { super::views::chosen(&actor).await? } else { None } {
        leptos_axum::redirect(&open);
        return Ok(KeyList { open: Some(open), ..KeyList::default() });
    }
    let (calendar, keys) = (Calendar::of(&actor).await?, handle::<service::keys::Keys>()?);
    let page = keys.list(&actor, &query, &sort, &domain::PageQuery { limit: None, cursor }).await?;
    let named = keys.named(&actor, &query).await?.into_iter().map(|named| (named.value, named.label));
    Ok(KeyList {
        rows: page.data.iter().map(|key| super::row::row(key, &calendar)).collect(),
        matching: keys.count(&actor, &query).await?,
        next: page.next_cursor,
        may_create: service::keys::MANAGING.iter().any(|permission| actor.may(*permission)),
        may_bound: actor.may(Permission::LimitsManage) && actor.may(Permission::BudgetsManage),
        named: named.collect(),
        open: None,
    })
}

/// `/keys`: the organization's keys.
#[derive(Debug)]
pub(crate) struct KeysPage {
    keys: PageData<KeyList>,
    views: PageData<KeyViews>,
}

lazy_page!(main: KeysPage);

impl KeysPage {
    fn load() -> Self {
        Self { keys: PageData::of_query::<LoadKeys>(&ASKED), views: PageData::alone::<LoadKeyViews>() }
    }

    fn show(self) -> AnyView {
        let Self { keys: data, views } = self;
        views.follow(waiting, move |shown| {
            let tabs = (views, shown);
            data.follow(waiting, move |keys| view! { <Keys data keys tabs/> })
        })
    }
}

fn waiting() -> AnyView {
    let columns = vec!["Name", "Status", "Environment", "Owner", "Last used", "Calls, 30 d", "Cost, 30 d"];
    view! { <PageHead title="Keys"/> <Card flush=true><TableSkeleton columns/></Card> }
}

#[component]
fn Keys(
    data: PageData<KeyList>,
    keys: Following<KeyList>,
    tabs: (PageData<KeyViews>, Following<KeyViews>),
) -> impl IntoView {
    let menu = RowMenu::new(data);
    let navigate = use_navigate();
    effect(move || {
        if let Some(open) = &keys.value.read().open {
            navigate(open, NavigateOptions { replace: true, ..NavigateOptions::default() });
        }
    });
    let query = use_query_map();
    let filtered = Memo::new(move |_| is_filtered(&query.read()));
    let first_use = Memo::new(move |_| {
        let keys = keys.value.read();
        keys.matching == 0 && keys.rows.is_empty() && !filtered.get()
    });
    let may_create = Memo::new(move |_| keys.value.read().may_create);
    let create = move || may_create.get().then(|| view! { <ReportLeak/> <CreateKey/> });
    let (selection, peek) = (Selection::new(), Peek::new());
    let body = move || match keys.problem.get() {
        Some(problem) => view! { <PageProblem problem/> },
        None if first_use.get() => view! { <FirstUse may_create/> },
        None => view! { <Matching data keys=keys.value menu selection peek/> },
    };
    let (views, shown) = tabs;
    view! {
        <PageHead title="Keys">{move || create()}</PageHead>
        <Card flush=true>
            <ViewTabs data=views views=shown.value/>
            {move || body()}
        </Card>
        {once_wanted(peek.is_open(), KeyPeek { peek, keys: keys.value })}
        {menu.panel()}
    }
}

fn is_filtered(query: &ParamsMap) -> bool {
    let given = |name: &&str| query.get_str(name).is_some_and(|value| !value.trim().is_empty());
    KeyQuery::NAMES.iter().chain(&["q"]).any(given)
}

#[component]
fn CreateKey() -> impl IntoView {
    view! { <ButtonLink href=Some("/keys/new".to_owned()) kind=ButtonKind::Primary icon=Glyph::Plus>"Create key"</ButtonLink> }
}

#[component]
fn ReportLeak() -> impl IntoView {
    view! { <ButtonLink href=Some("/keys/leaked".to_owned()) kind=ButtonKind::Ghost>"Report a leak…"</ButtonLink> }
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
    data: PageData<KeyList>,
    keys: RwSignal<KeyList>,
    menu: RowMenu,
    selection: Selection,
    peek: Peek,
) -> impl IntoView {
    let count = move || match keys.read().matching {
        1 => "1 key".to_owned(),
        matching => format!("{} keys", format::count(matching)),
    };
    let paging = Signal::derive(move || {
        let keys = keys.read();
        let summary = format!("{} of {}", format::count(keys.rows.len() as u64), count());
        Some(Paging { summary, previous: None, next: keys.next.clone() })
    });
    let matching = Signal::derive(move || keys.read().matching);
    let may_bound = Signal::derive(move || keys.read().may_bound);
    let bar = once_wanted(selection.any(), ChosenKeys { selection, matching, may_bound, data });
    let named =
        Arc::new(move |value: &str| keys.read().named.iter().find(|(id, _)| id == value).map(|(_, name)| name.clone()));
    let columns = columns(menu);
    let names = Column::names(&columns);
    view! {
        <TableTools selection matching bar>
            <FilterBar search="Search name, owner, label, last four…" fields=FIELDS named>
                <FilterEnd slot>{move || count()} <ColumnMenu all=names/> <DensityMenu/></FilterEnd>
            </FilterBar>
        </TableTools>
        <Table
            label="Keys"
            columns
            identity
            selection
            peek
            default_sort="-created"
            rows=Signal::derive(move || keys.read().rows.clone())
            key=|key: &KeyRow| key.state()
            href=KeyRow::href
            paging
            empty=nothing
        />
    }
}

fn nothing() -> impl IntoView {
    let clear = with_query(FIELDS.iter().map(|field| field.name).chain(["q"]).map(|name| (name, None)).collect());
    view! {
        <EmptyState kind=EmptyKind::NoResults title="No key matches" text="Search for parts of a name, a description, an owner, a label, or for a key's last four characters; or clear the filters.">
            <ButtonLink href=Signal::derive(move || Some(clear.get()))>"Clear filters"</ButtonLink>
        </EmptyState>
    }
}
