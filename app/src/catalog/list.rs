use super::data::{ConnectionList, ConnectionRow, LoadConnections};
use crate::{
    prelude::*,
    shell::PageProblem,
    ui::{
        Badge, ButtonKind, ButtonLink, Card, Column, EmptyKind, EmptyState, EnvironmentBadge, Glyph, PageHead, Paging,
        Priority, Table, TableSkeleton, Tone, TwoLines, format,
    },
    wire::{PageData, lazy_page},
};

/// `/connections`: the providers that Turnpike reaches.
#[derive(Debug)]
pub(crate) struct ConnectionsPage {
    list: PageData<ConnectionList>,
}

lazy_page!(catalog: ConnectionsPage);

impl ConnectionsPage {
    fn load() -> Self {
        Self { list: PageData::of_query::<LoadConnections>(&["cursor"]) }
    }

    fn show(self) -> AnyView {
        self.list.each(waiting, |list| match list {
            Ok(list) => view! { <Connections list/> },
            Err(problem) => view! { <PageHead title="Connections"/> <PageProblem problem/> },
        })
    }
}

fn waiting() -> AnyView {
    let columns = vec!["Name", "Provider", "Environment", "Models", "Status"];
    view! { <PageHead title="Connections"/> <Card flush=true><TableSkeleton columns/></Card> }
}

#[component]
fn Connections(list: ConnectionList) -> impl IntoView {
    let ConnectionList { rows, next } = list;
    let summary = if rows.len() == 1 { "1 connection".to_owned() } else { format!("{} connections", rows.len()) };
    view! {
        <PageHead title="Connections" note="Providers that keys reach, each with its own credentials and prices.">
            <ButtonLink href=Some("/connections/new".to_owned()) kind=ButtonKind::Primary icon=Glyph::Plus>"Connect provider"</ButtonLink>
        </PageHead>
        <Card flush=true>
            <Table
                label="Connections"
                columns=columns()
                rows
                key=|row: &ConnectionRow| format!("{} {} {} {}", row.id, row.enabled, row.models, row.unpriced)
                href=|row: &ConnectionRow| format!("/connections/{}", row.id)
                paging=Some(Paging { summary, previous: None, next })
                empty=nothing
            />
        </Card>
    }
}

fn nothing() -> impl IntoView {
    view! {
        <EmptyState
            kind=EmptyKind::FirstUse
            icon=Glyph::Plug
            title="No provider is connected"
            text="Connect one with its address and your key; its models appear here, to be priced and called."
        >
            <ButtonLink href=Some("/connections/new".to_owned()) kind=ButtonKind::Primary>"Connect provider"</ButtonLink>
        </EmptyState>
    }
}

fn columns() -> Vec<Column<ConnectionRow>> {
    vec![
        Column::new("Name", |row: &ConnectionRow| {
            let address = row.base_url.clone().unwrap_or_else(|| "part of Turnpike".to_owned());
            view! { <TwoLines main=row.name.clone() sub=address/> }
        })
        .shown(Priority::Always),
        Column::new("Provider", |row: &ConnectionRow| row.provider.clone()).shown(Priority::Desktop),
        Column::new(
            "Environment",
            |row: &ConnectionRow| view! { <EnvironmentBadge environment=row.environment.clone()/> },
        ),
        Column::new("Key", |row: &ConnectionRow| {
            let words = match (&row.last_four, &row.base_url) {
                (Some(four), _) => format!("…{four}"),
                (None, Some(_)) => "set".to_owned(),
                (None, None) => "none needed".to_owned(),
            };
            view! { <span class="mono muted">{words}</span> }
        })
        .shown(Priority::Desktop),
        Column::number("Models", |row: &ConnectionRow| format::count(row.models)).shown(Priority::Always),
        Column::new("Prices", |row: &ConnectionRow| prices(row.unpriced)),
        Column::new("Status", |row: &ConnectionRow| status(row.enabled)).shown(Priority::Always),
    ]
}

fn prices(unpriced: u64) -> impl IntoView {
    match unpriced {
        0 => view! { <span class="muted">"all set"</span> },
        n => view! { <Badge tone=Tone::Warn>{format!("{} without a price", format::count(n))}</Badge> },
    }
}

/// Whether a connection takes calls.
pub(super) fn status(enabled: bool) -> impl IntoView {
    let (tone, words) = if enabled { (Tone::Ok, "Enabled") } else { (Tone::Neutral, "Disabled") };
    view! { <Badge tone>{words}</Badge> }
}
