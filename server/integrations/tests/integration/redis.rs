use std::time::{Duration, Instant};

use integrations::redis::{Ask, Away, Counts, Decision, Kind, PARTS, RENEWAL, Rest};

use crate::redis_server::RedisServer;

const ORGANIZATION: &str = "org_01h455vb4pex5vsknk084sn02q";

fn flow(name: &str, amount: u64, burst: u64, needs: u64) -> Ask {
    Ask { name: name.into(), kind: Kind::Flow, amount, burst, needs }
}

fn slots(name: &str, amount: u64) -> Ask {
    Ask { name: name.into(), kind: Kind::Slots, amount, burst: amount, needs: 1 }
}

fn rest(ask: &Ask, place: u64, back: u64, more: u64) -> Rest {
    Rest { name: ask.name.clone(), kind: ask.kind, amount: ask.amount, place, back, more }
}

async fn admit(counts: &Counts, call: &str, asks: &[Ask]) -> Decision {
    counts.admit(ORGANIZATION, call, asks).await.unwrap()
}

/// What is used, in whole units, never less than it is.
async fn used(counts: &Counts, ask: &Ask) -> u64 {
    let nothing = Ask { needs: 0, ..ask.clone() };
    admit(counts, "nobody", &[nothing]).await.states[0].used.div_ceil(PARTS)
}

/// So long that only a Redis which is gone is gone.
const PATIENCE: Duration = Duration::from_secs(20);

async fn started() -> Option<(RedisServer, Counts)> {
    started_with(PATIENCE).await
}

async fn started_with(patience: Duration) -> Option<(RedisServer, Counts)> {
    let server = RedisServer::start().await?;
    let counts = Counts::connect(&server.url(), patience).await.unwrap();
    let kept = counts.clone();
    tokio::spawn(async move { kept.keep().await });
    Some((server, counts))
}

#[tokio::test]
async fn a_burst_passes_at_once_and_then_as_much_as_goes() {
    let Some((_server, counts)) = started().await else { return };
    // Ten a second.
    let ask = [flow("requests", 600, 3, 1)];
    for n in 1..=3 {
        let decision = admit(&counts, "a", &ask).await;
        assert!(decision.passes && decision.states[0].used.div_ceil(PARTS) == n, "{decision:?}");
    }
    assert!(!admit(&counts, "a", &ask).await.passes);
    tokio::time::sleep(Duration::from_millis(110)).await;
    assert!(admit(&counts, "a", &ask).await.passes);
    assert!(!admit(&counts, "a", &ask).await.passes);
}

#[tokio::test]
async fn a_call_passes_all_counts_or_is_in_none() {
    let Some((_server, counts)) = started().await else { return };
    let (many, few, parallel) = (flow("many", 100, 100, 7), flow("few", 1, 1, 1), slots("parallel", 9));
    let asks = [many.clone(), few.clone(), parallel.clone()];
    assert!(admit(&counts, "a", &asks).await.passes);
    assert!(!admit(&counts, "b", &asks).await.passes);
    let parallel = Ask { needs: 0, ..parallel };
    assert_eq!((used(&counts, &many).await, used(&counts, &few).await), (7, 1));
    assert_eq!(admit(&counts, "nobody", &[parallel]).await.states[0].used / PARTS, 1);
}

#[tokio::test]
async fn what_was_not_used_comes_back_and_what_was_used_more_is_owed() {
    let Some((_server, counts)) = started().await else { return };
    let ask = flow("tokens", 60, 60, 40);
    let place = admit(&counts, "a", std::slice::from_ref(&ask)).await.states[0].place;
    counts.settle(ORGANIZATION, "a", &[rest(&ask, place, 30, 0)]).await.unwrap();
    assert_eq!(used(&counts, &ask).await, 10);
    let place = admit(&counts, "b", std::slice::from_ref(&ask)).await.states[0].place;
    counts.settle(ORGANIZATION, "b", &[rest(&ask, place, 0, 1_000)]).await.unwrap();
    assert_eq!(used(&counts, &ask).await, 1_050);
    assert!(!admit(&counts, "c", &[Ask { needs: 1, ..ask }]).await.passes);
}

#[tokio::test]
async fn what_has_gone_with_the_time_does_not_come_back_too() {
    let Some((_server, counts)) = started().await else { return };
    // A thousand a second.
    let ask = flow("tokens", 60_000, 60_000, 100);
    let first = admit(&counts, "a", std::slice::from_ref(&ask)).await.states[0].place;
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert!(admit(&counts, "b", &[Ask { needs: 5_000, ..ask.clone() }]).await.passes);
    let before = used(&counts, &ask).await;
    counts.settle(ORGANIZATION, "a", &[rest(&ask, first, 100, 0)]).await.unwrap();
    let gone = before - used(&counts, &ask).await;
    assert!(gone < 100, "{gone} were given back a second time");
}

#[tokio::test]
async fn the_largest_limits_are_counted_without_loss() {
    const MOST: u64 = 1_000_000_000;
    let Some((_server, counts)) = started().await else { return };
    // A minute's amount of one is not gone soon.
    let ask = flow("large", 1, MOST, MOST - 1);
    let decision = admit(&counts, "a", std::slice::from_ref(&ask)).await;
    assert!(decision.passes);
    let used = decision.states[0].used;
    assert_eq!(used, (MOST - 1) * PARTS);
    let one = [Ask { needs: 1, ..ask.clone() }];
    assert!(admit(&counts, "a", &one).await.passes);
    assert!(!admit(&counts, "a", &one).await.passes);
    counts.settle(ORGANIZATION, "a", &[rest(&ask, 0, 0, u64::from(u32::MAX))]).await.unwrap();
    assert!(!admit(&counts, "a", &one).await.passes);
}

#[tokio::test]
async fn slots_belong_to_calls_until_these_end() {
    let Some((_server, counts)) = started().await else { return };
    let ask = [slots("parallel", 2)];
    assert!(admit(&counts, "a", &ask).await.passes && admit(&counts, "b", &ask).await.passes);
    assert!(!admit(&counts, "c", &ask).await.passes);
    counts.renew(ORGANIZATION, "parallel", &["a".into(), "never seen".into()]).await.unwrap();
    counts.settle(ORGANIZATION, "a", &[rest(&ask[0], 0, 1, 0)]).await.unwrap();
    counts.settle(ORGANIZATION, "a", &[rest(&ask[0], 0, 1, 0)]).await.unwrap();
    assert!(admit(&counts, "c", &ask).await.passes);
    assert!(!admit(&counts, "d", &ask).await.passes);
}

#[tokio::test]
async fn slots_that_are_not_renewed_come_back() {
    let Some((_server, counts)) = started().await else { return };
    let ask = [slots("parallel", 2)];
    assert!(admit(&counts, "a", &ask).await.passes && admit(&counts, "killed", &ask).await.passes);
    for _ in 0..3 {
        tokio::time::sleep(RENEWAL + Duration::from_millis(100)).await;
        counts.renew(ORGANIZATION, "parallel", &["a".into()]).await.unwrap();
    }
    assert!(admit(&counts, "b", &ask).await.passes);
    assert!(!admit(&counts, "c", &ask).await.passes, "one was renewed");
}

#[tokio::test]
async fn a_redis_that_is_gone_costs_nobody_much_and_comes_back_empty() {
    let Some((mut server, counts)) = started().await else { return };
    let ask = [flow("requests", 1, 1, 1)];
    assert!(admit(&counts, "a", &ask).await.passes);
    let place = admit(&counts, "b", &ask).await.states[0].place;
    server.kill();
    let began = Instant::now();
    for _ in 0..100 {
        assert_eq!(counts.admit(ORGANIZATION, "c", &ask).await, Err(Away));
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    server.start_again().await;
    while counts.settle(ORGANIZATION, "a", &[rest(&ask[0], place, 1, 0)]).await.is_err() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(admit(&counts, "d", &ask).await.passes, "counts begin anew");
}

#[tokio::test]
async fn a_redis_that_does_not_answer_is_waited_for_once() {
    let Some((server, counts)) = started_with(Duration::from_millis(100)).await else { return };
    let ask = [flow("requests", 100, 100, 1)];
    while counts.admit(ORGANIZATION, "a", &ask).await.is_err() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    server.signal("STOP");
    let began = Instant::now();
    for _ in 0..100 {
        assert_eq!(counts.admit(ORGANIZATION, "c", &ask).await, Err(Away));
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    server.signal("CONT");
    while counts.admit(ORGANIZATION, "c", &ask).await.is_err() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn an_address_that_is_none_is_not_repeated() {
    for wrong in ["", "http://user:secret@h", "redis://:secret@h:port"] {
        let said = Counts::connect(wrong, PATIENCE).await.unwrap_err().to_string();
        assert!(said.contains("redis://") && !said.contains("secret"), "{said}");
    }
}
