//! What happened over a time, as a chart: an ECharts option, its legend, and the same numbers as a table.

use serde::{Deserialize, Serialize};

use crate::ui::{ChartTable, LegendItem};

/// A course over some hours or days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// The option that draws it.
    pub option: String,
    /// The lines with their totals.
    pub legend: Vec<LegendItem>,
    /// The same numbers as a table.
    pub table: ChartTable,
}

#[cfg(feature = "ssr")]
pub(crate) use self::drawing::{Line, Unit};

#[cfg(feature = "ssr")]
mod drawing {
    use charming::{
        Chart,
        component::Axis,
        element::{AreaStyle, AxisLabel, AxisType, Formatter, LineStyle, LineStyleType, Tooltip},
        series,
    };
    use domain::{Currency, Money, Timestamp};

    use super::Course;
    use crate::{
        server::Calendar,
        ui::{ChartTable, Colour, LegendItem, format},
    };

    /// What the numbers of a chart are.
    #[derive(Clone, Copy)]
    pub(crate) enum Unit {
        /// A sum in the book currency.
        Money(Currency),
        /// A count, every digit of it.
        Count,
        /// A count that may be large.
        Compact,
    }

    impl Unit {
        /// How the chart's own script writes it.
        fn formatter(self) -> String {
            match self {
                Self::Money(currency) => format!("fn:money:{}", currency.code()),
                Self::Count => "fn:count".to_owned(),
                Self::Compact => "fn:compact".to_owned(),
            }
        }

        fn words(self, value: f64) -> String {
            match self {
                Self::Money(currency) => format::money((value * 1e9).round() as i64, currency.code()),
                Self::Count => format::count(value as u64),
                Self::Compact => format::compact(value as u64),
            }
        }
    }

    /// One line of a chart.
    pub(crate) struct Line {
        name: String,
        colour: Colour,
        dashed: bool,
        values: Vec<f64>,
    }

    impl Line {
        /// A line of counts.
        pub(crate) fn counts(name: impl Into<String>, colour: Colour, counts: &[u64]) -> Self {
            let values = counts.iter().map(|count| *count as f64).collect();
            Self { name: name.into(), colour, dashed: false, values }
        }

        /// A line of sums: here, and nowhere before, money becomes a float.
        pub(crate) fn sums(name: impl Into<String>, colour: Colour, sums: &[Money]) -> Self {
            let values = sums.iter().map(|sum| sum.nanos() as f64 / 1e9).collect();
            Self { name: name.into(), colour, dashed: false, values }
        }

        /// The same line dashed, where it must be told from the others without its colour.
        pub(crate) fn dashed(self) -> Self {
            Self { dashed: true, ..self }
        }
    }

    impl Course {
        /// Draws lines, one above the other. `time` is how the table writes where an hour or a day begins, after its
        /// heading.
        pub(crate) fn draw(
            starts: &[Timestamp],
            lines: &[Line],
            unit: Unit,
            time: (&str, &str),
            calendar: &Calendar,
        ) -> Self {
            let item = |line: &Line| LegendItem {
                label: format!("{} {}", line.name, unit.words(line.values.iter().sum())),
                colour: line.colour,
                dashed: line.dashed,
            };
            Self {
                option: option(starts, lines, unit),
                legend: lines.iter().map(item).collect(),
                table: table(starts, lines, unit, time, calendar),
            }
        }
    }

    fn option(starts: &[Timestamp], lines: &[Line], unit: Unit) -> String {
        let formatter = || Formatter::String(unit.formatter());
        let colours: Vec<String> = lines.iter().map(|line| format!("var(--{})", line.colour.name())).collect();
        let values = Axis::new().type_(AxisType::Value).axis_label(AxisLabel::new().formatter(formatter()));
        let values = match unit {
            Unit::Money(_) => values,
            // Between one call and two there is nothing to write at the axis.
            Unit::Count | Unit::Compact => values.min_interval(1.0),
        };
        let mut chart = Chart::new()
            .color(colours.iter().map(String::as_str).collect())
            .tooltip(Tooltip::new().value_formatter(formatter()))
            .x_axis(Axis::new().type_(AxisType::Time))
            .y_axis(values);
        for line in lines {
            let point = |(start, value): (&Timestamp, &f64)| vec![(start.seconds() * 1_000) as f64, *value];
            let data: Vec<Vec<f64>> = starts.iter().zip(&line.values).map(point).collect();
            let drawn = series::Line::new().name(line.name.as_str()).stack("all");
            let drawn = match line.dashed {
                true => drawn.line_style(LineStyle::new().type_(LineStyleType::Dashed)),
                false => drawn,
            };
            chart = chart.series(drawn.area_style(AreaStyle::new().opacity(0.18)).data(data));
        }
        serde_json::to_string(&chart).unwrap_or_default()
    }

    fn table(
        starts: &[Timestamp],
        lines: &[Line],
        unit: Unit,
        (heading, time): (&str, &str),
        calendar: &Calendar,
    ) -> ChartTable {
        let head = std::iter::once(heading.to_owned()).chain(lines.iter().map(|line| line.name.clone())).collect();
        let row = |(index, start): (usize, &Timestamp)| {
            let begins = start.in_zone(calendar.zone()).map(|zoned| zoned.strftime(time).to_string());
            let cells = lines.iter().map(|line| unit.words(line.values[index]));
            std::iter::once(begins.unwrap_or_else(|| start.to_string())).chain(cells).collect()
        };
        ChartTable { head, rows: starts.iter().enumerate().map(row).collect() }
    }
}
