use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use domain::{
    KeyId, Money, Timestamp,
    keys::Environment,
    usage::{BUCKET, UsageEvent},
};
use store::{
    Db,
    usage::{KeyFigures, Summary, SummaryBy, SummaryFilter},
};

use super::{Traffic, plain_sum, record};
use crate::support::BEGINNING;

contract! {
    summaries_are_the_sums_over_events
    a_summary_is_ordered
    keys_figures_are_the_sums_over_events
    nothing_sums_to_nothing
    what_was_used_is_named
}

const WAYS: [SummaryBy; 5] =
    [SummaryBy::Key, SummaryBy::Model, SummaryBy::Provider, SummaryBy::Bucket, SummaryBy::BucketAndModel];

/// For random traffic, by every way to group it, over several periods and environments.
async fn summaries_are_the_sums_over_events(db: &Db) {
    let traffic = Traffic::new(db, 1).await;
    let events = traffic.events(300);
    record(db, &events).await;
    record(db, &(0..50).map(|_| traffic.neighbours_event()).collect::<Vec<_>>()).await;
    let quarters = |n: u32| Timestamp::from_micros(BEGINNING).plus(BUCKET * n);
    for (from, to) in [(quarters(0), quarters(8)), (quarters(2), quarters(3)), (quarters(3), quarters(3))] {
        let one = traffic.keys[0].id;
        let narrowed =
            [(None, None), (Some(Environment::Test), None), (Some(Environment::Live), None), (None, Some(one))];
        for (environment, key) in narrowed {
            let filter = SummaryFilter { from, to, environment, key };
            let wanted = |e: &&UsageEvent| {
                environment.is_none_or(|v| e.environment == v) && key.is_none_or(|key| e.attribution.key == key)
            };
            let within: Vec<&UsageEvent> = events.iter().filter(|e| e.at >= from && e.at < to).filter(wanted).collect();
            for by in WAYS {
                let mut found = summary(db, &traffic, filter, by).await;
                let mut expected = grouped(&traffic, &within, by);
                found.sort_by_key(identity);
                expected.sort_by_key(identity);
                assert_eq!(found, expected, "{by:?} {filter:?}");
            }
        }
    }
}

fn identity(row: &Summary) -> (Option<uuid::Uuid>, Option<String>, Option<i64>) {
    (row.id, row.word.clone(), row.bucket)
}

fn grouped(traffic: &Traffic, events: &[&UsageEvent], by: SummaryBy) -> Vec<Summary> {
    let mut groups: BTreeMap<String, Vec<&UsageEvent>> = BTreeMap::new();
    for event in events {
        let group = match by {
            SummaryBy::Key => event.attribution.key.to_string(),
            SummaryBy::Model => event.target.model.to_string(),
            SummaryBy::Provider => event.target.provider.as_str().to_owned(),
            SummaryBy::Bucket => event.at.floor(BUCKET).to_string(),
            SummaryBy::BucketAndModel => format!("{} {}", event.at.floor(BUCKET), event.target.model),
        };
        groups.entry(group).or_default().push(event);
    }
    let row = |events: Vec<&UsageEvent>| {
        let (sum, one) = (plain_sum(events.iter().copied()), events[0]);
        let key = traffic.keys.iter().find(|k| k.id == one.attribution.key).unwrap();
        let model = traffic.offers.iter().map(|o| &o.model).find(|m| m.id == one.target.model).unwrap();
        let bucket = Some(one.at.floor(BUCKET).micros());
        let provider = one.target.provider.as_str().to_owned();
        match by {
            SummaryBy::Key => Summary { id: Some(key.id.uuid()), name: Some(key.name.to_string()), ..sum },
            SummaryBy::Model => Summary { id: Some(model.id.uuid()), name: Some(model.upstream_id.to_string()), ..sum },
            SummaryBy::Provider => Summary { word: Some(provider.clone()), name: Some(provider), ..sum },
            SummaryBy::Bucket => Summary { bucket, ..sum },
            SummaryBy::BucketAndModel => {
                Summary { bucket, id: Some(model.id.uuid()), name: Some(model.upstream_id.to_string()), ..sum }
            }
        }
    };
    groups.into_values().map(row).collect()
}

async fn a_summary_is_ordered(db: &Db) {
    let traffic = Traffic::new(db, 2).await;
    // Two keys with the same figures, so that only their identity can tell which comes first.
    let twin = UsageEvent { cost: Money::ZERO, ..traffic.event(&traffic.keys[1]) };
    let mut other = UsageEvent { id: traffic.event(&traffic.keys[2]).id, ..twin.clone() };
    other.attribution.key = traffic.keys[2].id;
    let mut dear = UsageEvent { cost: Money::from_nanos(i64::MAX / 2), ..traffic.event(&traffic.keys[0]) };
    dear.environment = Environment::Live;
    record(db, &[other, twin, dear]).await;
    record(db, &(0..40).map(|_| traffic.event(&traffic.keys[3])).collect::<Vec<_>>()).await;
    let filter = everything();
    let keys = summary(db, &traffic, filter, SummaryBy::Key).await;
    let ids: Vec<_> = keys.iter().map(|row| row.id.unwrap()).collect();
    let [dear, one, twin, many] = [0, 1, 2, 3].map(|n: usize| traffic.keys[n].id.uuid());
    assert_eq!(ids, [dear, many, one, twin]);
    for by in [SummaryBy::Model, SummaryBy::Provider] {
        let rows = summary(db, &traffic, filter, by).await;
        assert!(rows.len() == 2 && rows.is_sorted_by_key(|r| std::cmp::Reverse(r.cost)), "{by:?}");
    }
    for by in [SummaryBy::Bucket, SummaryBy::BucketAndModel] {
        let buckets = summary(db, &traffic, filter, by).await;
        assert!(buckets.len() > 4 && buckets.is_sorted_by_key(|r| (r.bucket, r.id)), "{by:?}");
    }
}

async fn keys_figures_are_the_sums_over_events(db: &Db) {
    let traffic = Traffic::new(db, 3).await;
    let events: Vec<UsageEvent> =
        traffic.events(150).into_iter().filter(|e| e.attribution.key != traffic.keys[3].id).collect();
    record(db, &events).await;
    record(db, &[traffic.neighbours_event()]).await;
    let from = Timestamp::from_micros(BEGINNING).plus(BUCKET * 3);
    let asked = [traffic.keys[0].id, traffic.keys[1].id, traffic.keys[3].id, traffic.neighbour.key.id];
    let mut expected: Vec<KeyFigures> = Vec::new();
    for key in &asked[..2] {
        let sum = plain_sum(events.iter().filter(|e| e.attribution.key == *key && e.at >= from));
        expected.push(KeyFigures { key_id: *key, calls: sum.calls, cost: Money::from_nanos(sum.cost) });
    }
    let mut read = db.read().await.unwrap();
    let mut found = read.usage().of_keys(traffic.tenant.organization.id, &asked, from).await.unwrap();
    found.sort_by_key(|f| f.key_id);
    assert_eq!(found, expected, "not the unused key's, nor another organization's");
}

async fn nothing_sums_to_nothing(db: &Db) {
    let traffic = Traffic::new(db, 4).await;
    for by in WAYS {
        assert_eq!(summary(db, &traffic, everything(), by).await, []);
    }
    let none: [KeyId; 0] = [];
    let from = Timestamp::from_micros(0);
    let mut read = db.read().await.unwrap();
    assert_eq!(read.usage().of_keys(traffic.tenant.organization.id, &none, from).await.unwrap(), []);
}

fn everything() -> SummaryFilter {
    let from = Timestamp::from_micros(BEGINNING);
    SummaryFilter { from, to: from.plus(Duration::from_secs(7200)), environment: None, key: None }
}

async fn summary(db: &Db, traffic: &Traffic, filter: SummaryFilter, by: SummaryBy) -> Vec<Summary> {
    db.read().await.unwrap().usage().summary(traffic.tenant.organization.id, filter, by).await.unwrap()
}

async fn what_was_used_is_named(db: &Db) {
    let traffic = Traffic::new(db, 5).await;
    let events = traffic.events(100);
    record(db, &events).await;
    record(db, &[traffic.neighbours_event()]).await;
    for since in [BEGINNING, BEGINNING + 3 * BUCKET.as_micros() as i64] {
        let since = Timestamp::from_micros(since);
        let within = || events.iter().filter(|event| event.at >= since);
        let keys: BTreeSet<_> = within().map(|event| event.attribution.key).collect();
        let models: BTreeSet<_> = within().map(|event| event.target.model).collect();
        let mut reader = db.read().await.unwrap();
        let found = reader.usage().used_keys(traffic.tenant.organization.id, since).await.unwrap();
        assert_eq!(found.into_iter().map(|(key, _)| key).collect::<BTreeSet<_>>(), keys);
        let found = reader.usage().used_models(traffic.tenant.organization.id, since).await.unwrap();
        assert_eq!(found.into_iter().map(|(model, _)| model).collect::<BTreeSet<_>>(), models);
    }
}
