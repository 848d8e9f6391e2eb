//! A key with two secrets: the one it has, and for a while the one it had.

use std::time::Duration;

use domain::{Timestamp, keys::KeyStatus, secrets::Secret};
use http::Method;
use store::{changes::Change, keys::OldSecret};

use crate::support::{
    Running, World,
    client::{Answer, assert_error, chat},
    eventually,
};

/// Gives the key a new secret, as another process would; the old one is good for so long.
async fn rotate(world: &World, overlap: Duration) -> Secret {
    let secret = Secret::mint("tpk_test_", &world.entropy);
    let now = world.clock.now();
    let mut tx = world.db.begin().await.unwrap();
    let mut key = tx.keys().get(world.organization, world.key_id).await.unwrap().unwrap();
    let old = OldSecret {
        secret_hash: key.secret_hash,
        key_id: key.id,
        last_four: std::mem::replace(&mut key.last_four, secret.last_four()),
        ends_at: now.plus(overlap),
        last_used_at: None,
    };
    key.secret_hash = secret.hash();
    let ended = tx.keys().replace_secret(&key, &old, now).await.unwrap();
    let changed = [&[old.secret_hash, key.secret_hash], ended.as_slice()].concat();
    let changes: Vec<_> = changed.into_iter().map(Change::Key).collect();
    tx.changes().append(&changes, now).await.unwrap();
    tx.commit().await.unwrap();
    secret
}

async fn ask(running: &Running, secret: &Secret) -> Answer {
    let header = format!("Bearer {}", secret.expose());
    let body = chat("sandbox/small", "hi").to_string();
    running.client.request(Method::POST, "/v1/chat/completions", &[("authorization", &header)], body).await
}

async fn last_use(world: &World) -> Option<Timestamp> {
    let olds = world.db.read().await.unwrap().keys().old_secrets(&[world.key_id], world.clock.now()).await.unwrap();
    olds.first().and_then(|old| old.last_used_at)
}

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn both_secrets_are_good_and_count_as_one_key() {
    let world = World::new().await;
    let running = world.start().await;
    assert_eq!(ask(&running, &world.key).await.status, 200);
    let new = rotate(&world, HOUR).await;
    for _ in 0..2 {
        assert_eq!(ask(&running, &new).await.status, 200);
        assert_eq!(ask(&running, &world.key).await.status, 200);
    }
    let events = world.wait_for_events(5).await;
    assert!(events.iter().all(|event| event.key_id == world.key_id));
}

#[tokio::test]
async fn the_old_secret_ends_on_time_and_says_why() {
    let world = World::new().await;
    let running = world.start().await;
    let new = rotate(&world, Duration::from_millis(1200)).await;
    assert_eq!(ask(&running, &world.key).await.status, 200);
    tokio::time::sleep(Duration::from_millis(1250)).await;
    let refused = ask(&running, &world.key).await;
    assert_error(&refused, 401, "secret_rotated");
    assert!(refused.text().contains("Use the new one"));
    assert_eq!(ask(&running, &new).await.status, 200);
}

#[tokio::test]
async fn without_an_overlap_the_old_secret_is_refused_within_a_second() {
    let world = World::new().await;
    let running = world.start().await;
    assert_eq!(ask(&running, &world.key).await.status, 200);
    let new = rotate(&world, Duration::ZERO).await;
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_error(&ask(&running, &world.key).await, 401, "secret_rotated");
    assert_eq!(ask(&running, &new).await.status, 200);
}

#[tokio::test]
async fn the_next_rotation_ends_the_oldest_secret() {
    let world = World::new().await;
    let running = world.start().await;
    let second = rotate(&world, HOUR).await;
    assert_eq!(ask(&running, &world.key).await.status, 200);
    let third = rotate(&world, HOUR).await;
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert_error(&ask(&running, &world.key).await, 401, "secret_rotated");
    assert_eq!(ask(&running, &second).await.status, 200);
    assert_eq!(ask(&running, &third).await.status, 200);
}

/// The change names the present secret only, as whoever changes a key does it.
#[tokio::test]
async fn what_happens_to_the_key_happens_to_both_secrets_within_a_second() {
    let world = World::new().await;
    let running = world.start().await;
    let new = rotate(&world, HOUR).await;
    let both = async || [ask(&running, &world.key).await, ask(&running, &new).await];
    for answer in both().await {
        assert_eq!(answer.status, 200);
    }
    for (status, code) in [(KeyStatus::Disabled, "key_disabled"), (KeyStatus::Revoked, "key_revoked")] {
        world.change_key(|key| key.status = status).await;
        tokio::time::sleep(Duration::from_millis(800)).await;
        for answer in both().await {
            assert_error(&answer, 401, code);
        }
    }
}

#[tokio::test]
async fn the_rules_of_the_key_hold_for_both() {
    let world = World::new().await;
    let running = world.start().await;
    let new = rotate(&world, HOUR).await;
    assert_eq!(ask(&running, &world.key).await.status, 200);
    world.change_key(|key| key.rules = serde_json::from_str(r#"{"models": ["gpt-*"]}"#).unwrap()).await;
    tokio::time::sleep(Duration::from_millis(800)).await;
    for secret in [&world.key, &new] {
        assert_error(&ask(&running, secret).await, 403, "model_not_allowed");
    }
}

#[tokio::test]
async fn the_last_use_of_the_old_secret_is_noted_and_that_of_the_new_is_not() {
    let world = World::new().await;
    let running = world.start().await;
    let new = rotate(&world, HOUR).await;
    assert_eq!(ask(&running, &new).await.status, 200);
    running.gateway.drain().await;
    assert_eq!(last_use(&world).await, None);
    let before = world.clock.now();
    assert_eq!(ask(&running, &world.key).await.status, 200);
    eventually("the use is written", async || last_use(&world).await.is_some()).await;
    assert!(last_use(&world).await.unwrap() >= before);
}
