//! Limits that several nodes keep together.

use std::{sync::Arc, time::Duration};

use domain::limits::LimitKind;
use futures_util::future::join_all;
use gateway::Settings;

use crate::{
    limits::patient,
    nodes::shared,
    support::{
        Running, World,
        client::{assert_error, chat},
        eventually, settings,
        upstream::{Step, Upstream},
    },
};

/// A provider that never answers, so that calls to it are under way for as long as their clients wait.
pub async fn never(world: &World) -> Upstream {
    let upstream = Upstream::start(|_| vec![Step::Sleep(Duration::from_secs(60))]).await;
    world.connect_upstream(&upstream).await;
    upstream
}

/// Nodes that wait for providers as long as it takes.
pub async fn patient_nodes<const N: usize>(world: &World, names: [&str; N]) -> [Arc<Running>; N] {
    let settings = Settings { poll_interval: Duration::from_secs(60), ..patient() };
    let start = |name: &str| world.start_in(settings.clone(), world.dir.path().join(name));
    let nodes: Vec<_> = join_all(names.map(start)).await.into_iter().map(Arc::new).collect();
    nodes.try_into().unwrap_or_else(|_| panic!())
}

#[tokio::test]
async fn what_one_node_lets_through_is_used_up_on_the_other() {
    shared(|world| async move {
        let limit = world.add_limit(world.of_key(LimitKind::Requests, 3)).await;
        let tokens = world.add_limit(world.of_key(LimitKind::Tokens, 600)).await;
        let (one, two) = (world.node("one").await, world.node("two").await);
        for _ in 0..3 {
            assert_eq!(one.small().await.status, 200);
        }
        eventually("the other hears of it", async || two.used(&world, &limit) == 3).await;
        assert_error(&two.small().await, 429, "rate_limit_exceeded");
        assert_eq!(one.used(&world, &limit), 3, "nothing is heard twice");
        eventually("it hears of the tokens that were used", async || two.used(&world, &tokens) > 30).await;
    })
    .await;
}

#[tokio::test]
async fn no_more_are_under_way_on_all_nodes_together() {
    shared(|world| async move {
        let upstream = never(&world).await;
        world.add_limit(world.of_key(LimitKind::Parallel, 6)).await;
        let [one, two] = patient_nodes(&world, ["one", "two"]).await;
        let body = chat("m", "hi");
        let calls = (0..20).map(|n| if n % 2 == 0 { &one } else { &two }.client.open_chat(&body));
        let calls = join_all(calls).await;
        eventually("six are let through", async || upstream.requests().len() == 6).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(upstream.requests().len(), 6, "and no more");
        drop(calls);
        let small = async || one.small().await.status == 200 && two.small().await.status == 200;
        eventually("there is room for both", small).await;
    })
    .await;
}

#[tokio::test]
async fn a_node_gives_way_to_one_that_has_no_slot_even_if_it_is_busy() {
    shared(|world| async move {
        world.add_limit(world.of_key(LimitKind::Parallel, 1)).await;
        let (busy, other) = (world.node("busy").await, world.node("other").await);
        let hammer = {
            let busy = busy.clone();
            tokio::spawn(async move {
                loop {
                    join_all((0..4).map(|_| busy.small())).await;
                }
            })
        };
        eventually("the other one's turn comes", async || other.small().await.status == 200).await;
        eventually("and again", async || other.small().await.status == 200).await;
        hammer.abort();
    })
    .await;
}

#[tokio::test]
async fn slots_of_a_killed_node_are_free_when_it_comes_back_and_those_of_a_stopped_one_at_once() {
    shared(|world| async move {
        let upstream = never(&world).await;
        world.add_limit(world.of_key(LimitKind::Parallel, 1)).await;
        let [killed] = patient_nodes(&world, ["killed"]).await;
        let cut_off = killed.client.open_chat(&chat("m", "hi")).await;
        eventually("the provider was asked", async || upstream.requests().len() == 1).await;
        let [other] = patient_nodes(&world, ["other"]).await;
        assert_error(&other.small().await, 429, "rate_limit_exceeded");
        // What its process let go of is not what the database knows.
        drop(killed);
        drop(cut_off);
        assert_error(&other.small().await, 429, "rate_limit_exceeded");
        drop(world.start_again(world.dir.path().join("killed")).await);
        assert_eq!(other.small().await.status, 200);
        other.gateway.drain().await;
        let [last] = patient_nodes(&world, ["last"]).await;
        assert_eq!(last.small().await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn a_lower_amount_takes_slots_back() {
    shared(|world| async move {
        let upstream = never(&world).await;
        let limit = world.add_limit(world.of_key(LimitKind::Parallel, 8)).await;
        let [one, two] = patient_nodes(&world, ["one", "two"]).await;
        for node in [&one, &two] {
            assert_eq!(node.small().await.status, 200);
        }
        world.change_limit(&limit, Some(1)).await;
        let settled = async || {
            let nodes = world.db.read().await.unwrap().limits().leased(world.the_node().await, limit.id).await;
            nodes.is_ok_and(|leased| leased.here + leased.elsewhere <= 1)
        };
        eventually("no more than one is leased", settled).await;
        let body = chat("m", "hi");
        let calls = join_all([&one, &two].map(|node| node.client.open_chat(&body))).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(upstream.requests().len(), 1);
        drop(calls);
    })
    .await;
}

#[tokio::test]
async fn a_node_that_is_cut_off_lets_no_limited_parallel_call_through() {
    shared(|world| async move {
        let settings = Settings { lease_lifetime: Duration::ZERO, ..settings() };
        let running = world.start_in(settings, world.dir.path().join("one")).await;
        assert_eq!(running.small().await.status, 200, "what has no limit goes on");
        let limit = world.add_limit(world.of_key(LimitKind::Parallel, 8)).await;
        eventually("the limit is heard of", async || running.level(&world, &limit).is_some()).await;
        assert_error(&running.small().await, 503, "unavailable");
    })
    .await;
}
