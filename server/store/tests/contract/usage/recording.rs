use std::collections::{BTreeMap, BTreeSet};

use domain::{
    EventId, Money, TeamId, UserId,
    keys::Labels,
    usage::{BUCKET, UsageEvent},
};
use store::Db;

use super::{Traffic, plain_sum, record};
use crate::scratch::{execute, number};

contract! {
    an_event_is_counted_once_however_often_it_is_recorded
    rollups_are_the_plain_sums_over_events
    recorders_of_the_same_events_do_not_wait_in_a_circle
    who_a_call_belongs_to_is_kept_beside_it
    a_keys_last_use_moves_on_and_never_back
    what_no_database_stores_is_left_out
    nothing_is_recorded_of_nothing
    a_sum_that_leaves_its_range_is_refused
    an_event_is_never_changed
}

async fn an_event_is_counted_once_however_often_it_is_recorded(db: &Db) {
    let traffic = Traffic::new(db, 1).await;
    let events = traffic.events(250);
    let ids = |events: &[UsageEvent]| events.iter().map(|e| e.id).collect::<BTreeSet<EventId>>();
    let new = async |events: &[UsageEvent]| BTreeSet::from_iter(record(db, events).await);

    assert_eq!(new(&events[..150]).await, ids(&events[..150]));
    assert_eq!(new(&events[..150]).await, BTreeSet::new(), "the same batch again");
    assert_eq!(new(&events[100..220]).await, ids(&events[150..220]), "an overlapping one");
    let mut doubled = events[200..].to_vec();
    doubled.extend_from_slice(&events[210..]);
    doubled.reverse();
    let answered = record(db, &doubled).await;
    assert_eq!(answered.len(), 30, "each is answered once");
    assert_eq!(BTreeSet::from_iter(answered), ids(&events[220..]), "duplicates inside one batch");
    let mut tx = db.begin().await.unwrap();
    assert_eq!(tx.usage().record(&events).await.unwrap(), []);
    tx.commit().await.unwrap();

    assert_eq!(number(db, "SELECT count(*) FROM usage_events").await, 250);
    assert_eq!(rollups(db).await, expected_rollups(&events));
}

/// Random events in random batches that overlap.
async fn rollups_are_the_plain_sums_over_events(db: &Db) {
    let traffic = Traffic::new(db, 2).await;
    let mut all: Vec<UsageEvent> = Vec::new();
    for round in 0..12 {
        let mut batch = traffic.events(1 + traffic.world.below(60) as usize);
        batch.push(traffic.neighbours_event());
        if !all.is_empty() {
            batch.extend((0..20).map(|_| traffic.world.pick(&all)));
        }
        record(db, &batch).await;
        for event in batch {
            if !all.iter().any(|known| known.id == event.id) {
                all.push(event);
            }
        }
        assert_eq!(rollups(db).await, expected_rollups(&all), "after round {round}");
    }
}

async fn recorders_of_the_same_events_do_not_wait_in_a_circle(db: &Db) {
    let traffic = Traffic::new(db, 3).await;
    let events = traffic.events(240);
    let tasks: Vec<_> = (0..6)
        .map(|n| {
            let (db, mut mine) = (db.clone(), events.clone());
            mine.rotate_left(n * 40);
            if n % 2 == 1 {
                mine.reverse();
            }
            tokio::spawn(async move {
                let mut new = 0;
                for batch in mine.chunks(120) {
                    new += record(&db, batch).await.len();
                }
                new
            })
        })
        .collect();
    let mut new = 0;
    for task in tasks {
        new += task.await.unwrap();
    }
    assert_eq!(new, 240, "each event was new to exactly one recorder");
    assert_eq!(rollups(db).await, expected_rollups(&events));
}

async fn who_a_call_belongs_to_is_kept_beside_it(db: &Db) {
    type Owners = (Option<TeamId>, Option<TeamId>, Option<UserId>, Labels, String);
    const SQL: &str = "SELECT team_id, parent_team_id, user_id, labels, service FROM usage_events";
    let traffic = Traffic::new(db, 4).await;
    let event = traffic.event(&traffic.tenant.key);
    assert!(!event.attribution.labels.is_empty() && event.attribution.parent_team.is_some());
    record(db, std::slice::from_ref(&event)).await;
    let kept: Owners = match db {
        Db::Sqlite { read, .. } => sqlx::query_as(SQL).fetch_one(read).await.unwrap(),
        Db::Postgres(pool) => sqlx::query_as(SQL).fetch_one(pool).await.unwrap(),
    };
    let a = event.attribution;
    assert_eq!(kept, (a.team, a.parent_team, a.user, a.labels, "ai".to_owned()));
}

async fn a_keys_last_use_moves_on_and_never_back(db: &Db) {
    let traffic = Traffic::new(db, 5).await;
    let [used, unused] = [&traffic.keys[1], &traffic.keys[2]];
    let mut events: Vec<UsageEvent> = (0..3).map(|_| traffic.event(used)).collect();
    events.sort_by_key(|e| e.at);
    let [first, second, third] = events.try_into().unwrap();
    let last_use = async || {
        let mut read = db.read().await.unwrap();
        let key = read.keys().get(used.organization_id, used.id).await.unwrap().unwrap();
        let other = read.keys().get(unused.organization_id, unused.id).await.unwrap().unwrap();
        assert_eq!(other.last_used_at, None);
        key.last_used_at
    };
    record(db, std::slice::from_ref(&second)).await;
    assert_eq!(last_use().await, Some(second.at));
    record(db, std::slice::from_ref(&first)).await;
    assert_eq!(last_use().await, Some(second.at), "an older call came later");
    record(db, &[third.clone(), first]).await;
    assert_eq!(last_use().await, Some(third.at));
}

/// A provider may answer with anything. PostgreSQL stores no NUL in text, and one event must not
/// keep the others of its batch from being stored, for ever.
async fn what_no_database_stores_is_left_out(db: &Db) {
    let traffic = Traffic::new(db, 6).await;
    let mut event = traffic.event(&traffic.tenant.key);
    event.client_request_id = Some("id\0".into());
    event.outcome.error_code = Some("\0a\0b 😀 \u{202e}".into());
    event.target.requested_model = "gpt\0-5".into();
    event.target.actual_model = "gpt-5\0".into();
    record(db, std::slice::from_ref(&event)).await;
    let kept = db.read().await.unwrap().usage().event(traffic.tenant.organization.id, event.id).await.unwrap().unwrap();
    assert_eq!(kept.client_request_id.as_deref(), Some("id"));
    assert_eq!(kept.error_code.as_deref(), Some("ab 😀 \u{202e}"));
    assert_eq!((&*kept.requested_model, &*kept.actual_model), ("gpt-5", "gpt-5"));
}

async fn nothing_is_recorded_of_nothing(db: &Db) {
    assert_eq!(record(db, &[]).await, []);
    assert_eq!(rollups(db).await, BTreeMap::new());
}

async fn a_sum_that_leaves_its_range_is_refused(db: &Db) {
    let traffic = Traffic::new(db, 7).await;
    let dear = UsageEvent { cost: Money::from_nanos(i64::MAX), ..traffic.event(&traffic.tenant.key) };
    let more = UsageEvent { id: traffic.event(&traffic.tenant.key).id, cost: Money::from_nanos(1), ..dear.clone() };
    record(db, std::slice::from_ref(&dear)).await;
    let mut tx = db.begin().await.unwrap();
    tx.usage().record(std::slice::from_ref(&more)).await.unwrap_err();
    drop(tx);
    db.begin().await.unwrap().usage().record(&[dear.clone(), more]).await.unwrap_err();
    assert_eq!(rollups(db).await, expected_rollups(&[dear]));
}

async fn an_event_is_never_changed(db: &Db) {
    let traffic = Traffic::new(db, 8).await;
    record(db, &traffic.events(3)).await;
    let refused = execute(db, "UPDATE usage_events SET cost = 0").await.unwrap_err();
    assert!(refused.to_string().contains("insert-only"), "{refused}");
}

/// A rollup without its id: what its events have in common, and their sums.
type Common = (i64, String, String, Option<String>, Option<String>, String);
type Sums = (Vec<i64>, i64);

fn expected_rollups(events: &[UsageEvent]) -> BTreeMap<Common, Sums> {
    let mut groups: BTreeMap<Common, Vec<&UsageEvent>> = BTreeMap::new();
    for event in events {
        let a = &event.attribution;
        let common = (
            event.at.micros() - event.at.micros() % BUCKET.as_micros() as i64,
            a.key.to_string(),
            event.target.model.to_string(),
            a.team.map(|t| t.to_string()),
            a.user.map(|u| u.to_string()),
            event.endpoint.as_str().to_owned(),
        );
        groups.entry(common).or_default().push(event);
    }
    let sum = |events: Vec<&UsageEvent>| {
        let s = plain_sum(events.iter().copied());
        let figures = vec![
            s.calls,
            s.errors,
            s.input_tokens,
            s.cached_input_tokens,
            s.output_tokens,
            s.reasoning_tokens,
            s.cost,
            s.first_byte_us,
            s.first_bytes,
            s.total_us,
        ];
        (figures, events.iter().map(|e| e.usage.cache_write() as i64).sum())
    };
    groups.into_iter().map(|(common, events)| (common, sum(events))).collect()
}

#[derive(sqlx::FromRow)]
struct RollupRow {
    bucket: i64,
    key_id: domain::KeyId,
    model_id: domain::ModelId,
    team_id: Option<TeamId>,
    user_id: Option<UserId>,
    endpoint: String,
    calls: i64,
    errors: i64,
    input_tokens: i64,
    cached_input_tokens: i64,
    cache_write_tokens: i64,
    output_tokens: i64,
    reasoning_tokens: i64,
    cost: i64,
    first_byte_us: i64,
    first_bytes: i64,
    total_us: i64,
}

async fn rollups(db: &Db) -> BTreeMap<Common, Sums> {
    const SQL: &str = "SELECT * FROM usage_rollups";
    let rows: Vec<RollupRow> = match db {
        Db::Sqlite { read, .. } => sqlx::query_as(SQL).fetch_all(read).await.unwrap(),
        Db::Postgres(pool) => sqlx::query_as(SQL).fetch_all(pool).await.unwrap(),
    };
    let count = rows.len();
    let split = |r: RollupRow| {
        let text = |id: Option<UserId>| id.map(|u| u.to_string());
        let team = r.team_id.map(|t| t.to_string());
        let common = (r.bucket, r.key_id.to_string(), r.model_id.to_string(), team, text(r.user_id), r.endpoint);
        let figures = vec![
            r.calls,
            r.errors,
            r.input_tokens,
            r.cached_input_tokens,
            r.output_tokens,
            r.reasoning_tokens,
            r.cost,
            r.first_byte_us,
            r.first_bytes,
            r.total_us,
        ];
        (common, (figures, r.cache_write_tokens))
    };
    let map: BTreeMap<_, _> = rows.into_iter().map(split).collect();
    assert_eq!(map.len(), count, "no two rollups have the same dimensions");
    map
}
