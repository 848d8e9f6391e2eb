use std::time::Duration;

use domain::{
    Timestamp,
    keys::{Environment, KeyFilter, KeySort, KeyStatus, Labels, Rules},
    secrets::{Secret, SecretHash},
};
use store::{
    Db,
    keys::{Key, KeyPage, OldSecret},
};

use crate::{finding::asked, support::World};

contract! {
    every_field_comes_back
    another_organizations_key_is_not_found
    the_gateways_snapshot_names_the_whole_chain
    an_update_writes_what_can_change_and_nothing_else
    a_revoked_key_stays_revoked
    reading_for_an_update_makes_others_wait
    a_secret_and_an_organization_are_checked_by_the_database
    a_replaced_secret_stands_for_its_key_until_its_time_is_over
    only_the_last_old_secret_goes_on
    the_last_use_of_an_old_secret_never_goes_back
    a_secret_is_old_once
}

async fn every_field_comes_back(db: &Db) {
    let world = World::new(1);
    let full = world.tenant(db, "Acme").await;
    let bare = world.key(&full.organization, "日本語 – ключ");
    let bound = Key {
        description: "<b>Für</b> \"den\" Laden\nund 'mehr'".parse().unwrap(),
        rules: rules(r#"{"models":["gpt-4o*","sandbox/*"],"endpoints":["embeddings"],"ips":["10.0.0.0/8","::1"]}"#),
        ..world.key(&full.organization, "bound")
    };
    let ended = Key {
        environment: Environment::Test,
        status: KeyStatus::Revoked,
        expires_at: Some(world.now()),
        last_used_at: Some(world.now()),
        revoked_at: Some(world.now()),
        secret_made_at: world.now(),
        rotation_due_at: Some(world.now()),
        ..world.key(&full.organization, "ended")
    };
    insert(db, &[&bare, &bound, &ended]).await;
    let mut read = db.read().await.unwrap();
    for key in [&full.key, &bare, &bound, &ended] {
        assert_eq!(read.keys().get(key.organization_id, key.id).await.unwrap().as_ref(), Some(key));
    }
}

async fn another_organizations_key_is_not_found(db: &Db) {
    let world = World::new(2);
    let (ours, theirs) = (world.tenant(db, "Ours").await, world.tenant(db, "Theirs").await);
    let mut tx = db.begin().await.unwrap();
    let mut keys = tx.keys();
    assert_eq!(keys.get(ours.organization.id, theirs.key.id).await.unwrap(), None);
    assert_eq!(keys.get_for_update(ours.organization.id, theirs.key.id).await.unwrap(), None);
    let (filter, asked) = (KeyFilter::default(), asked(&world, &ours));
    let page =
        KeyPage { filter: &filter, asked: &asked, sort: KeySort::default(), groups: &[], after: None, limit: 10 };
    assert_eq!(keys.list(ours.organization.id, &page).await.unwrap(), std::slice::from_ref(&ours.key));
    assert_eq!(keys.count(ours.organization.id, &filter, &asked).await.unwrap(), 1);
    let stolen = Key { organization_id: ours.organization.id, status: KeyStatus::Disabled, ..theirs.key.clone() };
    keys.update(&stolen).await.unwrap();
    assert_eq!(keys.get(theirs.organization.id, theirs.key.id).await.unwrap(), Some(theirs.key));
}

async fn the_gateways_snapshot_names_the_whole_chain(db: &Db) {
    let world = World::new(3);
    let tenant = world.tenant(db, "Acme").await;
    let loose = Key {
        status: KeyStatus::Disabled,
        rules: rules(r#"{"models":["m"]}"#),
        ..world.key(&tenant.organization, "loose")
    };
    insert(db, &[&loose]).await;
    let mut read = db.read().await.unwrap();
    let snapshot = read.keys().presented(&tenant.key.secret_hash).await.unwrap().unwrap().key;
    assert_eq!(snapshot.id, tenant.key.id);
    assert_eq!(snapshot.organization, tenant.organization.id);
    assert_eq!(snapshot.team, Some(tenant.team.id));
    assert_eq!(snapshot.parent_team, Some(tenant.department.id));
    assert_eq!(snapshot.user, Some(tenant.owner.id));
    assert_eq!(snapshot.labels, tenant.key.labels);
    assert_eq!(snapshot.environment, tenant.key.environment);
    assert_eq!((snapshot.expires_at, snapshot.rules), (None, Rules::default()));
    let snapshot = read.keys().presented(&loose.secret_hash).await.unwrap().unwrap().key;
    assert_eq!((snapshot.team, snapshot.parent_team, snapshot.user), (None, None, None));
    assert_eq!((snapshot.status, snapshot.rules), (KeyStatus::Disabled, loose.rules));
    assert_eq!(read.keys().presented(&SecretHash::of("unknown")).await.unwrap(), None);
}

async fn an_update_writes_what_can_change_and_nothing_else(db: &Db) {
    let world = World::new(4);
    let tenant = world.tenant(db, "Acme").await;
    let other = world.key(&tenant.organization, "untouched");
    insert(db, &[&other]).await;
    let changed = Key {
        name: "Neuer Name".parse().unwrap(),
        description: "What for".parse().unwrap(),
        rules: rules(r#"{"endpoints":["embeddings"]}"#),
        status: KeyStatus::Disabled,
        labels: Labels::default(),
        team_id: None,
        owner_id: None,
        expires_at: Some(world.now()),
        ..tenant.key.clone()
    };
    let mut tx = db.begin().await.unwrap();
    let forged = Key { last_four: "XXXX".into(), secret_hash: SecretHash::of("forged"), ..changed.clone() };
    tx.keys().update(&forged).await.unwrap();
    tx.commit().await.unwrap();
    let mut read = db.read().await.unwrap();
    let organization = tenant.organization.id;
    assert_eq!(read.keys().get(organization, tenant.key.id).await.unwrap(), Some(changed));
    assert_eq!(read.keys().get(organization, other.id).await.unwrap(), Some(other));
    let named = |text: &str| KeyFilter { text: Some(text.into()), ..KeyFilter::default() };
    let asked = asked(&world, &tenant);
    let found = read.keys().count(organization, &named("NEUER"), &asked).await.unwrap();
    assert_eq!(found, 1, "found by its new name");
    let found = read.keys().count(organization, &named("checkout"), &asked).await.unwrap();
    assert_eq!(found, 0, "and not by the old one");
}

/// Someone who read the key before it was revoked must not bring it back by writing what they read.
async fn a_revoked_key_stays_revoked(db: &Db) {
    let world = World::new(5);
    let tenant = world.tenant(db, "Acme").await;
    let revoked = Key { status: KeyStatus::Revoked, revoked_at: Some(world.now()), ..tenant.key.clone() };
    let mut tx = db.begin().await.unwrap();
    tx.keys().update(&revoked).await.unwrap();
    tx.keys().update(&Key { name: "stale".parse().unwrap(), ..tenant.key.clone() }).await.unwrap();
    tx.commit().await.unwrap();
    let kept = db.read().await.unwrap().keys().get(tenant.organization.id, tenant.key.id).await.unwrap().unwrap();
    assert_eq!((kept.status, kept.revoked_at), (KeyStatus::Revoked, revoked.revoked_at));
}

/// Counts up a number in the key's name from several transactions at once; none is lost.
async fn reading_for_an_update_makes_others_wait(db: &Db) {
    let world = World::new(6);
    let tenant = world.tenant(db, "Acme").await;
    let key = world.key(&tenant.organization, "0");
    insert(db, &[&key]).await;
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (db, key) = (db.clone(), key.clone());
            tokio::spawn(async move {
                let mut tx = db.begin().await.unwrap();
                let read = tx.keys().get_for_update(key.organization_id, key.id).await.unwrap().unwrap();
                let next = read.name.as_str().parse::<u32>().unwrap() + 1;
                tx.keys().update(&Key { name: next.to_string().parse().unwrap(), ..read }).await.unwrap();
                tx.commit().await.unwrap();
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let last = db.read().await.unwrap().keys().get(key.organization_id, key.id).await.unwrap().unwrap();
    assert_eq!(last.name.as_str(), "8");
}

async fn a_secret_and_an_organization_are_checked_by_the_database(db: &Db) {
    let world = World::new(10);
    let tenant = world.tenant(db, "Acme").await;
    let same_secret = Key { secret_hash: tenant.key.secret_hash, ..world.key(&tenant.organization, "twin") };
    let same_id = Key { id: tenant.key.id, ..world.key(&tenant.organization, "twin") };
    for twin in [same_secret, same_id] {
        let refused = db.begin().await.unwrap().keys().insert(&twin).await.unwrap_err();
        assert!(refused.is_duplicate(), "{refused}");
    }
    let nowhere = world.key(&world.organization("Never inserted"), "orphan");
    let refused = db.begin().await.unwrap().keys().insert(&nowhere).await.unwrap_err();
    assert!(!refused.is_duplicate(), "{refused}");
}

/// The key with a new secret, in the database; the old one is good for an hour.
async fn rotated(db: &Db, world: &World, key: &Key) -> (Key, OldSecret) {
    let now = world.now();
    let secret = Secret::mint(key.environment.key_prefix(), &world.entropy);
    let old = OldSecret {
        secret_hash: key.secret_hash,
        key_id: key.id,
        last_four: key.last_four.clone(),
        ends_at: now.plus(Duration::from_secs(3600)),
        last_used_at: None,
    };
    let key = Key {
        secret_hash: secret.hash(),
        last_four: secret.last_four(),
        secret_made_at: now,
        rotation_due_at: Some(now.plus(Duration::from_secs(86_400))),
        ..key.clone()
    };
    let mut tx = db.begin().await.unwrap();
    tx.keys().replace_secret(&key, &old, now).await.unwrap();
    tx.commit().await.unwrap();
    (key, old)
}

async fn a_replaced_secret_stands_for_its_key_until_its_time_is_over(db: &Db) {
    let world = World::new(11);
    let tenant = world.tenant(db, "Acme").await;
    let untouched = world.key(&tenant.organization, "untouched");
    insert(db, &[&untouched]).await;
    let (key, old) = rotated(db, &world, &tenant.key).await;
    let mut read = db.read().await.unwrap();
    assert_eq!(read.keys().get(tenant.organization.id, key.id).await.unwrap().as_ref(), Some(&key));
    let by_new = read.keys().presented(&key.secret_hash).await.unwrap().unwrap();
    let by_old = read.keys().presented(&old.secret_hash).await.unwrap().unwrap();
    assert_eq!((by_new.current, by_new.ends_at), (key.secret_hash, None));
    assert_eq!((by_old.current, by_old.ends_at), (key.secret_hash, Some(old.ends_at)));
    assert_eq!((by_old.key.id, &by_old.key), (key.id, &by_new.key));
    let ids = [key.id, untouched.id];
    let before_the_end = Timestamp::from_micros(old.ends_at.micros() - 1);
    assert_eq!(read.keys().old_secrets(&ids, before_the_end).await.unwrap(), std::slice::from_ref(&old));
    assert_eq!(read.keys().old_secrets(&ids, old.ends_at).await.unwrap(), []);
    assert_eq!(read.keys().old_secrets(&[], before_the_end).await.unwrap(), []);
    for hash in [key.secret_hash, old.secret_hash] {
        assert_eq!(read.keys().holder_of(&hash).await.unwrap(), Some((tenant.organization.id, key.id)));
    }
    assert_eq!(read.keys().holder_of(&SecretHash::of("unknown")).await.unwrap(), None);
}

async fn only_the_last_old_secret_goes_on(db: &Db) {
    let world = World::new(12);
    let tenant = world.tenant(db, "Acme").await;
    let (second, first_secret) = rotated(db, &world, &tenant.key).await;
    let (third, second_secret) = rotated(db, &world, &second).await;
    let now = world.now();
    let mut tx = db.begin().await.unwrap();
    assert_eq!(tx.keys().old_secrets(&[third.id], now).await.unwrap(), std::slice::from_ref(&second_secret));
    let first = tx.keys().presented(&first_secret.secret_hash).await.unwrap().unwrap();
    assert!(first.ends_at.unwrap() < now, "ended when the next one came, and is known still");
    assert_eq!(tx.keys().end_old_secrets(third.id, now).await.unwrap(), [second_secret.secret_hash]);
    assert_eq!(tx.keys().end_old_secrets(third.id, now).await.unwrap(), [], "it has ended");
    assert_eq!(tx.keys().old_secrets(&[third.id], now).await.unwrap(), []);
}

async fn the_last_use_of_an_old_secret_never_goes_back(db: &Db) {
    let world = World::new(13);
    let tenant = world.tenant(db, "Acme").await;
    let (key, old) = rotated(db, &world, &tenant.key).await;
    let (earlier, later) = (world.now(), world.now());
    let mut tx = db.begin().await.unwrap();
    for at in [later, earlier] {
        let unknown = SecretHash::of("unknown");
        tx.keys().note_old_uses(&[(old.secret_hash, at), (unknown, at), (key.secret_hash, at)]).await.unwrap();
        let noted = tx.keys().old_secrets(&[key.id], later).await.unwrap();
        assert_eq!(noted, [OldSecret { last_used_at: Some(later), ..old.clone() }]);
    }
    tx.keys().note_old_uses(&[]).await.unwrap();
}

async fn a_secret_is_old_once(db: &Db) {
    let world = World::new(14);
    let tenant = world.tenant(db, "Acme").await;
    let (key, old) = rotated(db, &world, &tenant.key).await;
    let twin = Key { secret_hash: old.secret_hash, ..world.key(&tenant.organization, "twin") };
    let (_, again) = rotated(db, &world, &key).await;
    let mut tx = db.begin().await.unwrap();
    let refused = tx.keys().replace_secret(&twin, &again, world.now()).await.unwrap_err();
    assert!(refused.is_duplicate(), "a secret is old once: {refused}");
}

pub(crate) fn rules(json: &str) -> Rules {
    serde_json::from_str(json).unwrap()
}

pub(crate) async fn insert(db: &Db, keys: &[&Key]) {
    let mut tx = db.begin().await.unwrap();
    for key in keys {
        tx.keys().insert(key).await.unwrap();
    }
    tx.commit().await.unwrap();
}
