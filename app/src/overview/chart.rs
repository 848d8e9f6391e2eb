//! The last 24 hours by model, as an ECharts option and as a table.

use charming::{
    Chart,
    component::Axis,
    element::{AreaStyle, AxisLabel, AxisType, Formatter, Tooltip},
    series::Line,
};
use domain::usage::{Overview, Series};

use super::data::{Hours, Measure};
use crate::{
    server::Calendar,
    ui::{ChartTable, Colour, LegendItem, format},
};

/// How the service calls what is left when there are too many models for a chart.
const OTHERS: &str = "Others";

pub(super) fn hours(seen: &Overview, measure: Measure, calendar: &Calendar) -> Hours {
    let words = |value: f64| words(value, measure, seen.currency.code());
    let item = |(index, series): (usize, &Series)| LegendItem {
        label: format!("{} {}", series.name, words(course(series, measure).iter().sum())),
        colour: colour(index, series),
        dashed: false,
    };
    Hours {
        option: option(seen, measure),
        legend: seen.series.iter().enumerate().map(item).collect(),
        table: table(seen, measure, calendar),
    }
}

fn option(seen: &Overview, measure: Measure) -> String {
    let formatter = match measure {
        Measure::Cost => format!("fn:money:{}", seen.currency.code()),
        Measure::Calls => "fn:count".to_owned(),
        Measure::Tokens => "fn:compact".to_owned(),
    };
    let colours: Vec<String> = seen
        .series
        .iter()
        .enumerate()
        .map(|(index, series)| format!("var(--{})", colour(index, series).name()))
        .collect();
    let mut chart = Chart::new()
        .color(colours.iter().map(String::as_str).collect())
        .tooltip(Tooltip::new().value_formatter(Formatter::String(formatter.clone())))
        .x_axis(Axis::new().type_(AxisType::Time))
        .y_axis(
            Axis::new().type_(AxisType::Value).axis_label(AxisLabel::new().formatter(Formatter::String(formatter))),
        );
    for series in &seen.series {
        let point = |(hour, value): (&domain::Timestamp, f64)| vec![(hour.seconds() * 1_000) as f64, value];
        let data: Vec<Vec<f64>> = seen.hours.iter().zip(course(series, measure)).map(point).collect();
        let line = Line::new().name(series.name.as_str()).stack("all").area_style(AreaStyle::new().opacity(0.18));
        chart = chart.series(line.data(data));
    }
    serde_json::to_string(&chart).unwrap_or_default()
}

fn table(seen: &Overview, measure: Measure, calendar: &Calendar) -> ChartTable {
    let head = std::iter::once("Hour".to_owned()).chain(seen.series.iter().map(|series| series.name.clone())).collect();
    let row = |(index, hour): (usize, &domain::Timestamp)| {
        let time = hour.in_zone(calendar.zone()).map(|zoned| zoned.strftime("%b %-d, %H:%M").to_string());
        let cells =
            seen.series.iter().map(|series| words(course(series, measure)[index], measure, seen.currency.code()));
        std::iter::once(time.unwrap_or_else(|| hour.to_string())).chain(cells).collect()
    };
    ChartTable { head, rows: seen.hours.iter().enumerate().map(row).collect() }
}

fn colour(index: usize, series: &Series) -> Colour {
    if series.name == OTHERS { Colour::Slate } else { Colour::SERIES[index % Colour::SERIES.len()] }
}

/// A series by hour, as a number to draw: here, and nowhere before, money becomes a float.
fn course(series: &Series, measure: Measure) -> Vec<f64> {
    let numbers = |numbers: &[u64]| numbers.iter().map(|n| *n as f64).collect();
    match measure {
        Measure::Cost => series.cost.iter().map(|cost| cost.nanos() as f64 / 1e9).collect(),
        Measure::Calls => numbers(&series.calls),
        Measure::Tokens => numbers(&series.tokens),
    }
}

fn words(value: f64, measure: Measure, currency: &str) -> String {
    match measure {
        Measure::Cost => format::money((value * 1e9).round() as i64, currency),
        Measure::Calls => format::count(value as u64),
        Measure::Tokens => format::compact(value as u64),
    }
}
