use domain::{EventId, Timestamp, usage::UsageEvent};
use store::Db;

use super::Traffic;
use crate::scratch::number;

contract! {
    old_events_are_forgotten_and_what_they_add_up_to_is_not
    an_event_of_no_prepared_month_is_taken_too
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

impl Traffic {
    fn at(&self, text: &str) -> UsageEvent {
        let event = self.event(&self.tenant.key);
        UsageEvent { id: EventId::mint(at(text), &self.world.entropy), at: at(text), ..event }
    }
}

async fn prepare(db: &Db, name: &str, start: &str, end: &str) {
    let mut tx = db.begin().await.unwrap();
    tx.usage().prepare_month(name, at(start), at(end)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn record(db: &Db, events: &[UsageEvent]) {
    let mut tx = db.begin().await.unwrap();
    assert_eq!(tx.usage().record(events).await.unwrap().len(), events.len());
    assert_eq!(tx.usage().record(events).await.unwrap(), [], "known already");
    tx.commit().await.unwrap();
}

async fn forget(db: &Db, before: &str) {
    let mut tx = db.begin().await.unwrap();
    while tx.usage().forget_before(at(before)).await.unwrap() {}
    tx.commit().await.unwrap();
}

async fn old_events_are_forgotten_and_what_they_add_up_to_is_not(db: &Db) {
    let traffic = Traffic::new(db, 1).await;
    for (name, start, end) in [
        ("2041_01", "2041-01-01", "2041-02-01"),
        ("2041_02", "2041-02-01", "2041-03-01"),
        ("2041_02", "2041-02-01", "2041-03-01"),
        ("2041_03", "2041-03-01", "2041-04-01"),
    ] {
        prepare(db, name, start, end).await;
    }
    let events: Vec<_> =
        ["2041-01-31T23:59:59Z", "2041-02-01T00:00:00Z", "2041-02-20T12:00:00Z", "2041-03-05T08:00:00Z"]
            .map(|text| traffic.at(text))
            .into();
    record(db, &events).await;
    if db.is_shared() {
        assert_eq!(number(db, "SELECT count(*) FROM usage_events_2041_02").await, 2);
    }
    forget(db, "2041-02-01").await;
    let mut tx = db.begin().await.unwrap();
    assert_eq!(tx.usage().count().await.unwrap(), 3);
    assert_eq!(tx.usage().kept_from().await.unwrap(), Some(at("2041-02-01")));
    assert_eq!(tx.usage().mismatches(false).await.unwrap(), [], "what was forgotten is not missed");
    tx.commit().await.unwrap();
    assert_eq!(number(db, "SELECT CAST(sum(calls) AS BIGINT) FROM usage_rollups").await, 4);
    forget(db, "2041-01-01").await;
    assert_eq!(db.read().await.unwrap().usage().kept_from().await.unwrap(), Some(at("2041-02-01")));
    forget(db, "2041-03-01").await;
    assert_eq!(db.read().await.unwrap().usage().count().await.unwrap(), 1);
}

async fn an_event_of_no_prepared_month_is_taken_too(db: &Db) {
    let traffic = Traffic::new(db, 2).await;
    let events = [traffic.at("2001-01-01T00:00:00Z"), traffic.at("2077-07-07T07:07:07Z")];
    record(db, &events).await;
    let mut reader = db.read().await.unwrap();
    let known = reader.usage().known(&events.each_ref().map(|event| event.id)).await.unwrap();
    assert_eq!(known.len(), 2);
    if db.is_shared() {
        assert_eq!(number(db, "SELECT count(*) FROM usage_events_past").await, 1);
        assert_eq!(number(db, "SELECT count(*) FROM usage_events_other").await, 1);
    }
}
