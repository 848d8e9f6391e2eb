use std::{collections::BTreeMap, time::Duration};

use domain::{
    ErrorCode, KeyId, ModelId, Money, Timestamp,
    identity::Permission,
    usage::{BUCKET, GroupBy, SummaryQuery, SummaryRow, SummaryView},
};
use store::usage::{Summary, SummaryBy, SummaryFilter};

use super::{Usage, events::parsed, time_zone};
use crate::{Actor, Error, Result};

/// The longest span that is summed at once.
const LONGEST: Duration = Duration::from_secs(400 * 86_400);

impl Usage {
    /// Sums over a span, by quarter-hour rollups: the span is widened to whole quarters.
    ///
    /// # Errors
    /// When the span is empty, longer than 400 days, or a value is none.
    pub async fn summary(&self, actor: &Actor, query: &SummaryQuery) -> Result<SummaryView> {
        actor.require(Permission::UsageRead)?;
        let mut reader = self.core.db.read().await?;
        let zone = time_zone(&mut reader, actor).await?;
        let now = self.core.now();
        let from = parsed("from", &query.from)?.unwrap_or_else(|| now.start_of_day(&zone)).floor(BUCKET);
        let to = parsed("to", &query.to)?.unwrap_or(now);
        if from >= to || to.since(from) > LONGEST {
            let error =
                Error::new(ErrorCode::InvalidRequest, "Give a span of up to 400 days whose end is after its start.");
            return Err(Error { param: Some("to"), ..error });
        }
        let group_by = parsed("group_by", &query.group_by)?.unwrap_or(GroupBy::Day);
        let environment = parsed("environment", &query.environment)?;
        let filter = SummaryFilter { from, to, environment, key: parsed("key", &query.key)? };
        let sums = reader.usage().summary(actor.organization, filter, by(group_by)).await?;
        let total = row("total".into(), "Total".into(), &fold(&sums)?);
        let data = match group_by {
            GroupBy::Key | GroupBy::Model | GroupBy::Provider => sums.iter().map(|s| named(group_by, s)).collect(),
            GroupBy::Hour | GroupBy::Day => by_time(&sums, |at| begin(group_by, at, &zone))?,
        };
        Ok(SummaryView { from, to, group_by, data, total, currency: self.core.settings.currency })
    }
}

fn by(group_by: GroupBy) -> SummaryBy {
    match group_by {
        GroupBy::Key => SummaryBy::Key,
        GroupBy::Model => SummaryBy::Model,
        GroupBy::Provider => SummaryBy::Provider,
        GroupBy::Hour | GroupBy::Day => SummaryBy::Bucket,
    }
}

/// The start of the hour or day that a quarter of an hour is in.
pub(super) fn begin(group_by: GroupBy, at: Timestamp, zone: &str) -> Timestamp {
    match group_by {
        GroupBy::Day => at.start_of_day(zone),
        _ => {
            // Zones are offset by quarters of an hour, so an hour is counted from the day's start.
            let day = at.start_of_day(zone);
            let hours = at.since(day).as_secs() / 3600;
            day.plus(Duration::from_secs(hours * 3600))
        }
    }
}

fn by_time(sums: &[Summary], begin: impl Fn(Timestamp) -> Timestamp) -> Result<Vec<SummaryRow>> {
    let mut groups: BTreeMap<Timestamp, Vec<&Summary>> = BTreeMap::new();
    for sum in sums {
        groups.entry(begin(Timestamp::from_micros(sum.bucket.unwrap_or_default()))).or_default().push(sum);
    }
    let make = |(at, sums): (Timestamp, Vec<&Summary>)| Ok(row(at.to_string(), at.to_string(), &fold(sums)?));
    groups.into_iter().map(make).collect()
}

/// A row with the id and the name of what it stands for.
pub(super) fn named(group_by: GroupBy, sum: &Summary) -> SummaryRow {
    let id = sum.id.unwrap_or_default();
    let group = match group_by {
        GroupBy::Key => KeyId::from_uuid(id).to_string(),
        GroupBy::Model => ModelId::from_uuid(id).to_string(),
        _ => sum.word.clone().unwrap_or_default(),
    };
    let name = sum.name.clone().unwrap_or_else(|| group.clone());
    row(group, name, sum)
}

/// The sum of sums.
pub(super) fn fold<'a>(sums: impl IntoIterator<Item = &'a Summary>) -> Result<Summary> {
    let mut total = Summary::default();
    for sum in sums {
        total.calls += sum.calls;
        total.errors += sum.errors;
        total.input_tokens += sum.input_tokens;
        total.cached_input_tokens += sum.cached_input_tokens;
        total.output_tokens += sum.output_tokens;
        total.reasoning_tokens += sum.reasoning_tokens;
        total.cost = Money::from_nanos(total.cost).plus(Money::from_nanos(sum.cost))?.nanos();
        total.first_byte_us += sum.first_byte_us;
        total.first_bytes += sum.first_bytes;
        total.total_us += sum.total_us;
    }
    Ok(total)
}

pub(super) fn row(group: String, name: String, sum: &Summary) -> SummaryRow {
    let mean = |sum: i64, of: i64| (of > 0).then(|| (sum / of).unsigned_abs());
    SummaryRow {
        group,
        name,
        calls: sum.calls.unsigned_abs(),
        errors: sum.errors.unsigned_abs(),
        input_tokens: sum.input_tokens.unsigned_abs(),
        cached_input_tokens: sum.cached_input_tokens.unsigned_abs(),
        output_tokens: sum.output_tokens.unsigned_abs(),
        reasoning_tokens: sum.reasoning_tokens.unsigned_abs(),
        cost: Money::from_nanos(sum.cost),
        mean_first_byte_us: mean(sum.first_byte_us, sum.first_bytes),
        mean_total_us: mean(sum.total_us, sum.calls),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_and_days_begin_where_the_zone_says() {
        let at: Timestamp = "2026-06-01T12:20:00Z".parse().unwrap();
        assert_eq!(begin(GroupBy::Hour, at, "Asia/Kathmandu").to_string(), "2026-06-01T12:15:00Z");
        assert_eq!(begin(GroupBy::Day, at, "Asia/Kathmandu").to_string(), "2026-05-31T18:15:00Z");
        assert_eq!(begin(GroupBy::Hour, at, "UTC").to_string(), "2026-06-01T12:00:00Z");
    }
}
