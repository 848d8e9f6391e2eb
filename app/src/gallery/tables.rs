//! The patterns of a list: views, filters, columns, choosing rows and looking at one.

use std::sync::Arc;

use crate::{
    prelude::*,
    shell::DensityMenu,
    ui::{
        Badge, BulkBar, Button, Card, Choice, Column, ColumnMenu, DescriptionList, EmptyKind, EmptyState, Entry,
        FilterBar, FilterChip, FilterEnd, FilterField, FilterKind, FilterSelect, Glyph, HelpTip, Menu, MenuButton,
        MenuLine, Meter, Moment, Paging, Peek, PeekPanel, Person, Priority, RowName, Selection, Size, Tab, Table,
        TableSkeleton, TableTools, Tabs, Time, Tone, TwoLines, format,
    },
};

/// How many match, of which the first few are on the page.
const MATCHING: u64 = 348;

/// One field of every kind.
const FIELDS: &[FilterField] = &[
    FilterField {
        name: "status",
        label: "Status",
        kind: FilterKind::Words(&[("active", "Active"), ("disabled", "Disabled"), ("revoked", "Revoked")]),
    },
    FilterField { name: "owner", label: "Owner", kind: FilterKind::Values("/fn/gallery") },
    FilterField { name: "calls", label: "Calls", kind: FilterKind::Number("") },
    FilterField { name: "cost", label: "Cost", kind: FilterKind::Number("$") },
    FilterField { name: "used", label: "Last used", kind: FilterKind::Since(Some("Never")) },
    FilterField { name: "expires", label: "Expires", kind: FilterKind::Until(Some("Never")) },
    FilterField { name: "labels", label: "Labels", kind: FilterKind::Labels("/fn/gallery") },
];

#[derive(Clone, PartialEq)]
struct Key {
    name: &'static str,
    last_four: &'static str,
    status: (&'static str, Tone),
    owner: &'static str,
    used: i64,
    calls: u64,
    cost: i64,
    budget: f64,
}

fn rows() -> Vec<Key> {
    let key = |name, last_four, status, owner, used, calls, cost, budget| Key {
        name,
        last_four,
        status,
        owner,
        used,
        calls,
        cost,
        budget,
    };
    let (active, disabled) = (("Active", Tone::Ok), ("Disabled", Tone::Neutral));
    vec![
        key("checkout-prod", "x7Qd", active, "Mara König", 120, 412_880, 812_440, 41.0),
        key("search-rerank", "p0Zt", active, "Jonas Okoye", 5, 188_204, 1_204_100, 92.0),
        key("support-bot", "9aRe", active, "Li Tan", 240, 96_377, 301_770, 38.0),
        key("invoice-ocr", "K2pp", ("Expires in 3 d", Tone::Warn), "Ana Sousa", 90_000, 8_840, 44_180, 9.0),
        key(
            "mobile-beta-with-a-rather-long-name",
            "uu81",
            ("Limit reached", Tone::Danger),
            "Jonas Okoye",
            10_800,
            50_000,
            120_000,
            100.0,
        ),
        key("legacy-import", "c3Wn", disabled, "Ana Sousa", 8_985_600, 0, 0, 0.0),
    ]
}

fn columns() -> Vec<Column<Key>> {
    vec![
        Column::new("Name", |key: &Key| view! { <TwoLines main=key.name sub=format!("tpk_live_…{}", key.last_four)/> })
            .shown(Priority::Always)
            .sorted_by("name"),
        Column::new("Status", |key: &Key| {
            let (words, tone) = key.status;
            view! { <Badge tone>{words}</Badge> }
        })
        .shown(Priority::Always)
        .named("status"),
        Column::new("Owner", |key: &Key| view! { <Person name=key.owner/> }).shown(Priority::Desktop).named("owner"),
        Column::new("Last used", |key: &Key| view! { <span class="muted"><Time at=ago(key.used)/></span> })
            .sorted_by("last_used")
            .named("last_used"),
        Column::number("Calls, 30 d", |key: &Key| format::count(key.calls)).sorted_by("calls").named("calls"),
        Column::number("Cost, 30 d", |key: &Key| format::money(key.cost * 1_000_000, "USD"))
            .shown(Priority::Always)
            .sorted_by("cost")
            .named("cost"),
        Column::new("Last four", |key: &Key| key.last_four).named("last_four").extra(),
        Column::new(
            "Budget",
            |key: &Key| view! { <Meter percent=key.budget label="Budget used" tone=level(key.budget)/> },
        )
        .shown(Priority::Desktop)
        .named("budget"),
        Column::menu(|key: &Key| {
            view! {
                <Menu id=format!("menu-{}", key.name) label=format!("Actions for {}", key.name)>
                    <MenuButton icon=Glyph::Pencil>"Rename…"</MenuButton>
                    <MenuButton icon=Glyph::Pause>"Disable"</MenuButton>
                    <MenuLine/>
                    <MenuButton icon=Glyph::Ban tone=Tone::Danger attr:command="show-modal" attr:commandfor="revoke">"Revoke…"</MenuButton>
                </Menu>
            }
        }),
    ]
}

fn level(percent: f64) -> Tone {
    match percent {
        100.0.. => Tone::Danger,
        80.0.. => Tone::Warn,
        _ => Tone::Neutral,
    }
}

fn ago(seconds: i64) -> Moment {
    Moment {
        seconds: 1_795_183_331 - seconds,
        relative: format!("{} min ago", seconds / 60),
        exact: "Nov 20, 2026, 14:02:11 CET".into(),
    }
}

pub(super) fn keys() -> impl IntoView {
    let paging = Paging { summary: "1–50 of 348".into(), previous: None, next: Some("abc".into()) };
    let (selection, peek) = (Selection::new(), Peek::new());
    let bar = view! {
        <BulkBar selection matching=MATCHING>
            <Button size=Size::Small>"Enable"</Button>
            <Button size=Size::Small>"Disable"</Button>
            <Button size=Size::Small>"Set budget…"</Button>
            <Button size=Size::Small tone=Tone::Danger>"Revoke…"</Button>
        </BulkBar>
    };
    let columns = columns();
    let names = Column::names(&columns);
    let rows = Signal::stored(rows());
    view! {
        <Card flush=true>
            <Tabs label="Views">
                <Tab href="?" current=true count="348">"All"</Tab>
                <Tab href="?used=90d.." current=false count="41">"Unused for 90 days"</Tab>
                <Tab href="?expires=..14d&status=!revoked" current=false count="12">"Expiring in 14 days"</Tab>
            </Tabs>
            <TableTools selection matching=MATCHING bar>
                <FilterBar search="Search name, prefix, owner…" fields=FIELDS named=Arc::new(|id: &str| (id == "usr_1").then(|| "Mara König".to_owned()))>
                    <FilterEnd slot>"348 keys" <ColumnMenu all=names/> <DensityMenu/></FilterEnd>
                </FilterBar>
            </TableTools>
            <Table
                label="Keys"
                columns
                rows
                key=|key: &Key| key.name.to_owned()
                href=href
                identity
                selection
                peek
                default_sort="-cost"
                paging=Some(paging)
            />
        </Card>
        <PeekPanel peek rows identity href detail/>
    }
}

fn href(key: &Key) -> String {
    format!("/keys/{}", key.name)
}

fn identity(key: &Key) -> RowName {
    RowName { id: key.name.to_owned(), name: key.name.to_owned() }
}

fn detail(key: &Key) -> AnyView {
    let Key { owner, calls, budget, .. } = *key;
    view! {
        <DescriptionList>
            <Entry term="Owner"><Person name=owner/></Entry>
            <Entry term="Calls, 30 d">{format::count(calls)}</Entry>
            <Entry term="Budget"><Meter percent=budget label="Budget used" tone=level(budget)/></Entry>
        </DescriptionList>
    }
}

pub(super) fn no_keys() -> impl IntoView {
    let empty = || {
        view! { <EmptyState kind=EmptyKind::NoResults title="No key matches" text="Two filters are on: status, environment."/> }
    };
    view! {
        <div class="grid">
            <Card title="Without choosing" flush=true>
                <FilterBar search="Search…" names=vec!["status", "environment"]>
                    <FilterSelect name="environment" label="Environment" choices=vec![Choice::new("test", "Test"), Choice::new("live", "Live")]/>
                    <FilterChip name="status" field="Status" operator="is not" value="Revoked"/>
                    <FilterEnd slot>"348 keys"</FilterEnd>
                </FilterBar>
                <TableSkeleton columns=vec!["Name", "Status", "Calls"] rows=3/>
            </Card>
            <Card title="Loading" flush=true><TableSkeleton columns=vec!["Name", "Status", "Calls"] rows=3/></Card>
            <Card flush=true>
                <Table label="Keys" columns=columns() rows=Vec::new() key=|key: &Key| key.name.to_owned() empty=empty/>
            </Card>
        </div>
        <p>"Budget" <HelpTip term="budget" text="Money per period that a key, user or team may spend. A hard one is never exceeded." href="/docs"/></p>
    }
}
