use std::time::Duration;

use domain::{
    EventId, Timestamp,
    keys::Environment,
    usage::{CallStatus, UsageEvent},
};
use store::{
    Db,
    keys::Key,
    usage::{EventFilter, EventRow},
};

use super::{Traffic, record};

contract! {
    every_field_comes_back
    every_filter_finds_what_it_names
    pages_have_no_gap_and_no_repeat
    another_organizations_events_are_not_found
    a_name_is_todays_and_absent_when_the_thing_is_gone
}

async fn every_field_comes_back(db: &Db) {
    let traffic = Traffic::new(db, 1).await;
    let events = traffic.events(40);
    assert!(events.iter().any(|e| e.timings.first_byte_us.is_none() && e.outcome.error_code.is_none()));
    record(db, &events).await;
    let mut read = db.read().await.unwrap();
    for event in &events {
        let row = read.usage().event(traffic.tenant.organization.id, event.id).await.unwrap();
        assert_eq!(row, Some(expected(&traffic, event)));
    }
}

fn expected(traffic: &Traffic, event: &UsageEvent) -> EventRow {
    let e = event.clone();
    let connection = traffic.offers.iter().map(|o| &o.connection).find(|c| c.id == e.target.connection).unwrap();
    let key = traffic.keys.iter().find(|k| k.id == e.attribution.key).unwrap();
    EventRow {
        id: e.id,
        request_id: e.request_id,
        client_request_id: e.client_request_id,
        kind: e.kind,
        at: e.at,
        environment: e.environment,
        endpoint: e.endpoint,
        key_id: key.id,
        key_name: Some(key.name.to_string()),
        provider: e.target.provider,
        connection_id: connection.id,
        connection_name: Some(connection.name.to_string()),
        model_id: e.target.model,
        requested_model: e.target.requested_model,
        actual_model: e.target.actual_model,
        input_tokens: e.usage.input() as i64,
        cached_input_tokens: e.usage.cached_input() as i64,
        cache_write_tokens: e.usage.cache_write() as i64,
        output_tokens: e.usage.output() as i64,
        reasoning_tokens: e.usage.reasoning() as i64,
        estimated: e.estimated,
        price_id: e.price,
        cost: e.cost,
        status: e.outcome.status,
        http_status: i64::from(e.outcome.http_status),
        error_code: e.outcome.error_code,
        attempts: i64::from(e.outcome.attempts),
        first_byte_us: e.timings.first_byte_us.map(|us| us as i64),
        total_us: e.timings.total_us as i64,
    }
}

async fn every_filter_finds_what_it_names(db: &Db) {
    let traffic = Traffic::new(db, 2).await;
    let mut events = traffic.events(120);
    record(db, &events).await;
    events.sort_by_key(|e| std::cmp::Reverse(e.id));
    let (some, other) = (&events[50], &events[80]);
    let all = EventFilter::default();
    let micro = Duration::from_micros(1);
    let filters = [
        all.clone(),
        EventFilter { id: Some(some.id), ..all.clone() },
        EventFilter { environment: Some(Environment::Test), ..all.clone() },
        EventFilter { key: Some(some.attribution.key), ..all.clone() },
        EventFilter { model: Some(some.target.model), ..all.clone() },
        EventFilter { status: Some(CallStatus::Aborted), ..all.clone() },
        EventFilter { request_id: Some(some.request_id), ..all.clone() },
        EventFilter { from: Some(some.at), ..all.clone() },
        EventFilter { from: Some(some.at.plus(micro)), ..all.clone() },
        EventFilter { to: Some(some.at), ..all.clone() },
        EventFilter { from: Some(other.at), to: Some(some.at), ..all.clone() },
        EventFilter { from: Some(Timestamp::from_micros(i64::MIN)), to: Some(some.at), ..all.clone() },
        EventFilter { from: Some(some.at), to: Some(Timestamp::from_micros(i64::MAX)), ..all.clone() },
        EventFilter { from: Some(Timestamp::from_micros(i64::MAX)), ..all.clone() },
        EventFilter { before: Some(some.id), ..all.clone() },
        EventFilter {
            environment: Some(some.environment),
            key: Some(some.attribution.key),
            model: Some(some.target.model),
            status: Some(some.outcome.status),
            from: Some(other.at),
            to: Some(some.at.plus(micro)),
            ..all.clone()
        },
        EventFilter { id: Some(some.id), request_id: Some(other.request_id), ..all },
    ];
    for filter in filters {
        let wanted = |e: &&UsageEvent| {
            filter.id.is_none_or(|id| e.id == id)
                && filter.environment.is_none_or(|v| e.environment == v)
                && filter.key.is_none_or(|v| e.attribution.key == v)
                && filter.model.is_none_or(|v| e.target.model == v)
                && filter.status.is_none_or(|v| e.outcome.status == v)
                && filter.request_id.is_none_or(|v| e.request_id == v)
                && filter.from.is_none_or(|v| e.at >= v)
                && filter.to.is_none_or(|v| e.at < v)
                && filter.before.is_none_or(|v| e.id < v)
        };
        let expected: Vec<EventId> = events.iter().filter(wanted).map(|e| e.id).collect();
        assert_eq!(list(db, &traffic, &filter, 200).await, expected, "{filter:?}");
    }
}

async fn pages_have_no_gap_and_no_repeat(db: &Db) {
    let traffic = Traffic::new(db, 3).await;
    let mut events = traffic.events(60);
    record(db, &events).await;
    record(db, &(0..20).map(|_| traffic.neighbours_event()).collect::<Vec<_>>()).await;
    events.sort_by_key(|e| std::cmp::Reverse(e.id));
    let expected: Vec<EventId> = events.iter().map(|e| e.id).collect();
    for limit in [1, 7, 60, 100] {
        let mut seen: Vec<EventId> = Vec::new();
        loop {
            let filter = EventFilter { before: seen.last().copied(), ..EventFilter::default() };
            let page = list(db, &traffic, &filter, limit).await;
            if page.is_empty() {
                break;
            }
            seen.extend(page);
        }
        assert_eq!(seen, expected, "in pages of {limit}");
    }
}

async fn another_organizations_events_are_not_found(db: &Db) {
    let traffic = Traffic::new(db, 4).await;
    let theirs = traffic.neighbours_event();
    record(db, std::slice::from_ref(&theirs)).await;
    for filter in [
        EventFilter::default(),
        EventFilter { id: Some(theirs.id), ..EventFilter::default() },
        EventFilter { key: Some(theirs.attribution.key), ..EventFilter::default() },
        EventFilter { request_id: Some(theirs.request_id), ..EventFilter::default() },
    ] {
        assert_eq!(list(db, &traffic, &filter, 10).await, []);
    }
    let mut read = db.read().await.unwrap();
    assert_eq!(read.usage().event(traffic.tenant.organization.id, theirs.id).await.unwrap(), None);
    assert!(read.usage().event(traffic.neighbour.organization.id, theirs.id).await.unwrap().is_some());
}

/// What was metered outlives what it was metered for.
async fn a_name_is_todays_and_absent_when_the_thing_is_gone(db: &Db) {
    let traffic = Traffic::new(db, 5).await;
    let named = traffic.event(&traffic.tenant.key);
    let gone = traffic.world.event(
        &traffic.tenant,
        &traffic.world.key(&traffic.tenant.organization, "never inserted"),
        &traffic.offers[0],
    );
    let gone = UsageEvent {
        target: domain::usage::Target {
            connection: traffic.world.connection("never inserted", Environment::Live).id,
            ..gone.target.clone()
        },
        ..gone
    };
    record(db, &[named.clone(), gone.clone()]).await;
    let mut tx = db.begin().await.unwrap();
    let renamed = Key { name: "renamed".parse().unwrap(), ..traffic.tenant.key.clone() };
    tx.keys().update(&renamed).await.unwrap();
    let organization = traffic.tenant.organization.id;
    let row = tx.usage().event(organization, named.id).await.unwrap().unwrap();
    assert_eq!(row.key_name.as_deref(), Some("renamed"));
    let row = tx.usage().event(organization, gone.id).await.unwrap().unwrap();
    assert_eq!((row.key_name, row.connection_name), (None, None));
}

async fn list(db: &Db, traffic: &Traffic, filter: &EventFilter, limit: i64) -> Vec<EventId> {
    let mut read = db.read().await.unwrap();
    let rows = read.usage().events(traffic.tenant.organization.id, filter, limit).await.unwrap();
    rows.into_iter().map(|row| row.id).collect()
}
