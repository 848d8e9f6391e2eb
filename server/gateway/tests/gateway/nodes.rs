//! Several gateways on one database: what one learns the others know, and together they spend no more
//! than there is.

use std::{sync::Arc, time::Duration};

use domain::{Money, NodeId, budgets::Scope, keys::KeyStatus};
use gateway::Settings;
use store::{Db, nodes::Retirement};

use crate::{
    budgets::spend_all,
    recovery::copy_dir,
    scratch::Scratch,
    support::{
        Running, World,
        client::{assert_error, chat},
        eventually, settings,
        upstream::{Step, Upstream, answer},
    },
};

/// Runs a test on a database that nodes can share, if there is a server.
pub async fn shared<F: Future<Output = ()>>(body: impl FnOnce(World) -> F) {
    let Some(scratch) = Scratch::postgres().await else { return };
    scratch.migrated().await.run(|db: Db| async move { body(World::shared(db).await).await }).await;
}

impl World {
    /// A gateway with a journal, and so a node, of that name. Changes reach it because it is told: it
    /// would not look for them before the test is over.
    pub async fn node(&self, name: &str) -> Arc<Running> {
        let settings = Settings { poll_interval: Duration::from_secs(60), ..settings() };
        Arc::new(self.start_in(settings, self.dir.path().join(name)).await)
    }

    async fn leased(&self) -> Vec<i64> {
        let nodes = self.db.read().await.unwrap().nodes().list().await.unwrap();
        nodes.iter().map(|node| node.leased.nanos()).collect()
    }

    pub async fn the_node(&self) -> NodeId {
        self.db.read().await.unwrap().nodes().list().await.unwrap()[0].id
    }
}

async fn two_nodes_spend_nearly_all(world: World, body: serde_json::Value) {
    let amount = 20_000_000;
    world.add_budget(Scope::Key(world.key_id), amount, true).await;
    let (one, two) = (world.node("one").await, world.node("two").await);
    let (first, second) = tokio::join!(spend_all(&one, body.clone()), spend_all(&two, body));
    one.gateway.drain().await;
    two.gateway.drain().await;
    let spent = world.booked().await;
    assert!(spent <= amount, "overspent: {spent} by {first} and {second} calls");
    assert!(spent >= amount / 100 * 99, "{first} and {second} calls left too much: {spent}");
    assert!(world.leased().await.is_empty(), "nodes that ended hold nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_spend_nearly_all_of_a_budget_and_never_more() {
    let mut body = chat("sandbox/small", "hi");
    body["max_tokens"] = 40.into();
    shared(|world| two_nodes_spend_nearly_all(world, body)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn so_they_do_where_calls_have_no_bound_of_their_own() {
    shared(|world| two_nodes_spend_nearly_all(world, chat("sandbox/small", "hi"))).await;
}

#[tokio::test]
async fn what_one_node_is_told_all_know() {
    shared(|world| async move {
        let (one, two) = (world.node("one").await, world.node("two").await);
        let body = chat("sandbox/small", "hi");
        let mut news = two.gateway.news().subscribe();
        for node in [&one, &two] {
            assert_eq!(node.client.chat(&body).await.status, 200);
        }
        eventually(
            "calls of one node are announced on the other",
            async || matches!(news.try_recv(), Ok(committed) if committed.concerns(world.organization)),
        )
        .await;
        let budget = world.add_budget(Scope::Key(world.key_id), 900_000_000, true).await;
        for node in [&one, &two] {
            let known = async || node.gateway.balance(world.organization, budget).is_some();
            eventually("both know of the budget", known).await;
        }
        world.change_key(|key| key.status = KeyStatus::Disabled).await;
        for node in [&one, &two] {
            eventually("both refuse the key", async || node.client.chat(&body).await.status == 401).await;
        }
    })
    .await;
}

#[tokio::test]
async fn an_idle_node_gives_way_to_one_that_needs_money() {
    shared(|world| async move {
        let mut body = chat("sandbox/small", "hi");
        body["max_tokens"] = 40.into();
        world.add_budget(Scope::Key(world.key_id), 20_000_000, true).await;
        let (idle, busy) = (world.node("idle").await, world.node("busy").await);
        assert_eq!(idle.client.chat(&body).await.status, 200);
        assert!(world.leased().await.iter().sum::<i64>() > 4_000_000, "some is leased ahead");
        spend_all(&busy, body).await;
        busy.gateway.drain().await;
        idle.gateway.drain().await;
        assert!(world.booked().await >= 19_800_000, "{} was spent", world.booked().await);
    })
    .await;
}

#[tokio::test]
async fn what_a_killed_node_was_leased_is_spent_until_it_comes_back() {
    shared(|world| async move {
        let upstream = Upstream::start(|_| vec![Step::Sleep(Duration::from_secs(20))]).await;
        world.connect_upstream(&upstream).await;
        let budget = world.add_budget(Scope::Key(world.key_id), 90_000_000, true).await;
        let killed = world.node("killed").await;
        let cut_off = killed.client.open_chat(&chat("m", "never answered")).await;
        eventually("the provider was asked", async || upstream.requests().len() == 1).await;
        let held = killed.gateway.balance(world.organization, budget).unwrap().held;
        let leased = world.leased().await[0];
        assert!(held > Money::ZERO && held.nanos() <= leased, "{held} of {leased}");
        // Its process is gone, and its files are where a new one finds them.
        copy_dir(&world.dir.path().join("killed"), &world.dir.path().join("copy"));
        drop((cut_off, killed));
        let other = world.node("other").await;
        assert_eq!(world.leased().await[0], leased, "nobody else has it");
        drop(other);
        let again = world.node("copy").await;
        assert_eq!(world.leased().await.iter().sum::<i64>(), 0, "it is free again");
        let balance = again.gateway.balance(world.organization, budget).unwrap();
        assert_eq!(balance.spent, held, "the call is booked at what was held for it");
    })
    .await;
}

#[tokio::test]
async fn a_node_that_is_cut_off_gives_nothing_out_and_a_retired_one_begins_anew() {
    shared(|world| async move {
        let settings = Settings { lease_lifetime: Duration::ZERO, ..settings() };
        let running = world.start_in(settings, world.dir.path().join("one")).await;
        let body = chat("sandbox/small", "hi");
        assert_eq!(running.client.chat(&body).await.status, 200, "what no hard budget bounds goes on");
        let soft = world.add_budget(Scope::Organization(world.organization), 900_000_000, false).await;
        let known = async || running.gateway.balance(world.organization, soft).is_some();
        eventually("the soft budget is known", known).await;
        assert_eq!(running.client.chat(&body).await.status, 200);
        let hard = world.add_budget(Scope::Key(world.key_id), 900_000_000, true).await;
        let known = async || running.gateway.balance(world.organization, hard).is_some();
        eventually("the hard budget is known", known).await;
        assert_error(&running.client.chat(&body).await, 503, "unavailable");

        let node = world.the_node().await;
        let mut tx = world.db.begin().await.unwrap();
        assert!(matches!(tx.nodes().retire(node).await.unwrap(), Retirement::Retired(leased) if leased > Money::ZERO));
        tx.commit().await.unwrap();
        assert!(world.leased().await.is_empty());
        eventually("it begins anew", async || world.leased().await == [0]).await;
    })
    .await;
}

#[tokio::test]
async fn a_lower_budget_takes_back_what_is_leased_and_a_soft_one_counts_all_nodes() {
    shared(|world| async move {
        let upstream = Upstream::start(|_| {
            answer("200 OK", "", r#"{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":5}}"#)
        })
        .await;
        world.connect_upstream(&upstream).await;
        let mut body = chat("m", "hi");
        body["max_tokens"] = 100.into();
        let hard = world.add_budget(Scope::Key(world.key_id), 900_000_000, true).await;
        let soft = world.add_budget(Scope::Organization(world.organization), 20_000, false).await;
        let (one, two) = (world.node("one").await, world.node("two").await);
        for node in [&one, &two] {
            assert_eq!(node.client.chat(&body).await.status, 200);
        }
        let crossed = async || {
            let mut reader = world.db.read().await.unwrap();
            reader.budgets().get(world.organization, soft).await.unwrap().unwrap().crossed_at.is_some()
        };
        assert!(!crossed().await);
        world.change_budget(hard, Some(40_000)).await;
        let small = async || world.leased().await.iter().sum::<i64>() <= 40_000;
        eventually("what was leased beyond it is given back", small).await;
        for node in [&one, &two] {
            assert_error(&node.client.chat(&body).await, 402, "budget_exceeded");
        }
        world.change_budget(hard, Some(900_000_000)).await;
        eventually("it is raised again", async || two.client.chat(&body).await.status == 200).await;
        eventually("together they have passed the soft one", crossed).await;
    })
    .await;
}

#[tokio::test]
async fn while_there_is_much_left_every_node_has_some() {
    shared(|world| async move {
        let upstream = Upstream::start(|_| vec![Step::Sleep(Duration::from_secs(20))]).await;
        world.connect_upstream(&upstream).await;
        world.add_budget(Scope::Key(world.key_id), 900_000_000, true).await;
        let (one, two) = (world.node("one").await, world.node("two").await);
        let body = chat("m", "hi");
        let calls: Vec<_> = futures_util::future::join_all([&one, &two].map(|node| node.client.open_chat(&body))).await;
        eventually("both were forwarded", async || upstream.requests().len() == 2).await;
        drop(calls);
    })
    .await;
}

#[tokio::test]
async fn a_node_without_its_database_goes_on_within_its_lease_and_then_says_why_it_does_not() {
    shared(|world| async move {
        let upstream = Upstream::start(|_| vec![Step::Sleep(Duration::from_secs(60))]).await;
        world.connect_upstream(&upstream).await;
        world.add_budget(Scope::Key(world.key_id), 200_000_000, true).await;
        let patient = Settings { budget_patience: Duration::from_secs(1), ..settings() };
        let patient = Settings { first_byte_timeout: Duration::from_secs(60), ..patient };
        let running = world.start_in(patient, world.dir.path().join("one")).await;
        assert_eq!(running.client.chat(&chat("sandbox/small", "hi")).await.status, 200);
        world.db.close().await;
        tokio::time::sleep(Duration::from_secs(4)).await;
        let (body, mut taken) = (chat("m", "hi"), Vec::new());
        for number in 1..10 {
            let call = running.client.open_chat(&body).await;
            taken.push(call);
            tokio::time::sleep(Duration::from_millis(100)).await;
            if upstream.requests().len() < number {
                break;
            }
        }
        assert!((2..9).contains(&upstream.requests().len()), "{} calls fit the lease", upstream.requests().len());
        assert_error(&running.client.chat(&body).await, 503, "unavailable");
    })
    .await;
}
