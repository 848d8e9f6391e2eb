use std::{collections::BTreeMap, time::Duration};

use domain::{
    ModelId, PageQuery, Timestamp,
    identity::Permission,
    keys::Environment,
    usage::{BUCKET, EventQuery, GroupBy, Overview, Series, SummaryRow},
};
use store::{
    Reader,
    usage::{Summary, SummaryBy, SummaryFilter},
};

use super::{Usage, course::course, summary, time_zone};
use crate::{Actor, Result};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// How many series a chart has at most, the one for all others included.
const SERIES: usize = 6;
/// How many of the busiest are shown.
const BUSIEST: usize = 5;
const RECENT: u32 = 6;

impl Usage {
    /// Today, the last 24 hours, and the most recent calls.
    pub async fn overview(&self, actor: &Actor, environment: Option<Environment>) -> Result<Overview> {
        actor.require(Permission::UsageRead)?;
        let mut reader = self.core.db.read().await?;
        let zone = time_zone(&mut reader, actor).await?;
        let now = self.core.now();
        let today = now.start_of_day(&zone);
        let yesterday = today.minus(HOUR).start_of_day(&zone);
        let span = |from, to| SummaryFilter { from, to, environment, key: None };
        let keys = reader.usage().summary(actor.organization, span(today, now), SummaryBy::Key).await?;
        let models = reader.usage().summary(actor.organization, span(today, now), SummaryBy::Model).await?;
        let then = yesterday.plus(now.since(today));
        let before = reader.usage().summary(actor.organization, span(yesterday, then), SummaryBy::Provider).await?;
        let (hours, series) = last_day(&mut reader, actor, span(now.minus(DAY), now)).await?;
        drop(reader);
        let query = EventQuery { environment: environment.map(|e| e.to_string()), ..EventQuery::default() };
        let recent = self.events(actor, &query, &PageQuery { limit: Some(RECENT), cursor: None }).await?;
        Ok(Overview {
            today: summary::row("today".into(), "Today".into(), &summary::fold(&keys)?),
            yesterday: summary::row("yesterday".into(), "Yesterday".into(), &summary::fold(&before)?),
            keys: busiest(GroupBy::Key, &keys),
            models: busiest(GroupBy::Model, &models),
            hours,
            series,
            recent: recent.data,
            currency: self.core.settings.currency,
        })
    }
}

fn busiest(group_by: GroupBy, sums: &[Summary]) -> Vec<SummaryRow> {
    sums.iter().take(BUSIEST).map(|s| summary::named(group_by, s)).collect()
}

/// The last 24 hours by model: the dearest each, and the others in one.
async fn last_day(reader: &mut Reader, actor: &Actor, filter: SummaryFilter) -> Result<(Vec<Timestamp>, Vec<Series>)> {
    let first = filter.from.plus(HOUR).floor(HOUR);
    let hours: Vec<Timestamp> = (0..24).map(|n| first.plus(HOUR * n)).collect();
    let filter = SummaryFilter { from: first.floor(BUCKET), ..filter };
    let sums = reader.usage().summary(actor.organization, filter, SummaryBy::BucketAndModel).await?;
    let mut models: BTreeMap<ModelId, Vec<&Summary>> = BTreeMap::new();
    for sum in &sums {
        models.entry(ModelId::from_uuid(sum.id.unwrap_or_default())).or_default().push(sum);
    }
    let mut models: Vec<(ModelId, Vec<&Summary>)> = models.into_iter().collect();
    let cost = |sums: &[&Summary]| sums.iter().map(|s| s.cost).fold(0, i64::saturating_add);
    models.sort_by_key(|(id, sums)| (std::cmp::Reverse(cost(sums)), *id));
    let keep = if models.len() > SERIES { SERIES - 1 } else { SERIES };
    let others: Vec<&Summary> =
        models.split_off(models.len().min(keep)).into_iter().flat_map(|(_, sums)| sums).collect();
    let name =
        |id: &ModelId, sums: &[&Summary]| sums.iter().find_map(|s| s.name.clone()).unwrap_or_else(|| id.to_string());
    let mut series: Vec<Series> =
        models.iter().map(|(id, sums)| course(name(id, sums), &hours, sums)).collect::<Result<_>>()?;
    if !others.is_empty() {
        series.push(course("Others".to_owned(), &hours, &others)?);
    }
    Ok((hours, series))
}
