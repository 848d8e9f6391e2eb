use super::CallRow;
use crate::{
    prelude::*,
    ui::{Badge, Column, EnvironmentBadge, Priority, Tone, format},
};

/// Where a list of calls stands, and so for what there is room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listed {
    /// On a page of its own: also who runs the model, and both durations.
    Whole,
    /// On a page with other things.
    Latest,
    /// On the page of a key, which need not be named again.
    OfKey,
}

/// The columns of a list of calls.
pub(crate) fn columns(listed: Listed) -> Vec<Column<CallRow>> {
    let all = listed == Listed::Whole;
    let model = Column::new("Model", |row: &CallRow| row.model.clone());
    let mut columns = vec![Column::new("Time", time).shown(Priority::Always)];
    match listed {
        Listed::OfKey => columns.push(model.shown(Priority::Always)),
        Listed::Whole | Listed::Latest => {
            columns.push(Column::new("Key", key).shown(Priority::Always));
            columns.push(model);
        }
    }
    if all {
        columns.push(
            Column::new("Provider", |row: &CallRow| {
                let provider = row.provider.clone();
                view! { <span class="muted">{provider}</span> }
            })
            .shown(Priority::Desktop),
        );
    }
    columns.push(Column::number("Tokens", tokens));
    let cost = Column::number("Cost", |row: &CallRow| row.cost.clone());
    // A phone has room for three columns.
    columns.push(if listed == Listed::OfKey { cost } else { cost.shown(Priority::Always) });
    if all {
        columns.push(Column::number("First byte", |row: &CallRow| row.first_byte.clone()).shown(Priority::Desktop));
    }
    columns.push(Column::number("Total", |row: &CallRow| row.total.clone()).shown(Priority::Desktop));
    columns.push(Column::new("Status", status).shown(Priority::Always));
    columns
}

fn time(row: &CallRow) -> impl IntoView + use<> {
    let (clock, exact) = (row.clock.clone(), row.at.exact.clone());
    view! {
        <span class="mono muted" title=exact>
            {clock.day.map(|day| format!("{day} "))} {clock.time} <span class="wide-only">{clock.fraction}</span>
        </span>
    }
}

fn key(row: &CallRow) -> impl IntoView + use<> {
    let (key, test) = (row.key.clone(), row.environment == "test");
    view! {
        <span class="cluster">
            <b class="call__key truncate">{key}</b>
            {test.then(|| view! { <span class="wide-only"><EnvironmentBadge environment="test"/></span> })}
        </span>
    }
}

fn tokens(row: &CallRow) -> impl IntoView + use<> {
    let (input, output) = (format::count(row.input), format::count(row.output));
    view! { {input} <span class="subtle" aria-hidden="true">" → "</span> <span class="sr-only">" in, "</span> {output} <span class="sr-only">" out"</span> }
}

fn status(row: &CallRow) -> impl IntoView + use<> {
    let (estimated, adjustment) = (row.estimated, row.adjustment);
    view! {
        <span class="cluster">
            {status_badge(&row.status, row.http_status)}
            {estimated.then(|| view! { <span class="wide-only"><Badge plain=true>"Estimated"</Badge></span> })}
            {adjustment.then(|| view! { <Badge plain=true>"Adjustment"</Badge> })}
        </span>
    }
}

/// How a call ended: by its number where it was answered, in a word where it was cut short.
pub(crate) fn status_badge(status: &str, http_status: u16) -> impl IntoView + use<> {
    let (tone, words) = match status {
        "aborted" => (Tone::Warn, "Aborted".to_owned()),
        "interrupted" => (Tone::Warn, "Interrupted".to_owned()),
        "error" => (Tone::Danger, http_status.to_string()),
        _ => (Tone::Ok, http_status.to_string()),
    };
    view! { <Badge tone>{words}</Badge> }
}
