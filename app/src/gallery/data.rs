use crate::{
    prelude::*,
    shell::DensityMenu,
    ui::{
        Badge, Card, CardAside, Change, Chart, ChartTable, Choice, Colour, Column, EmptyKind, EmptyState, FilterBar,
        FilterChip, FilterEnd, FilterSelect, Glyph, HelpTip, Legend, LegendItem, Live, LiveDot, Menu, MenuButton,
        MenuLine, Meter, Moment, Paging, Person, Priority, Rank, RankRow, Segment, Segmented, Tab, Table,
        TableSkeleton, Tabs, Tile, Tiles, Time, Tone, TwoLines, format,
    },
};

pub(super) fn figures() -> impl IntoView {
    let course = vec![
        4.0, 6.0, 9.0, 10.0, 11.0, 13.0, 12.0, 9.0, 7.0, 4.0, 2.0, 1.0, 1.5, 4.0, 7.0, 9.0, 12.0, 15.0, 17.0, 18.0,
    ];
    let change = |by: &str, tone| Some(Change { by: by.into(), tone, than: "vs. last week".into() });
    view! {
        <Tiles label="Key figures">
            <Tile label="Calls" value="1,284,902" change=change("+12.4 %", Tone::Ok) spark=course.clone() href="/usage"/>
            <Tile label="Success rate" value="99.94 %" change=change("+0.02", Tone::Ok) spark=course.clone()/>
            <Tile label="Cost" value="$3,412.88" change=change("+18.1 %", Tone::Danger) spark=course.clone()/>
            <Tile label="Median latency" value="412 ms" change=change("−31 ms", Tone::Neutral) spark=course/>
            <Tile label="Tokens" value="0"/>
        </Tiles>
        <div class="grid">
            <Card title="Cost by provider">
                <CardAside slot>
                    <Segmented label="Measure">
                        <Segment href="?measure=cost" current=true>"Cost"</Segment>
                        <Segment href="?measure=calls" current=false>"Calls"</Segment>
                    </Segmented>
                </CardAside>
                <div class="stack">
                    <Legend items=legend()/>
                    <Chart label="Cost by provider and hour" option=option() table=numbers() zoom="/_gallery?from={from}&to={to}"/>
                </div>
            </Card>
            <div class="stack">
                <Card title="Needs attention">
                    <CardAside slot><Badge plain=true>"4"</Badge></CardAside>
                    <Rank>
                        <RankRow name="search-rerank" value="$1,204.10" percent=100.0 href="/keys"/>
                        <RankRow name="checkout-prod" value="$812.44" percent=67.0/>
                        <RankRow name="nightly-evals" value="$566.02" percent=47.0/>
                    </Rank>
                </Card>
                <Card title="Live states">
                    <div class="cluster">
                        <LiveDot state=Live::On/>
                        <LiveDot state=Live::Waiting/>
                        <LiveDot state=Live::Lost("14:02".into())/>
                    </div>
                </Card>
            </div>
        </div>
    }
}

fn legend() -> Vec<LegendItem> {
    [("OpenAI $1,902", Colour::Blue), ("Anthropic $884", Colour::Teal), ("Errors", Colour::Amber)]
        .map(|(label, colour)| LegendItem { label: label.into(), colour, dashed: colour == Colour::Amber })
        .into()
}

fn option() -> String {
    let series = |name: &str, colour: &str, base: f64| {
        let point = |hour: i64| {
            let wave = ((hour as f64) / 3.8).sin() * base / 2.0 + base;
            format!("[{},{wave:.2}]", (1_795_100_400 + hour * 3_600) * 1_000)
        };
        let points: Vec<String> = (0..24).map(point).collect();
        format!(
            r#"{{"type":"line","name":"{name}","stack":"all","color":"var(--{colour})","areaStyle":{{"opacity":0.18}},"data":[{}]}}"#,
            points.join(",")
        )
    };
    format!(
        r#"{{"tooltip":{{"valueFormatter":"fn:money:USD"}},"xAxis":{{"type":"time"}},"yAxis":{{"type":"value","axisLabel":{{"formatter":"fn:money:USD"}}}},"series":[{},{}]}}"#,
        series("OpenAI", "blue", 80.0),
        series("Anthropic", "teal", 60.0)
    )
}

fn numbers() -> ChartTable {
    let row = |hour: u32| vec![format!("{hour:02}:00"), format!("${}.10", hour * 3), format!("${}.40", hour * 2)];
    ChartTable { head: ["Hour", "OpenAI", "Anthropic"].map(str::to_owned).into(), rows: (0..24).map(row).collect() }
}

#[derive(Clone)]
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
        .shown(Priority::Always),
        Column::new("Owner", |key: &Key| view! { <Person name=key.owner/> }).shown(Priority::Desktop),
        Column::new("Last used", |key: &Key| view! { <span class="muted"><Time at=ago(key.used)/></span> })
            .sorted_by("last_used"),
        Column::number("Calls, 30 d", |key: &Key| format::count(key.calls)).sorted_by("calls"),
        Column::number("Cost, 30 d", |key: &Key| format::money(key.cost * 1_000_000, "USD"))
            .shown(Priority::Always)
            .sorted_by("cost"),
        Column::new(
            "Budget",
            |key: &Key| view! { <Meter percent=key.budget label="Budget used" tone=level(key.budget)/> },
        )
        .shown(Priority::Desktop),
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
    view! {
        <Card flush=true>
            <Tabs label="Views">
                <Tab href="?" current=true count="348">"All"</Tab>
                <Tab href="?view=unused" current=false count="41">"Unused for 90 days"</Tab>
                <Tab href="?view=expiring" current=false count="12">"Expiring in 14 days"</Tab>
            </Tabs>
            <FilterBar search="Search name, prefix, owner…" names=vec!["status", "environment"]>
                <FilterSelect name="environment" label="Environment" choices=vec![Choice::new("test", "Test"), Choice::new("live", "Live")]/>
                <FilterChip name="status" field="Status" operator="is not" value="Revoked"/>
                <FilterEnd slot>"348 keys" <DensityMenu/></FilterEnd>
            </FilterBar>
            <Table
                label="Keys"
                columns=columns()
                rows=rows()
                key=|key: &Key| key.name.to_owned()
                href=|key: &Key| format!("/keys/{}", key.name)
                default_sort="-cost"
                paging=Some(paging)
            />
        </Card>
    }
}

pub(super) fn no_keys() -> impl IntoView {
    let empty = || {
        view! { <EmptyState kind=EmptyKind::NoResults title="No key matches" text="Two filters are on: status, environment."/> }
    };
    view! {
        <div class="grid">
            <Card title="Loading" flush=true><TableSkeleton columns=vec!["Name", "Status", "Calls"] rows=3/></Card>
            <Card flush=true>
                <Table label="Keys" columns=columns() rows=Vec::new() key=|key: &Key| key.name.to_owned() empty=empty/>
            </Card>
        </div>
        <p>"Budget" <HelpTip term="budget" text="Money per period that a key, user or team may spend. A hard one is never exceeded." href="/docs"/></p>
    }
}
