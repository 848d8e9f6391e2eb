use std::time::Duration;

use domain::{
    KeyId, Money, Timestamp,
    identity::Permission,
    usage::{BUCKET, GroupBy, KeyUsage, Series, Span},
};
use store::usage::{Summary, SummaryBy, SummaryFilter};

use super::{Usage, summary::begin, time_zone};
use crate::{Actor, Error, Result};

impl Usage {
    /// What a key did hour by hour or day by day, up to now.
    pub async fn of_key(&self, actor: &Actor, key: KeyId, span: Span) -> Result<KeyUsage> {
        actor.require(Permission::UsageRead)?;
        let mut reader = self.core.db.read().await?;
        let named = reader.keys().get(actor.organization, key).await?.ok_or_else(|| Error::not_found("key"))?;
        let zone = time_zone(&mut reader, actor).await?;
        let (now, starts) = (self.core.now(), starts(span, self.core.now(), &zone));
        let from = starts.first().copied().unwrap_or(now).floor(BUCKET);
        let filter = SummaryFilter { from, to: now, environment: None, key: Some(key) };
        let sums = reader.usage().summary(actor.organization, filter, SummaryBy::Bucket).await?;
        let sums: Vec<&Summary> = sums.iter().collect();
        let course = course(named.name.to_string(), &starts, &sums)?;
        Ok(KeyUsage { starts, course, currency: self.core.settings.currency })
    }
}

/// The starts of the hours or days of a span that ends now, the oldest first.
fn starts(span: Span, now: Timestamp, zone: &str) -> Vec<Timestamp> {
    let (count, group_by) = match span {
        Span::Day => (24, GroupBy::Hour),
        Span::Week => (7 * 24, GroupBy::Hour),
        Span::Month => (30, GroupBy::Day),
    };
    let mut starts = Vec::with_capacity(count);
    let mut at = now;
    while starts.len() < count {
        at = begin(group_by, at, zone);
        starts.push(at);
        // Just before it is the hour or day before it, however long the clocks make that.
        at = at.minus(Duration::from_micros(1));
    }
    starts.reverse();
    starts
}

/// What was summed, by the hours or days that begin so.
pub(super) fn course(name: String, starts: &[Timestamp], sums: &[&Summary]) -> Result<Series> {
    let mut series = Series {
        name,
        calls: vec![0; starts.len()],
        errors: vec![0; starts.len()],
        tokens: vec![0; starts.len()],
        cost: vec![Money::ZERO; starts.len()],
    };
    for sum in sums {
        let at = Timestamp::from_micros(sum.bucket.unwrap_or_default());
        let Some(place) = starts.iter().rposition(|start| *start <= at) else { continue };
        series.calls[place] += sum.calls.unsigned_abs();
        series.errors[place] += sum.errors.unsigned_abs();
        series.tokens[place] += (sum.input_tokens + sum.output_tokens).unsigned_abs();
        series.cost[place] = series.cost[place].plus(Money::from_nanos(sum.cost))?;
    }
    Ok(series)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(span: Span, now: &str, zone: &str) -> (String, String, usize) {
        let starts = starts(span, now.parse().unwrap(), zone);
        assert!(starts.windows(2).all(|pair| pair[0] < pair[1]));
        (starts[0].to_string(), starts[starts.len() - 1].to_string(), starts.len())
    }

    #[test]
    fn days_and_hours_begin_in_the_zone_and_end_now() {
        let told = |from: &str, to: &str, count| (from.to_owned(), to.to_owned(), count);
        assert_eq!(
            ends(Span::Day, "2026-06-01T12:20:00Z", "Asia/Kathmandu"),
            told("2026-05-31T13:15:00Z", "2026-06-01T12:15:00Z", 24)
        );
        // The clocks went forward on 29 March, and the day had 23 hours.
        assert_eq!(
            ends(Span::Month, "2026-04-02T10:00:00Z", "Europe/Berlin"),
            told("2026-03-03T23:00:00Z", "2026-04-01T22:00:00Z", 30)
        );
        assert_eq!(ends(Span::Week, "2026-04-02T10:00:00Z", "UTC").2, 168);
    }
}
