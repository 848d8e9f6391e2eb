//! Today's figures in words, beside yesterday's by the same time.

use domain::usage::{Overview, SummaryQuery, SummaryRow};
use service::{Actor, usage::Usage};

use super::data::{Busy, Figure, Judgement};
use crate::{problem::Problem, ui::format};

/// The figures in the order of the page: calls, success, cost, time to the first byte, tokens.
pub(super) fn figures(seen: &Overview, first_bytes: Vec<f64>) -> Vec<Figure> {
    let (today, before) = (&seen.today, &seen.yesterday);
    let currency = seen.currency.code();
    let course = |of: fn(&domain::usage::Series, usize) -> f64| -> Vec<f64> {
        (0..seen.hours.len()).map(|hour| seen.series.iter().map(|series| of(series, hour)).sum()).collect()
    };
    let (calls, errors) = (course(|s, h| s.calls[h] as f64), course(|s, h| s.errors[h] as f64));
    let share = |(calls, errors): (&f64, &f64)| if *calls > 0.0 { 100.0 - errors * 100.0 / calls } else { 100.0 };
    let success = calls.iter().zip(&errors).map(share).collect();
    let welcome = (Judgement::Good, Judgement::Neither);
    let unwelcome = (Judgement::Bad, Judgement::Good);
    vec![
        Figure {
            value: format::count(today.calls),
            change: relative(today.calls, before.calls, welcome),
            spark: calls,
        },
        Figure {
            value: format::percent(today.calls.saturating_sub(today.errors), today.calls),
            change: points(today, before),
            spark: success,
        },
        Figure {
            value: format::money(today.cost.nanos(), currency),
            change: relative(today.cost.nanos().unsigned_abs(), before.cost.nanos().unsigned_abs(), unwelcome),
            spark: course(|s, h| s.cost[h].nanos() as f64 / 1e9),
        },
        Figure {
            value: today.mean_first_byte_us.map_or_else(|| "–".to_owned(), |us| format::duration_ms(us / 1_000)),
            change: faster(today.mean_first_byte_us, before.mean_first_byte_us),
            spark: first_bytes,
        },
        Figure {
            value: format::compact(tokens(today)),
            change: relative(tokens(today), tokens(before), welcome),
            spark: course(|s, h| s.tokens[h] as f64),
        },
    ]
}

const fn tokens(row: &SummaryRow) -> u64 {
    row.input_tokens + row.output_tokens
}

/// The difference as a share of what was; none where there was nothing.
fn relative(now: u64, before: u64, (more, less): (Judgement, Judgement)) -> Option<(String, Judgement)> {
    if before == 0 {
        return None;
    }
    let percent = (now as f64 - before as f64) * 100.0 / before as f64;
    Some(judged(signed(percent, 1, " %"), percent, 0.05, (more, less)))
}

/// The difference of two success rates, in points of a percent.
fn points(today: &SummaryRow, before: &SummaryRow) -> Option<(String, Judgement)> {
    let rate = |row: &SummaryRow| {
        (row.calls > 0).then(|| (row.calls - row.errors.min(row.calls)) as f64 * 100.0 / row.calls as f64)
    };
    let change = rate(today)? - rate(before)?;
    Some(judged(signed(change, 2, ""), change, 0.005, (Judgement::Good, Judgement::Bad)))
}

fn faster(now: Option<u64>, before: Option<u64>) -> Option<(String, Judgement)> {
    let change = (now? as f64 - before? as f64) / 1_000.0;
    Some(judged(signed(change, 0, " ms"), change, 0.5, (Judgement::Bad, Judgement::Good)))
}

/// What rounds to nothing is neither good nor bad.
fn judged(words: String, change: f64, least: f64, (more, less): (Judgement, Judgement)) -> (String, Judgement) {
    let judgement = match change {
        _ if change.abs() < least => Judgement::Neither,
        0.0.. => more,
        _ => less,
    };
    (words, judgement)
}

fn signed(value: f64, places: usize, unit: &str) -> String {
    let digits = format!("{:.places$}", value.abs());
    let sign = match digits.bytes().all(|b| b == b'0' || b == b'.') {
        true => "±",
        false if value < 0.0 => "−",
        false => "+",
    };
    format!("{sign}{digits}{unit}")
}

/// The mean time to the first byte hour by hour; an hour without calls continues the one before.
pub(super) async fn first_bytes(
    usage: &Usage,
    actor: &Actor,
    seen: &Overview,
    environment: Option<String>,
) -> Result<Vec<f64>, Problem> {
    let Some(first) = seen.hours.first() else { return Ok(Vec::new()) };
    let (from, group_by) = (Some(first.to_string()), Some("hour".to_owned()));
    let summary = usage.summary(actor, &SummaryQuery { from, to: None, group_by, environment, key: None }).await?;
    let mut course: Vec<Option<u64>> = vec![None; seen.hours.len()];
    for row in &summary.data {
        let Ok(at) = row.group.parse() else { continue };
        if let Some(hour) = seen.hours.iter().rposition(|hour| *hour <= at) {
            course[hour] = row.mean_first_byte_us;
        }
    }
    let mut last = course.iter().flatten().next().copied().unwrap_or_default();
    let mut carried = |us: Option<u64>| {
        last = us.unwrap_or(last);
        last as f64 / 1_000.0
    };
    Ok(course.into_iter().map(&mut carried).collect())
}

/// The busiest, by cost; by calls where nothing cost anything.
pub(super) fn busy(rows: &[SummaryRow], seen: &Overview) -> Vec<Busy> {
    let free = rows.iter().all(|row| row.cost.nanos() == 0);
    let weight = |row: &SummaryRow| if free { row.calls as f64 } else { row.cost.nanos() as f64 };
    let most = rows.iter().map(weight).fold(f64::MIN_POSITIVE, f64::max);
    let one = |row: &SummaryRow| Busy {
        id: row.group.clone(),
        name: row.name.clone(),
        value: match (free, row.calls) {
            (false, _) => format::money(row.cost.nanos(), seen.currency.code()),
            (true, 1) => "1 call".to_owned(),
            (true, calls) => format!("{} calls", format::count(calls)),
        },
        percent: weight(row) * 100.0 / most,
    };
    rows.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_signed_and_judged() {
        let welcome = (Judgement::Good, Judgement::Neither);
        assert_eq!(relative(1_124, 1_000, welcome), Some(("+12.4 %".into(), Judgement::Good)));
        assert_eq!(relative(900, 1_000, welcome), Some(("−10.0 %".into(), Judgement::Neither)));
        assert_eq!(relative(10_000, 10_001, welcome), Some(("±0.0 %".into(), Judgement::Neither)));
        assert_eq!(relative(5, 0, welcome), None);
        assert_eq!(faster(Some(381_000), Some(412_000)), Some(("−31 ms".into(), Judgement::Good)));
    }

    #[test]
    fn success_is_compared_in_points() {
        let row = |calls, errors| SummaryRow { calls, errors, ..SummaryRow::default() };
        assert_eq!(points(&row(1_000, 2), &row(1_000, 4)), Some(("+0.20".into(), Judgement::Good)));
        assert_eq!(points(&row(0, 0), &row(1_000, 4)), None);
    }
}
