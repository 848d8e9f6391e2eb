//! What survives: the end of the process, a database that is away, a full journal.

use std::{fs, path::Path, time::Duration};

use domain::usage::CallStatus;
use gateway::{JournalSettings, Settings};

use crate::support::{
    World,
    client::{assert_error, chat},
    eventually, settings,
    upstream::{Step, Upstream},
};

/// The files as a killed process would leave them.
pub fn copy_dir(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        // A file may just be on its way out.
        let _ = fs::copy(&path, to.join(path.file_name().unwrap()));
    }
}

#[tokio::test]
async fn a_killed_process_loses_no_call_and_counts_none_twice() {
    let world = World::new().await;
    let upstream = Upstream::start(|_| vec![Step::Sleep(Duration::from_secs(20))]).await;
    world.connect_upstream(&upstream).await;
    let running = world.start_with(Settings { first_byte_timeout: Duration::from_secs(60), ..settings() }).await;

    // The database takes nothing while this transaction is open, so all stays in the journal.
    let blocking = world.db.begin().await.unwrap();
    for n in 0..5 {
        assert_eq!(running.client.chat(&chat("sandbox/small", &format!("call {n}"))).await.status, 200);
    }
    let cut_off = running.client.open_chat(&chat("m", "never answered")).await;
    eventually("the provider was asked", async || upstream.requests().len() == 1).await;
    let copy = world.dir.path().join("copy");
    copy_dir(&world.journal_dir(), &copy);
    drop((blocking, cut_off));

    // The first process lives on and commits its five, and the sixth as aborted. The second one
    // finds the same calls in the copy; nothing is counted twice.
    world.wait_for_events(6).await;
    drop(running);
    for _ in 0..2 {
        let gateway = world.start_again(copy.clone()).await;
        gateway.drain().await;
        assert_eq!(world.wait_for_events(6).await.len(), 6);
    }
}

#[tokio::test]
async fn what_the_journal_holds_is_recorded_at_the_next_start() {
    let world = World::new().await;
    let upstream = Upstream::start(|_| vec![Step::Sleep(Duration::from_secs(20))]).await;
    world.connect_upstream(&upstream).await;
    let copy = world.dir.path().join("copy");
    let fresh = World::new().await;
    let answers = {
        let running = world.start_with(Settings { first_byte_timeout: Duration::from_secs(60), ..settings() }).await;
        let _blocking = world.db.begin().await.unwrap();
        let mut answers = Vec::new();
        for _ in 0..3 {
            answers.push(running.client.chat(&chat("sandbox/small", "hi")).await.header("x-request-id").to_owned());
        }
        let _cut_off = running.client.open_chat(&chat("m", "never answered")).await;
        eventually("the provider was asked", async || upstream.requests().len() == 1).await;
        copy_dir(&world.journal_dir(), &copy);
        answers
    };
    // Into a database that never heard of them.
    let gateway = fresh.try_start(settings(), copy.clone()).await.unwrap();
    let mut reader = fresh.db.read().await.unwrap();
    let events = reader.usage().events(world.organization, &Default::default(), 100).await.unwrap();
    let (interrupted, settled): (Vec<_>, Vec<_>) = events.iter().partition(|e| e.status == CallStatus::Interrupted);
    let mut found: Vec<_> = settled.iter().map(|e| e.request_id.to_string()).collect();
    found.sort();
    let mut expected = answers;
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!((interrupted.len(), interrupted[0].estimated, interrupted[0].cost.nanos()), (1, true, 0));
    drop(gateway);
}

#[tokio::test]
async fn damage_costs_what_it_hits_and_the_file_is_kept() {
    let world = World::new().await;
    let copy = world.dir.path().join("copy");
    let fresh = World::new().await;
    {
        let running = world.start().await;
        let _blocking = world.db.begin().await.unwrap();
        for _ in 0..3 {
            running.client.chat(&chat("sandbox/small", "hi")).await;
        }
        copy_dir(&world.journal_dir(), &copy);
    }
    let file = copy.join("000000000001.journal");
    let mut bytes = fs::read(&file).unwrap();
    let hit = bytes.windows(10).position(|window| window == b"{\"settled\"").unwrap();
    bytes[hit + 40] ^= 0x20;
    fs::write(&file, bytes).unwrap();
    let gateway = fresh.try_start(settings(), copy.clone()).await.unwrap();
    let mut reader = fresh.db.read().await.unwrap();
    let events = reader.usage().events(world.organization, &Default::default(), 100).await.unwrap();
    // The call whose settlement is gone was still admitted.
    let interrupted = events.iter().filter(|e| e.status == CallStatus::Interrupted).count();
    assert_eq!((events.len(), interrupted), (3, 1));
    assert!(copy.join("000000000001.damaged").exists());
    drop(gateway);
}

#[tokio::test]
async fn calls_go_on_while_the_database_takes_nothing() {
    let world = World::new().await;
    let running = world.start_with(Settings { events_in_memory: 10, batch_size: 7, ..settings() }).await;
    assert_eq!(running.client.chat(&chat("sandbox/small", "warm")).await.status, 200);
    let mut announced = running.gateway.news().subscribe();
    let blocking = world.db.begin().await.unwrap();
    for _ in 0..60 {
        assert_eq!(running.client.chat(&chat("sandbox/small", "hi")).await.status, 200);
    }
    drop(blocking);
    running.gateway.drain().await;
    let events = world.wait_for_events(61).await;
    assert!(events.iter().all(|e| e.status == CallStatus::Ok && e.input_tokens > 0));
    let committed = announced.recv().await.unwrap();
    assert!(committed.concerns(world.organization));
}

#[tokio::test]
async fn a_full_journal_refuses_calls_and_takes_them_again_when_it_is_emptied() {
    let world = World::new().await;
    let journal = JournalSettings { segment_bytes: 300 << 10, max_bytes: 600 << 10, ..settings().journal };
    let running = world.start_with(Settings { journal, ..settings() }).await;
    assert_eq!(running.client.chat(&chat("sandbox/small", "warm")).await.status, 200);
    let blocking = world.db.begin().await.unwrap();
    let mut answered = 1;
    let refused = loop {
        let answer = running.client.chat(&chat("sandbox/small", "hi")).await;
        if answer.status != 200 {
            break answer;
        }
        answered += 1;
        assert!(answered < 2000, "the journal never was full");
    };
    assert_error(&refused, 503, "overloaded");
    assert_eq!(refused.header("retry-after"), "1");
    drop(blocking);
    running.gateway.drain().await;
    assert_eq!(world.wait_for_events(answered.min(1000)).await.len(), answered.min(1000));
    eventually("calls are taken again", async || running.client.chat(&chat("sandbox/small", "hi")).await.status == 200)
        .await;
}

#[tokio::test]
async fn a_gateway_that_hears_nothing_says_so_and_goes_on() {
    let world = World::new().await;
    let running = world.start_with(Settings { max_staleness: Duration::from_millis(300), ..settings() }).await;
    assert!(running.gateway.is_ready());
    assert_eq!(running.client.chat(&chat("sandbox/small", "warm")).await.status, 200);
    world.db.close().await;
    eventually("it says that it is stale", async || !running.gateway.is_ready()).await;
    assert_eq!(running.client.chat(&chat("sandbox/small", "hi")).await.status, 200);
}
