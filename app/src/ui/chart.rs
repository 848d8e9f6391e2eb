use serde::{Deserialize, Serialize};

use crate::{prelude::*, shell::nonce};

/// A colour of the charts. No more than six series at once, then "other" in slate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each variant is the colour it names")]
pub enum Colour {
    Blue,
    Teal,
    Amber,
    Magenta,
    Green,
    Violet,
    Orange,
    Slate,
}

impl Colour {
    /// The order in which series take their colours.
    pub const SERIES: [Colour; 6] =
        [Colour::Blue, Colour::Teal, Colour::Amber, Colour::Violet, Colour::Magenta, Colour::Green];

    /// The name of the custom property: as `var(--blue)` an option follows the theme.
    pub const fn name(self) -> &'static str {
        match self {
            Colour::Blue => "blue",
            Colour::Teal => "teal",
            Colour::Amber => "amber",
            Colour::Magenta => "magenta",
            Colour::Green => "green",
            Colour::Violet => "violet",
            Colour::Orange => "orange",
            Colour::Slate => "slate",
        }
    }
}

/// The numbers of a chart as text, for who can't or won't read a picture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChartTable {
    /// The titles of the columns; the first is the axis.
    pub head: Vec<String>,
    /// The rows, formatted.
    pub rows: Vec<Vec<String>>,
}

/// A chart of an ECharts option that the server built, and the same numbers as a table.
///
/// The server says what is drawn, `frontend/vendor/chart.js` how it looks. In the option, colours
/// may be `"var(--blue)"` and formatters `"fn:count"`, `"fn:compact"`, `"fn:ms"`, `"fn:percent"`,
/// `"fn:money:USD"`. The library is loaded by the first chart and not before.
#[component]
pub fn Chart(
    /// What the chart shows, in a sentence.
    #[prop(into)]
    label: String,
    /// The option, as JSON.
    #[prop(into)]
    option: Signal<String>,
    /// The same numbers.
    #[prop(into)]
    table: Signal<ChartTable>,
    /// Where dragging over the time axis goes: an address with `{from}` and `{to}`.
    #[prop(optional, into)]
    zoom: Option<String>,
) -> impl IntoView {
    view! {
        <figure class="chart">
            <turnpike-chart role="img" aria-label=label.clone() option=move || option.get() data-zoom=zoom></turnpike-chart>
            <script type="module" src="/vendor/chart.js" nonce=nonce()></script>
            <details class="chart__table">
                <summary>"Show as table"</summary>
                <div class="chart__scroll" role="region" tabindex="0" aria-label=label>
                    {move || numbers(table.get())}
                </div>
            </details>
        </figure>
    }
}

fn numbers(ChartTable { head, rows }: ChartTable) -> impl IntoView {
    let align = |index: usize| (index > 0).then_some("end");
    let title =
        move |(index, words)| view! { <th class="table__head" scope="col" data-align=align(index)>{words}</th> };
    let cell = move |(index, words)| view! { <td class="table__cell" data-align=align(index)>{words}</td> };
    let row = move |cells: Vec<String>| view! { <tr class="table__row">{cells.into_iter().enumerate().map(cell).collect_view()}</tr> };
    view! {
        <table class="table">
            <thead>
                <tr>{head.into_iter().enumerate().map(title).collect_view()}</tr>
            </thead>
            <tbody>{rows.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
}

/// One series of a legend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegendItem {
    /// What the series is, with its total if that says something: `OpenAI $1,902`.
    pub label: String,
    /// Its colour.
    pub colour: Colour,
    /// Whether its line is dashed, so that colour is not the only difference.
    pub dashed: bool,
}

/// The legend on top of a chart.
#[component]
pub fn Legend(
    /// The series, in the chart's order.
    #[prop(into)]
    items: Signal<Vec<LegendItem>>,
) -> impl IntoView {
    let item = |LegendItem { label, colour, dashed }: LegendItem| {
        view! {
            <li>
                <svg viewBox="0 0 12 8" aria-hidden="true" data-colour=colour.name()>
                    <path d="M1 4h10" stroke-dasharray=dashed.then_some("2 4")></path>
                </svg>
                {label}
            </li>
        }
    };
    view! { <ul class="legend">{move || items.get().into_iter().map(item).collect_view()}</ul> }
}
