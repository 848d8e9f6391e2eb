use store::{
    Db,
    platform::{Replay, ReplayKey},
};

use crate::support::World;

contract! {
    a_setting_is_set_once
    concurrent_settings_agree
    the_first_request_claims_and_later_ones_learn_of_it
    a_claim_is_of_one_actor_route_and_key
    of_concurrent_claims_exactly_one_wins
    a_claim_that_was_undone_is_free_again
    a_claim_can_be_given_up_until_it_is_answered
    claims_that_are_given_up_at_once_disturb_nobody
    old_answers_are_forgotten
}

const KEY: ReplayKey<'static> = ReplayKey { actor: "token:tok_1", route: "POST /api/v1/keys", key: "9b2f – 李" };

async fn a_setting_is_set_once(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let mut platform = tx.platform();
    assert_eq!(platform.setting("currency").await.unwrap(), None);
    assert_eq!(platform.ensure_setting("currency", "EUR").await.unwrap(), "EUR");
    assert_eq!(platform.ensure_setting("currency", "USD").await.unwrap(), "EUR");
    assert_eq!(platform.ensure_setting("other", "").await.unwrap(), "");
    tx.commit().await.unwrap();
    let mut read = db.read().await.unwrap();
    assert_eq!(read.platform().setting("currency").await.unwrap().as_deref(), Some("EUR"));
    assert_eq!(read.platform().setting("other").await.unwrap().as_deref(), Some(""));
}

/// Two nodes that start at once must agree, or each would go on with what it proposed.
async fn concurrent_settings_agree(db: &Db) {
    let propose = |n: u32| {
        let db = db.clone();
        tokio::spawn(async move {
            let mut tx = db.begin().await.unwrap();
            let value = tx.platform().ensure_setting("canary", &n.to_string()).await.unwrap();
            tx.commit().await.unwrap();
            value
        })
    };
    let tasks: Vec<_> = (0..8).map(propose).collect();
    let mut values = Vec::new();
    for task in tasks {
        values.push(task.await.unwrap());
    }
    values.dedup();
    let kept = db.read().await.unwrap().platform().setting("canary").await.unwrap();
    assert_eq!(values, [kept.unwrap()]);
}

async fn the_first_request_claims_and_later_ones_learn_of_it(db: &Db) {
    let world = World::new(1);
    let at = world.now();
    let mut tx = db.begin().await.unwrap();
    let mut platform = tx.platform();
    assert_eq!(platform.claim_replay(KEY, b"body", at).await.unwrap(), None);
    let running = Replay { fingerprint: b"body".to_vec(), status: None, body: None };
    assert_eq!(platform.claim_replay(KEY, b"another body", at).await.unwrap(), Some(running.clone()));
    platform.finish_replay(KEY, 201, b"\0{\"id\":1}\xff").await.unwrap();
    tx.commit().await.unwrap();
    let done = Replay { status: Some(201), body: Some(b"\0{\"id\":1}\xff".to_vec()), ..running };
    let mut tx = db.begin().await.unwrap();
    assert_eq!(tx.platform().claim_replay(KEY, b"body", at).await.unwrap(), Some(done));
}

async fn a_claim_is_of_one_actor_route_and_key(db: &Db) {
    let at = World::new(2).now();
    let mut tx = db.begin().await.unwrap();
    let mut platform = tx.platform();
    let others = [
        ReplayKey { actor: "token:tok_2", ..KEY },
        ReplayKey { route: "POST /api/v1/tokens", ..KEY },
        ReplayKey { key: "9B2F – 李", ..KEY },
    ];
    for key in [KEY].iter().chain(&others) {
        assert_eq!(platform.claim_replay(*key, b"body", at).await.unwrap(), None, "{key:?}");
    }
    platform.finish_replay(KEY, 200, b"").await.unwrap();
    for key in others {
        assert_eq!(platform.claim_replay(key, b"body", at).await.unwrap().unwrap().status, None, "{key:?}");
    }
}

async fn of_concurrent_claims_exactly_one_wins(db: &Db) {
    let at = World::new(3).now();
    let claim = |n: u8| {
        let db = db.clone();
        tokio::spawn(async move {
            let mut tx = db.begin().await.unwrap();
            let known = tx.platform().claim_replay(KEY, &[n], at).await.unwrap();
            if known.is_none() {
                tx.platform().finish_replay(KEY, i64::from(n), b"").await.unwrap();
            }
            tx.commit().await.unwrap();
            (n, known)
        })
    };
    let tasks: Vec<_> = (0..8).map(claim).collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    let winners: Vec<u8> = outcomes.iter().filter(|(_, known)| known.is_none()).map(|(n, _)| *n).collect();
    let [winner] = winners[..] else { panic!("{winners:?} all won") };
    for (_, known) in outcomes.iter().filter(|(n, _)| *n != winner) {
        let known = known.as_ref().unwrap();
        assert_eq!((&*known.fingerprint, known.status), (&[winner][..], Some(i64::from(winner))));
    }
}

async fn a_claim_that_was_undone_is_free_again(db: &Db) {
    let at = World::new(4).now();
    let mut undone = db.begin().await.unwrap();
    assert_eq!(undone.platform().claim_replay(KEY, b"first", at).await.unwrap(), None);
    drop(undone);
    let mut tx = db.begin().await.unwrap();
    assert_eq!(tx.platform().claim_replay(KEY, b"second", at).await.unwrap(), None);
}

async fn a_claim_can_be_given_up_until_it_is_answered(db: &Db) {
    let at = World::new(6).now();
    let other = ReplayKey { key: "other", ..KEY };
    let mut tx = db.begin().await.unwrap();
    let mut platform = tx.platform();
    for key in [KEY, other] {
        assert_eq!(platform.claim_replay(key, b"body", at).await.unwrap(), None);
    }
    platform.release_replay(KEY).await.unwrap();
    assert!(platform.claim_replay(other, b"body", at).await.unwrap().is_some(), "only the one that was named");
    assert_eq!(platform.claim_replay(KEY, b"body", at).await.unwrap(), None);
    platform.finish_replay(KEY, 200, b"{}").await.unwrap();
    platform.release_replay(KEY).await.unwrap();
    let kept = platform.claim_replay(KEY, b"body", at).await.unwrap().unwrap();
    assert_eq!(kept.status, Some(200), "an answer stays");
}

/// A request can find the key taken, and gone when it asks by whom.
async fn claims_that_are_given_up_at_once_disturb_nobody(db: &Db) {
    let at = World::new(7).now();
    let claim_and_release = |n: u8| {
        let db = db.clone();
        tokio::spawn(async move {
            for _ in 0..25 {
                let mut tx = db.begin().await.unwrap();
                let known = tx.platform().claim_replay(KEY, &[n], at).await.unwrap();
                tx.commit().await.unwrap();
                if known.is_none() {
                    let mut tx = db.begin().await.unwrap();
                    tx.platform().release_replay(KEY).await.unwrap();
                    tx.commit().await.unwrap();
                }
            }
        })
    };
    for task in (0..8).map(claim_and_release).collect::<Vec<_>>() {
        task.await.unwrap();
    }
}

async fn old_answers_are_forgotten(db: &Db) {
    let world = World::new(5);
    let (old, new) = (world.now(), world.now());
    let newer = ReplayKey { key: "newer", ..KEY };
    let mut tx = db.begin().await.unwrap();
    let mut platform = tx.platform();
    platform.claim_replay(KEY, b"old", old).await.unwrap();
    platform.claim_replay(newer, b"new", new).await.unwrap();
    assert_eq!(platform.prune_replays(old).await.unwrap(), 0);
    assert_eq!(platform.prune_replays(new).await.unwrap(), 1);
    assert_eq!(platform.claim_replay(KEY, b"again", new).await.unwrap(), None);
    assert!(platform.claim_replay(newer, b"again", new).await.unwrap().is_some());
}
