//! Rates: who comes too often is told when to come back, and everybody else is let through; in one
//! process as on nodes that share the limits.

use std::time::{Duration, Instant};

use domain::{
    LimitId, Money,
    budgets::{Budget, Period, Scope},
    keys::Environment,
    limits::{Level, Limit, LimitKind},
    usage::Endpoint,
};
use gateway::{JournalSettings, Settings};
use serde_json::json;
use store::{budgets::StoredBudget, changes::Change, limits::StoredLimit};

use crate::support::{
    Running, World,
    client::{Answer, assert_error, chat, streamed},
    eventually, settings,
    upstream::{Upstream, answer},
};

on_every_runtime! {
    as_many_requests_as_the_limit_pass_and_the_next_hears_when_to_come_back
    calls_without_limits_carry_no_word_of_them
    the_tokens_that_a_call_used_count_when_it_ends
    a_call_that_used_more_than_was_left_is_made_up_for
    a_prompt_that_can_never_pass_is_told_so
    no_more_are_under_way_at_once_and_a_client_that_leaves_makes_room
    an_endpoint_s_own_limit_takes_the_place_of_the_one_for_all
    every_limit_above_a_call_lets_it_through_or_none_counts_it
    changes_are_in_force_at_once_and_what_was_used_stays_used
    what_a_budget_refuses_is_given_back_and_who_comes_too_often_hears_that_first
    a_call_that_never_reached_its_provider_used_no_tokens_but_was_made
}

impl World {
    pub fn limit(&self, scope: Scope, kind: LimitKind, amount: u64) -> Limit {
        let (id, environment) = (LimitId::mint(self.clock.now(), &self.entropy), Environment::Test);
        Limit { id, scope, environment, endpoint: None, kind, amount, burst: amount }
    }

    pub fn of_key(&self, kind: LimitKind, amount: u64) -> Limit {
        self.limit(Scope::Key(self.key_id), kind, amount)
    }

    /// Decides on a limit as another process would: in the database, and in the log of changes.
    pub async fn add_limit(&self, limit: Limit) -> Limit {
        let now = self.clock.now();
        let stored =
            StoredLimit { organization: self.organization, limit, created_at: now, created_by: "system:test".into() };
        let mut tx = self.db.begin().await.unwrap();
        tx.limits().insert(&stored).await.unwrap();
        tx.changes().append(&[Change::Limits(self.organization)], now).await.unwrap();
        tx.commit().await.unwrap();
        limit
    }

    pub async fn change_limit(&self, limit: &Limit, amount: Option<u64>) {
        let mut tx = self.db.begin().await.unwrap();
        match amount {
            Some(amount) => tx.limits().update(limit.id, amount, amount).await.unwrap(),
            None => tx.limits().delete(limit.id).await.unwrap(),
        }
        tx.changes().append(&[Change::Limits(self.organization)], self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A budget that hardly anything fits.
    async fn add_tiny_budget(&self) {
        let (id, now) = (domain::BudgetId::mint(self.clock.now(), &self.entropy), self.clock.now());
        let budget = Budget {
            id,
            scope: Scope::Key(self.key_id),
            environment: Environment::Test,
            period: Period::Month,
            amount: Money::from_nanos(1),
            hard: true,
            since: now,
        };
        let (organization, created_by) = (self.organization, "system:test".into());
        let stored = StoredBudget { organization, budget, created_at: now, created_by, crossed_at: None };
        let mut tx = self.db.begin().await.unwrap();
        tx.budgets().insert(&stored).await.unwrap();
        tx.commit().await.unwrap();
    }
}

impl Running {
    pub fn level(&self, world: &World, limit: &Limit) -> Option<Level> {
        self.gateway.level(world.organization, limit)
    }

    pub fn used(&self, world: &World, limit: &Limit) -> u64 {
        self.level(world, limit).unwrap().used
    }

    pub async fn small(&self) -> Answer {
        self.client.chat(&chat("sandbox/small", "hi")).await
    }

    async fn embed(&self) -> Answer {
        self.client.post("/v1/embeddings", json!({"model": "sandbox/embedding", "input": "hi"}).to_string()).await
    }
}

pub fn patient() -> Settings {
    Settings { first_byte_timeout: Duration::from_secs(60), idle_timeout: Duration::from_secs(60), ..settings() }
}

async fn as_many_requests_as_the_limit_pass_and_the_next_hears_when_to_come_back(world: World) {
    let limit = world.add_limit(world.of_key(LimitKind::Requests, 3)).await;
    let running = world.start().await;
    for left in ["2", "1", "0"] {
        let answer = running.small().await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("ratelimit-policy"), "\"key-requests\";q=3;w=60");
        assert!(answer.header("ratelimit").starts_with(&format!("\"key-requests\";r={left};t=")), "{answer:?}");
        assert_eq!(answer.header("x-ratelimit-limit-requests"), "3");
        assert_eq!(answer.header("x-ratelimit-remaining-requests"), left);
        assert_eq!(answer.header("x-ratelimit-limit-tokens"), "", "tokens are not limited");
    }
    let refused = running.small().await;
    assert_error(&refused, 429, "rate_limit_exceeded");
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=20).contains(&wait), "three a minute are one in twenty seconds, not {wait}");
    assert_eq!(refused.header("ratelimit"), format!("\"key-requests\";r=0;t={wait}"));
    assert_eq!(refused.header("ratelimit-policy"), "\"key-requests\";q=3;w=60");
    assert_eq!(refused.header("x-ratelimit-remaining-requests"), "0");
    let error = &refused.json()["error"];
    assert_eq!(error["type"], "rate_limit_error");
    let details = json!({
        "limit": limit.id.to_string(), "scope": {"key": world.key_id.to_string()}, "endpoint": null,
        "kind": "requests_per_minute", "amount": 3, "burst": 3, "used": 3, "remaining": 0, "needed": 1,
        "retry_after_seconds": wait,
    });
    assert_eq!(error["details"], details);
    running.gateway.drain().await;
    assert_eq!(world.events().await.len(), 3, "what was refused is no call");
}

async fn calls_without_limits_carry_no_word_of_them(world: World) {
    let (_, other) = world.add_key(Environment::Test).await;
    let limit = world.add_limit(world.limit(Scope::Key(other), LimitKind::Requests, 1)).await;
    let running = world.start().await;
    for _ in 0..2 {
        let answer = running.small().await;
        assert_eq!((answer.status.as_u16(), answer.header("ratelimit-policy")), (200, ""));
    }
    assert_eq!(running.used(&world, &limit), 0);
}

async fn the_tokens_that_a_call_used_count_when_it_ends(world: World) {
    let limit = world.add_limit(world.of_key(LimitKind::Tokens, 1_000)).await;
    let running = world.start().await;
    let started = Instant::now();
    let answer = running.small().await;
    let used = answer.json()["usage"]["total_tokens"].as_u64().unwrap();
    // Not quite seventeen a second go with the time.
    let gone = || started.elapsed().as_millis() as u64 * 17 / 1_000 + 1;
    let soon = |figure: u64, right: u64| (right.saturating_sub(gone())..=right).contains(&figure);
    assert!(used > 20 && soon(running.used(&world, &limit), used), "{used}");
    assert_eq!(answer.header("ratelimit-policy"), "\"key-tokens\";q=1000;w=60;qu=\"tokens\"");
    let told: u64 = answer.header("x-ratelimit-remaining-tokens").parse().unwrap();
    assert!(soon(1_000 - told, used), "{told}: what the completion used is counted");
    assert_eq!(running.client.chat(&streamed(chat("sandbox/small", "hi"))).await.status, 200);
    eventually("the stream's are counted", async || soon(running.used(&world, &limit), 2 * used)).await;
}

async fn a_call_that_used_more_than_was_left_is_made_up_for(world: World) {
    let limit = world.add_limit(world.of_key(LimitKind::Tokens, 10)).await;
    let running = world.start().await;
    assert_eq!(running.small().await.status, 200);
    let used = running.used(&world, &limit);
    assert!(used > 10, "{used}");
    let refused = running.small().await;
    assert_error(&refused, 429, "rate_limit_exceeded");
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!(wait.abs_diff((used + 1 - 10) * 6) <= 6, "{wait} for {used}");
    assert_eq!(refused.header("x-ratelimit-remaining-tokens"), "0");
}

async fn a_prompt_that_can_never_pass_is_told_so(world: World) {
    let limit = world.add_limit(world.of_key(LimitKind::Tokens, 10)).await;
    let running = world.start().await;
    let refused = running.client.chat(&chat("sandbox/small", &"word ".repeat(100))).await;
    assert_error(&refused, 429, "rate_limit_exceeded");
    assert!(refused.text().contains("it never passes"), "{}", refused.text());
    assert_eq!((refused.header("retry-after"), refused.header("ratelimit")), ("", "\"key-tokens\";r=10"));
    assert_eq!(running.used(&world, &limit), 0);
}

async fn no_more_are_under_way_at_once_and_a_client_that_leaves_makes_room(world: World) {
    let limit = world.add_limit(world.of_key(LimitKind::Parallel, 1)).await;
    let running = world.start_with(patient()).await;
    for body in [chat("sandbox/slow", "hi"), streamed(chat("sandbox/slow", "hi"))] {
        let open = running.client.open_chat(&body).await;
        eventually("one is under way", async || running.used(&world, &limit) == 1).await;
        let refused = running.small().await;
        assert_error(&refused, 429, "rate_limit_exceeded");
        assert_eq!((refused.header("retry-after"), refused.header("ratelimit")), ("1", "\"key-parallel\";r=0;t=1"));
        assert_eq!(refused.header("ratelimit-policy"), "\"key-parallel\";q=1;qu=\"concurrent-requests\"");
        drop(open);
        eventually("there is room", async || running.used(&world, &limit) == 0).await;
        let answer = running.small().await;
        assert_eq!((answer.status.as_u16(), answer.header("ratelimit")), (200, "\"key-parallel\";r=1"));
    }
    let stream = running.client.chat(&streamed(chat("sandbox/small", "hi"))).await;
    assert_eq!((stream.status.as_u16(), stream.header("ratelimit")), (200, "\"key-parallel\";r=0"));
    eventually("the stream has ended", async || running.used(&world, &limit) == 0).await;
}

async fn an_endpoint_s_own_limit_takes_the_place_of_the_one_for_all(world: World) {
    world.add_limit(world.of_key(LimitKind::Requests, 1)).await;
    let own = Limit { endpoint: Some(Endpoint::Embeddings), ..world.of_key(LimitKind::Requests, 2) };
    world.add_limit(own).await;
    let running = world.start().await;
    for _ in 0..2 {
        let answer = running.embed().await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("ratelimit-policy"), "\"key-requests-embeddings\";q=2;w=60");
    }
    assert_error(&running.embed().await, 429, "rate_limit_exceeded");
    let answer = running.small().await;
    assert_eq!((answer.status.as_u16(), answer.header("ratelimit-policy")), (200, "\"key-requests\";q=1;w=60"));
    assert_error(&running.small().await, 429, "rate_limit_exceeded");
}

async fn every_limit_above_a_call_lets_it_through_or_none_counts_it(world: World) {
    let of_key = world.add_limit(world.of_key(LimitKind::Requests, 2)).await;
    let whole = Scope::Organization(world.organization);
    let of_all = world.add_limit(world.limit(whole, LimitKind::Requests, 3)).await;
    let running = world.start().await;
    for _ in 0..2 {
        assert_eq!(running.small().await.status, 200);
    }
    for _ in 0..3 {
        let refused = running.small().await;
        assert_eq!(refused.json()["error"]["details"]["limit"], of_key.id.to_string());
        assert!(refused.header("ratelimit").starts_with("\"key-requests\";r=0"), "{refused:?}");
    }
    assert_eq!((running.used(&world, &of_key), running.used(&world, &of_all)), (2, 2));
    let (other, _) = world.add_key(Environment::Test).await;
    let bearer = format!("Bearer {}", other.expose());
    let call = async || {
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        let body = chat("sandbox/small", "hi").to_string();
        running.client.request(http::Method::POST, "/v1/chat/completions", &headers, body).await
    };
    assert_eq!(call().await.status, 200);
    let refused = call().await;
    assert_eq!(refused.json()["error"]["details"]["limit"], of_all.id.to_string());
    assert_eq!(refused.header("ratelimit-policy"), "\"organization-requests\";q=3;w=60");
}

async fn changes_are_in_force_at_once_and_what_was_used_stays_used(world: World) {
    let running = world.start().await;
    for _ in 0..3 {
        assert_eq!(running.small().await.status, 200);
    }
    let limit = world.add_limit(world.of_key(LimitKind::Requests, 1)).await;
    eventually("the limit is heard of", async || running.level(&world, &limit).is_some()).await;
    assert_eq!(running.small().await.status, 200);
    assert_eq!(running.small().await.status, 429);
    world.change_limit(&limit, Some(2)).await;
    eventually("the higher limit is in force", async || running.small().await.status == 200).await;
    assert_eq!(running.small().await.status, 429, "the first one still counts");
    world.change_limit(&limit, None).await;
    eventually("the limit is gone", async || running.level(&world, &limit).is_none()).await;
    let answer = running.small().await;
    assert_eq!((answer.status.as_u16(), answer.header("ratelimit")), (200, ""));
}

async fn what_a_budget_refuses_is_given_back_and_who_comes_too_often_hears_that_first(world: World) {
    let kinds = [LimitKind::Requests, LimitKind::Tokens, LimitKind::Parallel];
    let mut limits = Vec::new();
    for kind in kinds {
        limits.push(world.add_limit(world.of_key(kind, 100)).await);
    }
    world.add_tiny_budget().await;
    let running = world.start().await;
    let refused = running.small().await;
    assert_error(&refused, 402, "budget_exceeded");
    assert!(refused.header("ratelimit").contains("\"key-requests\";r=100;t=0"), "{refused:?}");
    assert_eq!([0, 1, 2].map(|n| running.used(&world, &limits[n])), [0, 0, 0]);
}

async fn a_call_that_never_reached_its_provider_used_no_tokens_but_was_made(world: World) {
    let upstream = Upstream::start(|_| answer("500 Internal Server Error", "", r#"{"error":{"message":"no"}}"#)).await;
    world.connect_upstream(&upstream).await;
    let kinds = [LimitKind::Requests, LimitKind::Tokens, LimitKind::Parallel];
    let mut limits = Vec::new();
    for kind in kinds {
        limits.push(world.add_limit(world.of_key(kind, 100)).await);
    }
    let running = world.start().await;
    let answer = running.client.chat(&chat("m", "hi")).await;
    assert_eq!(answer.status, 500);
    assert!(answer.header("ratelimit").contains("\"key-requests\";r=99"), "{answer:?}");
    assert_eq!([0, 1, 2].map(|n| running.used(&world, &limits[n])), [1, 0, 0]);
    drop(upstream);
}

#[tokio::test]
async fn what_the_journal_has_no_room_for_is_given_back() {
    let world = World::new().await;
    let requests = world.add_limit(world.of_key(LimitKind::Requests, 1_000_000)).await;
    let parallel = world.add_limit(world.of_key(LimitKind::Parallel, 1)).await;
    let journal = JournalSettings { segment_bytes: 300 << 10, max_bytes: 600 << 10, ..settings().journal };
    let running = world.start_with(Settings { journal, ..settings() }).await;
    let blocking = world.db.begin().await.unwrap();
    let (before, refused) = loop {
        let before = running.used(&world, &requests);
        let answer = running.small().await;
        match answer.status.as_u16() {
            200 => {}
            503 => break (before, answer),
            other => panic!("{other}"),
        }
    };
    assert_error(&refused, 503, "overloaded");
    assert!(refused.header("ratelimit").contains("\"key-parallel\";r=1"), "{refused:?}");
    assert!(running.used(&world, &requests) <= before);
    assert_eq!(running.used(&world, &parallel), 0);
    drop(blocking);
}
