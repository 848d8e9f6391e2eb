//! The last 24 hours by model, as a chart.

use domain::usage::{Overview, Series};

use super::data::Measure;
use crate::{
    server::Calendar,
    ui::Colour,
    usage::{Course, Line, Unit},
};

/// How the service calls what is left when there are too many models for a chart.
const OTHERS: &str = "Others";

pub(super) fn hours(seen: &Overview, measure: Measure, calendar: &Calendar) -> Course {
    let unit = match measure {
        Measure::Cost => Unit::Money(seen.currency),
        Measure::Calls => Unit::Count,
        Measure::Tokens => Unit::Compact,
    };
    let line = |(index, series): (usize, &Series)| {
        let (name, colour) = (series.name.as_str(), colour(index, series));
        match measure {
            Measure::Cost => Line::sums(name, colour, &series.cost),
            Measure::Calls => Line::counts(name, colour, &series.calls),
            Measure::Tokens => Line::counts(name, colour, &series.tokens),
        }
    };
    let lines: Vec<Line> = seen.series.iter().enumerate().map(line).collect();
    Course::draw(&seen.hours, &lines, unit, ("Hour", "%b %-d, %H:%M"), calendar)
}

fn colour(index: usize, series: &Series) -> Colour {
    if series.name == OTHERS { Colour::Slate } else { Colour::SERIES[index % Colour::SERIES.len()] }
}
