//! Limits that Redis keeps for several nodes, and what becomes of them when it is gone.

use std::time::{Duration, Instant};

use domain::limits::{Limit, LimitKind};
use futures_util::future::join_all;
use gateway::Settings;

use crate::{
    limits_on_nodes::{never, patient_nodes},
    redis_server::RedisServer,
    runtimes::with_redis,
    support::{
        Running, World,
        client::{assert_error, chat},
        eventually, settings,
    },
};

impl World {
    fn redis(&mut self) -> &mut RedisServer {
        self.redis.as_mut().unwrap()
    }
}

/// How many of so many calls, to both nodes by turns and all at once, are let through.
async fn crowd(nodes: [&Running; 2], calls: usize) -> usize {
    let answers = join_all((0..calls).map(|n| nodes[n % 2].small())).await;
    assert!(answers.iter().all(|answer| matches!(answer.status.as_u16(), 200 | 429)), "{answers:?}");
    answers.iter().filter(|answer| answer.status == 200).count()
}

async fn change(world: &World, limit: &Limit, amount: u64, nodes: [&Running; 2]) {
    world.change_limit(limit, Some(amount)).await;
    for node in nodes {
        eventually("the change is heard of", async || node.small().await.status == 200).await;
    }
}

#[tokio::test]
async fn exactly_as_many_requests_pass_as_the_limit_on_all_nodes_together() {
    with_redis(|world| async move {
        // One more every twelve seconds.
        world.add_limit(world.of_key(LimitKind::Requests, 5)).await;
        let (one, two) = (world.node("one").await, world.node("two").await);
        assert_eq!(crowd([&one, &two], 40).await, 5);
        assert_eq!(crowd([&one, &two], 10).await, 0);
    })
    .await;
}

#[tokio::test]
async fn tokens_that_one_node_s_calls_used_are_owed_on_the_other_at_once() {
    with_redis(|world| async move {
        world.add_limit(world.of_key(LimitKind::Tokens, 10)).await;
        let (one, two) = (world.node("one").await, world.node("two").await);
        assert_eq!(one.small().await.status, 200);
        eventually("it has used more than was left", async || two.small().await.status == 429).await;
    })
    .await;
}

#[tokio::test]
async fn exactly_as_many_are_under_way_as_the_limit_on_all_nodes_together() {
    with_redis(|world| async move {
        let upstream = never(&world).await;
        world.add_limit(world.of_key(LimitKind::Parallel, 6)).await;
        let [one, two] = patient_nodes(&world, ["one", "two"]).await;
        let body = chat("m", "hi");
        let calls = (0..20).map(|n| if n % 2 == 0 { &one } else { &two }.client.open_chat(&body));
        let calls = join_all(calls).await;
        eventually("six are let through", async || upstream.requests().len() == 6).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(upstream.requests().len(), 6, "and no more");
        drop(calls);
        eventually("there is room", async || one.small().await.status == 200 && two.small().await.status == 200).await;
    })
    .await;
}

#[tokio::test]
async fn a_wrong_address_is_not_repeated() {
    let world = World::new().await;
    let settings = Settings { redis_url: Some("redis://:secret@h:port".into()), ..settings() };
    let said = world.try_start(settings, world.journal_dir()).await.err().unwrap().to_string();
    assert!(said.contains("redis_url") && !said.contains("secret"), "{said}");
}

/// Calls are let through within what nodes keep alone, and none of them waits for Redis.
async fn goes_on_without(mut world: World, stop: fn(&mut RedisServer)) {
    let requests = world.add_limit(world.of_key(LimitKind::Requests, 4)).await;
    world.add_limit(world.of_key(LimitKind::Parallel, 50)).await;
    let (one, two) = (world.node("one").await, world.node("two").await);
    assert_eq!(crowd([&one, &two], 20).await, 4);
    eventually("both know what was used", async || {
        one.used(&world, &requests) == 4 && two.used(&world, &requests) == 4
    })
    .await;
    stop(world.redis());
    assert_error(&one.small().await, 429, "rate_limit_exceeded");
    assert_error(&two.small().await, 429, "rate_limit_exceeded");
    // Each node has waited for it once, and waits no more.
    let began = Instant::now();
    assert_eq!(crowd([&one, &two], 100).await, 0);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    change(&world, &requests, 10_000, [&one, &two]).await;
    assert_eq!(crowd([&one, &two], 40).await, 40);
}

#[tokio::test]
async fn calls_go_on_when_redis_is_killed() {
    with_redis(|world| goes_on_without(world, RedisServer::kill)).await;
}

#[tokio::test]
async fn calls_go_on_when_redis_does_not_answer() {
    with_redis(|world| goes_on_without(world, |redis| redis.signal("STOP"))).await;
}

#[tokio::test]
async fn a_redis_that_comes_back_decides_again_and_counts_anew() {
    with_redis(|mut world| async move {
        let limit = world.add_limit(world.of_key(LimitKind::Requests, 5)).await;
        let (one, two) = (world.node("one").await, world.node("two").await);
        assert_eq!(crowd([&one, &two], 20).await, 5);
        eventually("both know what was used", async || one.used(&world, &limit) == 5 && two.used(&world, &limit) == 5)
            .await;
        world.redis().kill();
        assert_eq!(one.small().await.status, 429);
        world.redis().start_again().await;
        // Nodes know the limit to be used up, so that only Redis can let a call through.
        eventually("it is asked again", async || one.small().await.status == 200).await;
        eventually("by both", async || two.small().await.status == 200 || one.small().await.status == 429).await;
    })
    .await;
}

#[tokio::test]
async fn gateways_start_without_it() {
    with_redis(|mut world| async move {
        world.redis().kill();
        let limit = world.add_limit(world.of_key(LimitKind::Requests, 1)).await;
        let one = world.node("one").await;
        assert_eq!([one.small().await.status.as_u16(), one.small().await.status.as_u16()], [200, 429]);
        assert_eq!(one.used(&world, &limit), 1);
    })
    .await;
}

#[tokio::test]
async fn a_call_keeps_its_slot_for_as_long_as_it_is_under_way() {
    with_redis(|world| async move {
        let upstream = never(&world).await;
        world.add_limit(world.of_key(LimitKind::Parallel, 1)).await;
        let [one, two] = patient_nodes(&world, ["one", "two"]).await;
        let open = one.client.open_chat(&chat("m", "hi")).await;
        eventually("the provider was asked", async || upstream.requests().len() == 1).await;
        // Longer than it has its slot without being renewed.
        tokio::time::sleep(Duration::from_secs(16)).await;
        assert_error(&two.small().await, 429, "rate_limit_exceeded");
        drop(open);
        eventually("there is room", async || two.small().await.status == 200).await;
    })
    .await;
}
