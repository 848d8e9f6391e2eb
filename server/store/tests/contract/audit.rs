use domain::{KeyId, audit::GENESIS};
use store::{
    Db,
    audit::{Linked, NewEntry},
};

use crate::{scratch::execute, support::World};

contract! {
    every_field_comes_back_in_the_chains_order
    an_organizations_log_is_its_own
    the_chain_verifies_and_tampering_shows
    concurrent_appends_leave_no_gap
    an_undone_append_leaves_no_gap
    entries_are_neither_changed_nor_deleted
    an_organization_without_a_log_is_refused
    a_keys_entries_are_those_on_it_and_on_what_bounds_it
}

async fn every_field_comes_back_in_the_chains_order(db: &Db) {
    let world = World::new(1);
    let tenant = world.tenant(db, "Acme").await;
    let full = NewEntry {
        actor: format!("user:{}", tenant.owner.id),
        user_agent: Some("curl/8 – 李".into()),
        before: Some(r#"{ "b": 1,"a" :2, "a": 3 }"#.into()),
        ..world.entry(&tenant.organization, "key.revoked")
    };
    let bare = NewEntry {
        ip: None,
        request_id: None,
        after: None,
        ..world.entry(&tenant.organization, "organization.created")
    };
    let mut tx = db.begin().await.unwrap();
    let mut appended = Vec::new();
    for (position, new) in [&full, &bare].into_iter().enumerate() {
        let entry = tx.audit().append(new.clone()).await.unwrap();
        assert_eq!(entry.position, position as i64 + 1);
        assert_eq!((entry.id, entry.organization, entry.at), (new.id, new.organization, new.at));
        assert_eq!((&*entry.actor, &*entry.action, &*entry.target), (&*new.actor, new.action, &*new.target));
        assert_eq!((&entry.ip, &entry.user_agent), (&new.ip, &new.user_agent));
        assert_eq!(entry.request_id, new.request_id);
        assert_eq!((&entry.before, &entry.after), (&new.before, &new.after), "JSON stays the text it was");
        appended.push(entry);
    }
    tx.commit().await.unwrap();
    let read = log(db, &tenant.organization, 1).await;
    assert_eq!(read.into_iter().map(|l| l.entry).collect::<Vec<_>>(), appended);
}

async fn an_organizations_log_is_its_own(db: &Db) {
    let world = World::new(2);
    let (acme, other) = (world.tenant(db, "Acme").await, world.tenant(db, "Other").await);
    for organization in [&acme.organization, &other.organization, &acme.organization, &acme.organization] {
        append(db, world.entry(organization, "key.created")).await;
    }
    let positions = async |organization, from, limit| {
        let mut read = db.read().await.unwrap();
        let entries = read.audit().from(organization, from, limit).await.unwrap();
        assert!(entries.iter().all(|l| l.entry.organization == organization));
        entries.iter().map(|l| l.entry.position).collect::<Vec<_>>()
    };
    assert_eq!(positions(acme.organization.id, 1, 10).await, [1, 2, 3]);
    assert_eq!(positions(acme.organization.id, 2, 1).await, [2]);
    assert_eq!(positions(acme.organization.id, 4, 10).await, [0i64; 0]);
    assert_eq!(positions(other.organization.id, 1, 10).await, [1]);
}

async fn the_chain_verifies_and_tampering_shows(db: &Db) {
    let world = World::new(3);
    let tenant = world.tenant(db, "Acme").await;
    for action in ["key.created", "key.disabled", "key.enabled", "key.revoked"] {
        append(db, world.entry(&tenant.organization, action)).await;
    }
    assert_eq!(first_broken(&log(db, &tenant.organization, 1).await), None);

    let mut removed = log(db, &tenant.organization, 1).await;
    removed.remove(1);
    assert_eq!(first_broken(&removed), Some(3), "a missing entry breaks the next one's link");

    // Whoever owns the database can take the triggers away; the chain still tells.
    match db {
        Db::Sqlite { .. } => execute(db, "DROP TRIGGER audit_entries_are_not_updated").await.unwrap(),
        Db::Postgres(_) => execute(db, "DROP TRIGGER audit_entries_are_final ON audit_entries").await.unwrap(),
    };
    assert_eq!(execute(db, "UPDATE audit_entries SET actor = 'user:nobody' WHERE position = 3").await.unwrap(), 1);
    assert_eq!(first_broken(&log(db, &tenant.organization, 1).await), Some(3));
}

async fn concurrent_appends_leave_no_gap(db: &Db) {
    let world = World::new(4);
    let tenant = world.tenant(db, "Acme").await;
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (db, entries) = (db.clone(), [(); 5].map(|()| world.entry(&tenant.organization, "key.created")));
            tokio::spawn(async move {
                for entry in entries {
                    append(&db, entry).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let log = log(db, &tenant.organization, 1).await;
    assert_eq!(log.iter().map(|l| l.entry.position).collect::<Vec<_>>(), Vec::from_iter(1..=40));
    assert_eq!(first_broken(&log), None);
}

async fn an_undone_append_leaves_no_gap(db: &Db) {
    let world = World::new(5);
    let tenant = world.tenant(db, "Acme").await;
    append(db, world.entry(&tenant.organization, "key.created")).await;
    let mut undone = db.begin().await.unwrap();
    undone.audit().append(world.entry(&tenant.organization, "key.revoked")).await.unwrap();
    drop(undone);
    append(db, world.entry(&tenant.organization, "key.disabled")).await;
    let log = log(db, &tenant.organization, 1).await;
    assert_eq!(log.iter().map(|l| &*l.entry.action).collect::<Vec<_>>(), ["key.created", "key.disabled"]);
    assert_eq!(first_broken(&log), None);
}

async fn entries_are_neither_changed_nor_deleted(db: &Db) {
    let world = World::new(6);
    let tenant = world.tenant(db, "Acme").await;
    append(db, world.entry(&tenant.organization, "key.created")).await;
    for sql in [
        "UPDATE audit_entries SET actor = 'user:nobody'",
        "UPDATE audit_entries SET position = position",
        "DELETE FROM audit_entries",
    ] {
        let refused = execute(db, sql).await.unwrap_err();
        assert!(refused.to_string().contains("insert-only"), "{sql}: {refused}");
    }
    if let Db::Postgres(_) = db {
        let refused = execute(db, "TRUNCATE audit_entries").await.unwrap_err();
        assert!(refused.to_string().contains("insert-only"), "{refused}");
    }
    assert_eq!(log(db, &tenant.organization, 1).await.len(), 1);
}

async fn an_organization_without_a_log_is_refused(db: &Db) {
    let world = World::new(7);
    let unknown = world.organization("Never inserted");
    db.begin().await.unwrap().audit().append(world.entry(&unknown, "key.created")).await.unwrap_err();
}

async fn a_keys_entries_are_those_on_it_and_on_what_bounds_it(db: &Db) {
    let world = World::new(8);
    let (acme, other) = (world.tenant(db, "Acme").await, world.tenant(db, "Other").await);
    let [key, another] = [(); 2].map(|()| KeyId::mint(world.now(), &world.entropy));
    let on = |action, target: String, after: Option<String>| NewEntry {
        target,
        after,
        ..world.entry(&acme.organization, action)
    };
    let bounds = |key: KeyId| Some(format!(r#"{{"scope":{{"key":"{key}"}},"amount":5}}"#));
    append(db, on("key.created", key.to_string(), None)).await;
    append(db, on("key.created", another.to_string(), None)).await;
    append(db, on("limit.created", "limit_1".into(), bounds(key))).await;
    append(db, on("budget.created", "budget_1".into(), bounds(another))).await;
    append(db, on("budget.deleted", "budget_2".into(), bounds(key))).await;
    append(db, on("key.revoked", key.to_string(), None)).await;
    append(db, NewEntry { target: key.to_string(), ..world.entry(&other.organization, "key.created") }).await;
    let positions = async |organization, before, limit| {
        let mut read = db.read().await.unwrap();
        let entries = read.audit().of_key(organization, key, before, limit).await.unwrap();
        entries.iter().map(|entry| entry.position).collect::<Vec<_>>()
    };
    let acme = acme.organization.id;
    assert_eq!(positions(acme, None, 10).await, [6, 5, 3, 1]);
    assert_eq!(positions(acme, None, 2).await, [6, 5]);
    assert_eq!(positions(acme, Some(5), 2).await, [3, 1]);
    assert_eq!(positions(acme, Some(1), 2).await, [0i64; 0]);
    assert_eq!(positions(other.organization.id, None, 10).await, [1]);
    let mut read = db.read().await.unwrap();
    let found = read.audit().of_key(acme, key, None, 10).await.unwrap();
    let all = read.audit().from(acme, 1, 10).await.unwrap();
    assert!(
        found.iter().all(|entry| all.iter().any(|linked| linked.entry == *entry)),
        "they are the log's own entries"
    );
}

/// The position of the first entry whose link is not the hash over the link before and itself.
fn first_broken(log: &[Linked]) -> Option<i64> {
    let mut previous = GENESIS;
    for linked in log {
        let link = linked.entry.link(&previous);
        if linked.link != link {
            return Some(linked.entry.position);
        }
        previous = link;
    }
    None
}

async fn append(db: &Db, entry: NewEntry) {
    let mut tx = db.begin().await.unwrap();
    tx.audit().append(entry).await.unwrap();
    tx.commit().await.unwrap();
}

async fn log(db: &Db, organization: &store::organizations::Organization, from: i64) -> Vec<Linked> {
    db.read().await.unwrap().audit().from(organization.id, from, 100).await.unwrap()
}
