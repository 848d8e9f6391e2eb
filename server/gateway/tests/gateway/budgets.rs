//! Money: what may be spent is spent, and not more.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use domain::{
    BudgetId, Clock, Money,
    budgets::{Balance, Budget, Period, Scope},
    keys::Environment,
};
use gateway::Settings;
use serde_json::json;
use store::{budgets::StoredBudget, changes::Change};

use crate::{
    recovery::copy_dir,
    support::{
        Running, World,
        client::{assert_error, chat, streamed},
        eventually, settings,
        upstream::{Step, Upstream, answer},
    },
};

impl World {
    /// Decides on a budget as another process would: in the database, and in the log of changes.
    pub async fn add_budget(&self, scope: Scope, nanos: i64, hard: bool) -> BudgetId {
        let now = self.clock.now();
        let id = BudgetId::mint(now, &self.entropy);
        let budget = Budget {
            id,
            scope,
            environment: Environment::Test,
            period: Period::Month,
            amount: Money::from_nanos(nanos),
            hard,
            since: now,
        };
        let stored = StoredBudget {
            organization: self.organization,
            budget,
            created_at: now,
            created_by: "system:test".into(),
            crossed_at: None,
        };
        let mut tx = self.db.begin().await.unwrap();
        tx.budgets().insert(&stored).await.unwrap();
        tx.changes().append(&[Change::Budgets(self.organization)], now).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    pub async fn change_budget(&self, id: BudgetId, nanos: Option<i64>) {
        let mut tx = self.db.begin().await.unwrap();
        match nanos {
            Some(nanos) => tx.budgets().update(id, Money::from_nanos(nanos), true).await.unwrap(),
            None => tx.budgets().delete(id).await.unwrap(),
        }
        tx.changes().append(&[Change::Budgets(self.organization)], self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn booked(&self) -> i64 {
        let mut reader = self.db.read().await.unwrap();
        let window = Period::Month.window(self.clock.now(), "UTC", self.clock.now());
        let scope = Scope::Organization(self.organization);
        let spent = reader.budgets().spent(self.organization, scope, Environment::Test, window).await.unwrap();
        spent.nanos()
    }
}

impl Running {
    fn balance(&self, world: &World, id: BudgetId) -> Option<Balance> {
        self.gateway.balance(world.organization, id)
    }

    async fn heard_of(&self, world: &World, id: BudgetId) {
        eventually("the gateway heard of the budget", async || self.balance(world, id).is_some()).await;
    }
}

/// An answer that lets others wait for what its call holds.
fn answer_after(pause: Duration) -> Vec<Step> {
    let body = r#"{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":5}}"#;
    let mut steps = vec![Step::Sleep(pause)];
    steps.extend(answer("200 OK", "", body));
    steps
}

/// Calls from many sides until there is no money left; answers how often.
pub async fn spend_all(running: &Arc<Running>, body: serde_json::Value) -> usize {
    let clients = (0..48).map(|_| {
        let (running, body) = (running.clone(), body.clone());
        tokio::spawn(async move {
            let mut answered = 0;
            loop {
                let answer = running.client.chat(&body).await;
                if answer.status == 402 {
                    return answered;
                }
                assert_eq!(answer.status, 200, "{}", answer.text());
                answered += 1;
            }
        })
    });
    let mut answered = 0;
    for client in clients.collect::<Vec<_>>() {
        answered += client.await.unwrap();
    }
    answered
}

async fn a_burst_spends_nearly_all_and_never_more(body: serde_json::Value) {
    let world = World::new().await;
    let amount = 20_000_000;
    let budget = world.add_budget(Scope::Key(world.key_id), amount, true).await;
    let running = Arc::new(world.start().await);
    let answered = spend_all(&running, body).await;
    running.gateway.drain().await;
    let balance = running.balance(&world, budget).unwrap();
    assert_eq!(balance.held, Money::ZERO);
    assert_eq!(balance.spent.nanos(), world.booked().await, "the books agree with the ledger");
    assert!(balance.spent.nanos() <= amount, "overspent: {balance:?}");
    assert!(balance.spent.nanos() >= amount / 100 * 99, "{answered} calls left too much: {balance:?}");
    assert_eq!(world.events().await.len().min(1000), answered.min(1000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_burst_without_a_bound_of_its_own_spends_nearly_all_and_never_more() {
    a_burst_spends_nearly_all_and_never_more(chat("sandbox/small", "hi")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_burst_with_a_bound_of_its_own_spends_nearly_all_and_never_more() {
    let mut body = chat("sandbox/small", "hi");
    body["max_tokens"] = 40.into();
    a_burst_spends_nearly_all_and_never_more(body).await;
}

#[tokio::test]
async fn a_refusal_names_the_budget_and_what_is_left() {
    let world = World::new().await;
    let budget = world.add_budget(Scope::Key(world.key_id), 50_000, true).await;
    let running = world.start().await;
    let answer = running.client.chat(&chat("sandbox/small", "hi")).await;
    assert_error(&answer, 402, "budget_exceeded");
    let error = &answer.json()["error"];
    let details = &error["details"];
    assert_eq!(error["type"], "budget_exceeded");
    assert_eq!(details["budget"], budget.to_string());
    assert_eq!(details["scope"], json!({"key": world.key_id.to_string()}));
    assert_eq!(
        (&details["amount"], &details["spent"], &details["held"]),
        (&json!("0.00005"), &json!("0"), &json!("0"))
    );
    assert_eq!(details["resets_at"], "2026-12-01T00:00:00Z");
    let wait: i64 = answer.header("retry-after").parse().unwrap();
    let until = "2026-12-01T00:00:00Z".parse::<domain::Timestamp>().unwrap().seconds() - world.clock.now().seconds();
    assert!((until - 2..=until + 2).contains(&wait), "{wait} of {until}");
    running.gateway.drain().await;
    assert!(world.events().await.is_empty(), "what was never forwarded is no call");
}

#[tokio::test]
async fn an_answer_is_kept_to_what_the_budget_affords_and_says_so() {
    let world = World::new().await;
    let upstream = Upstream::start(|_| {
        answer("200 OK", "", r#"{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":5}}"#)
    })
    .await;
    world.connect_upstream(&upstream).await;
    world.add_budget(Scope::Organization(world.organization), 1_000_000, true).await;
    let running = world.start().await;
    let mut asked = chat("m", "hi");
    let bytes = asked.to_string().len() as i64;
    let answer = running.client.chat(&asked).await;
    assert_eq!(answer.status, 200);
    // A byte of input is held as a token at 1 per million, a token of output costs 2 per million.
    let affords = (1_000_000 - 7 - bytes * 1_000) / 2_000;
    assert_eq!(answer.header("x-turnpike-max-output-tokens"), affords.to_string());
    assert!(upstream.requests()[0].contains(&format!(r#""max_tokens":{affords},"#)), "{:?}", upstream.requests());

    // Who asks for less than that is not kept from it.
    asked["max_completion_tokens"] = 3.into();
    let answer = running.client.chat(&asked).await;
    assert_eq!((answer.status.as_u16(), answer.header("x-turnpike-max-output-tokens")), (200, ""));
    assert!(upstream.requests()[1].contains(r#""max_completion_tokens":3"#));
    for absurd in [json!(-1), json!(1.5), json!(u64::MAX)] {
        asked["max_completion_tokens"] = absurd;
        assert_error(&running.client.chat(&asked).await, 400, "invalid_request");
    }
}

#[tokio::test]
async fn money_of_a_call_that_failed_or_was_left_comes_back() {
    let world = World::new().await;
    let upstream = Upstream::start(|request| match request.contains("fail") {
        true => answer("500 Internal Server Error", "", r#"{"error":{"message":"no","type":"x"}}"#),
        false => vec![Step::Sleep(Duration::from_secs(20))],
    })
    .await;
    world.connect_upstream(&upstream).await;
    let budget = world.add_budget(Scope::Key(world.key_id), 90_000_000, true).await;
    let running = world.start_with(Settings { first_byte_timeout: Duration::from_secs(60), ..settings() }).await;
    assert_eq!(running.client.chat(&chat("m", "fail")).await.status, 500);
    let balance = running.balance(&world, budget).unwrap();
    assert_eq!((balance.spent, balance.held), (Money::ZERO, Money::ZERO));
    let left = running.client.open_chat(&streamed(chat("m", "hi"))).await;
    eventually("money is held", async || running.balance(&world, budget).unwrap().held > Money::ZERO).await;
    drop(left);
    eventually("money came back", async || running.balance(&world, budget).unwrap().held == Money::ZERO).await;
}

#[tokio::test]
async fn a_call_waits_for_money_that_others_hold() {
    let world = World::new().await;
    let upstream = Upstream::start(|_| answer_after(Duration::from_millis(150))).await;
    world.connect_upstream(&upstream).await;
    let mut body = chat("m", "hi");
    body["max_tokens"] = 100.into();
    // Enough for one of them at a time.
    world.add_budget(Scope::Key(world.key_id), 400_000, true).await;
    let running = Arc::new(world.start().await);
    let calls = (0..4).map(|_| {
        let (running, body) = (running.clone(), body.clone());
        tokio::spawn(async move { running.client.chat(&body).await.status.as_u16() })
    });
    for call in calls.collect::<Vec<_>>() {
        assert_eq!(call.await.unwrap(), 200);
    }
    let impatient = world.start_again_with_patience(Duration::ZERO).await;
    let first = impatient.client.open_chat(&body).await;
    eventually("the provider was asked", async || upstream.requests().len() == 5).await;
    assert_error(&impatient.client.chat(&body).await, 402, "budget_exceeded");
    drop(first);
}

impl World {
    /// Another gateway beside the first, with a journal of its own.
    async fn start_again_with_patience(&self, patience: Duration) -> Running {
        self.start_in(Settings { budget_patience: patience, ..settings() }, self.dir.path().join("other")).await
    }
}

#[tokio::test]
async fn every_budget_above_a_call_counts_it_and_a_soft_one_refuses_none() {
    let world = World::new().await;
    let organization = world.add_budget(Scope::Organization(world.organization), 900_000_000, true).await;
    let key = world.add_budget(Scope::Key(world.key_id), 10, false).await;
    let running = world.start().await;
    for _ in 0..3 {
        assert_eq!(running.client.chat(&chat("sandbox/small", "hi")).await.status, 200);
    }
    let events = world.wait_for_events(3).await;
    let cost: i64 = events.iter().map(|event| event.cost.nanos()).sum();
    for id in [organization, key] {
        assert_eq!(running.balance(&world, id).unwrap().spent.nanos(), cost);
    }
    let crossed = async |id| {
        let mut reader = world.db.read().await.unwrap();
        reader.budgets().get(world.organization, id).await.unwrap().unwrap().crossed_at
    };
    eventually("it is noted that the soft one was passed", async || {
        let _ = running.client.chat(&chat("sandbox/small", "hi")).await;
        crossed(key).await.is_some()
    })
    .await;
    assert_eq!(crossed(organization).await, None);
}

#[tokio::test]
async fn changes_are_in_force_at_once_and_what_was_spent_is_known_again_after_a_restart() {
    let world = World::new().await;
    let running = world.start().await;
    let body = chat("sandbox/small", "hi");
    for _ in 0..5 {
        assert_eq!(running.client.chat(&body).await.status, 200);
    }
    // Made while calls are on their way to the database: each counts once.
    let budget = world.add_budget(Scope::Key(world.key_id), 900_000_000, true).await;
    running.client.chat(&body).await;
    running.heard_of(&world, budget).await;
    let events = world.wait_for_events(6).await;
    let cost: i64 = events.iter().map(|event| event.cost.nanos()).sum();
    assert_eq!(running.balance(&world, budget).unwrap().spent.nanos(), cost);

    world.change_budget(budget, Some(cost)).await;
    eventually("the lower budget is in force", async || running.client.chat(&body).await.status == 402).await;
    running.gateway.drain().await;
    let spent = world.booked().await;
    assert_eq!(running.balance(&world, budget).unwrap().spent.nanos(), spent);
    drop(running);
    let again = world.start_again(world.journal_dir()).await;
    assert_eq!(again.balance(world.organization, budget).unwrap().spent.nanos(), spent);
    drop(again);

    let running = world.start_in(settings(), world.dir.path().join("third")).await;
    world.change_budget(budget, None).await;
    eventually("the budget is gone", async || running.client.chat(&body).await.status == 200).await;
}

#[tokio::test]
async fn a_call_that_a_crash_cut_off_is_booked_at_what_was_held_for_it() {
    let world = World::new().await;
    let upstream = Upstream::start(|_| vec![Step::Sleep(Duration::from_secs(20))]).await;
    world.connect_upstream(&upstream).await;
    let budget = world.add_budget(Scope::Key(world.key_id), 90_000_000, true).await;
    let running = world.start_with(Settings { first_byte_timeout: Duration::from_secs(60), ..settings() }).await;
    let cut_off = running.client.open_chat(&chat("m", "never answered")).await;
    eventually("the provider was asked", async || upstream.requests().len() == 1).await;
    let held = running.balance(&world, budget).unwrap().held;
    assert!(held > Money::ZERO);
    // Another process finds the files as a killed one would leave them.
    let copy = world.dir.path().join("copy");
    copy_dir(&world.journal_dir(), &copy);
    let gateway = world.start_again(copy).await;
    let balance = gateway.balance(world.organization, budget).unwrap();
    assert_eq!((balance.spent, balance.held), (held, Money::ZERO));
    drop((running, cut_off));
}

#[tokio::test]
async fn a_call_counts_in_the_period_in_which_its_money_was_held() {
    let mut world = World::new().await;
    let hours = Arc::new(AtomicI64::new(0));
    let (clock, ahead) = (world.clock.clone(), hours.clone());
    world.clock =
        Clock::new(move || clock.now().plus(Duration::from_secs(3600 * ahead.load(Ordering::Relaxed) as u64)));
    let upstream = Upstream::start(|_| answer_after(Duration::from_millis(200))).await;
    world.connect_upstream(&upstream).await;
    let mut body = chat("m", "hi");
    body["max_tokens"] = 100.into();
    let budget = world.add_budget(Scope::Key(world.key_id), 300_000, true).await;
    let running = Arc::new(world.start().await);
    let call = || {
        let (running, body) = (running.clone(), body.clone());
        tokio::spawn(async move { running.client.chat(&body).await.status.as_u16() })
    };
    let first = call();
    eventually("the provider was asked", async || upstream.requests().len() == 1).await;
    let second = call();
    tokio::time::sleep(Duration::from_millis(50)).await;
    // While the second waits for the first one's money, December begins, with money of its own.
    hours.store(24 * 12, Ordering::Relaxed);
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (200, 200));
    let events = world.wait_for_events(2).await;
    let december = "2026-12-01T00:00:00Z".parse().unwrap();
    assert!(events[0].at < december && events[1].at >= december, "{events:?}");
    let balance = running.balance(&world, budget).unwrap();
    assert_eq!((balance.window.start, balance.spent, balance.held), (december, events[1].cost, Money::ZERO));
}
