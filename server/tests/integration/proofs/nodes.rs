//! Two nodes on one PostgreSQL database, alone and with a Redis beside it, while each of the four is killed.

use std::{
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use http::{Request, header};
use http_body_util::Full;
use serde_json::{Value, json};
use store::Db;

use super::{
    crash::{self, Seen},
    overspend::{self, Purse},
    program::Program,
};
use crate::{
    redis_server::RedisServer,
    scratch::{Scratch, URL_VARIABLE, execute, number},
};

/// The whole of it for as long as one test, and a way to the database past the program.
pub(super) async fn on_postgres<F: Future<Output = ()>>(body: impl FnOnce(Db, String) -> F) {
    let scratch = Scratch::postgres().await.expect("TURNPIKE_TEST_POSTGRES_URL names the server to prove it on");
    let url = scratch.url.clone();
    scratch.empty().await.run(|db| body(db, url)).await;
}

/// Ends every connection to the database but ours, again and again for a while: it can't be used, as
/// when its server is started anew.
async fn interrupt(db: &Db) {
    const END: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    for _ in 0..50 {
        execute(db, END).await.unwrap();
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
}

/// Kills a process of the database's server, which takes that for damage to the memory they share: it ends
/// all of them, and recovers from its log what was committed.
async fn crash_postgres(db: &Db) {
    let process = number(db, "SELECT pg_backend_pid()::bigint").await.to_string();
    let named = Command::new("ps").args(["-o", "comm=", "-p", &process]).output().unwrap().stdout;
    // The server named for tests may be another machine's, whose numbers mean something else here.
    assert!(String::from_utf8_lossy(&named).contains("postgres"), "{URL_VARIABLE} names no server of this machine");
    assert!(Command::new("kill").args(["-KILL", &process]).status().unwrap().success());
}

async fn recovered(db: &Db) {
    for _ in 0..200 {
        if execute(db, "SELECT 1").await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("PostgreSQL did not recover");
}

/// What is killed besides a node, in turn.
#[derive(Clone, Copy)]
enum Victim {
    Nothing,
    Redis,
    Connections,
    Postgres,
}

const VICTIMS: [Victim; 4] = [Victim::Postgres, Victim::Redis, Victim::Connections, Victim::Nothing];

/// Two nodes, and what they share.
struct Stage {
    db: Db,
    nodes: [Program; 2],
    redis: Option<RedisServer>,
    token: String,
}

impl Stage {
    async fn set(db: Db, url: &str, redis: Option<RedisServer>) -> Self {
        // What a server for tests may forget when it crashes must not look like what we lose.
        execute(
            &db,
            "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET synchronous_commit = on'; END $$",
        )
        .await
        .unwrap();
        let one = Program::on(url).with_redis(redis.as_ref().map(RedisServer::url));
        let token = one.bootstrap();
        let other = one.beside("other");
        let mut nodes = [one, other];
        for node in &mut nodes {
            node.start().await;
        }
        Self { db, nodes, redis, token }
    }

    /// Has every call of a key ask for limits that are never reached.
    async fn limit(&self, key: &str) {
        for kind in ["requests_per_minute", "tokens_per_minute", "parallel_requests"] {
            let limit =
                json!({ "scope": { "key": key }, "environment": "test", "kind": kind, "amount": 1_000_000_000 });
            self.nodes[0].api(&self.token, "POST", "/api/v1/limits", Some(limit)).await;
        }
    }

    /// Kills a node and what else there is to kill, and has all come back.
    async fn strike(&mut self, node: usize, victim: Victim) {
        match victim {
            Victim::Nothing => {}
            Victim::Redis => self.redis.iter_mut().for_each(RedisServer::kill),
            Victim::Connections => interrupt(&self.db).await,
            Victim::Postgres => {
                crash_postgres(&self.db).await;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        self.nodes[node].kill();
        tokio::time::sleep(Duration::from_millis(200)).await;
        recovered(&self.db).await;
        if let (Victim::Redis, Some(redis)) = (victim, &mut self.redis) {
            redis.start_again().await;
        }
    }

    fn end(self) {
        for node in &self.nodes {
            let said: Value = serde_json::from_str(&node.run("doctor", &["--json"])).unwrap();
            assert_eq!(said["differences"], json!([]), "{said}");
            assert!(!node.log().contains("panicked"), "{}", node.log());
        }
    }
}

/// Kills one node after the other under load on both, and what they share in between.
pub(super) async fn crash(rounds: u32) {
    crash_with(rounds, None).await;
    if let Some(redis) = RedisServer::start().await {
        crash_with(rounds, Some(redis)).await;
    }
}

async fn crash_with(rounds: u32, redis: Option<RedisServer>) {
    println!("{}", with(redis.as_ref()));
    on_postgres(|db, url| async move {
        let mut stage = Stage::set(db, &url, redis).await;
        let new = json!({ "name": "crash", "environment": "test" });
        let key = stage.nodes[0].api(&stage.token, "POST", "/api/v1/keys", Some(new)).await;
        stage.limit(key["id"].as_str().unwrap()).await;
        let key = key["secret"].as_str().unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        for (round, victim) in (0..rounds).zip(VICTIMS.into_iter().cycle()) {
            let stop = Arc::new(AtomicBool::new(false));
            let clients = (0..crash::CLIENTS).flat_map(|client| {
                let call_on = |node| tokio::spawn(crash::call_on(node, key, client, seen.clone(), stop.clone()));
                stage.nodes.each_ref().map(call_on)
            });
            let load: Vec<_> = clients.collect();
            tokio::time::sleep(Duration::from_millis(400 + u64::from(round) * 137 % 900)).await;
            let node = round as usize % 2;
            stage.strike(node, victim).await;
            stop.store(true, Ordering::Relaxed);
            for client in load {
                client.await.unwrap();
            }
            stage.nodes[node].start().await;
        }
        // What the other node answered last is on its way into the books.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let events = crash::all_events(&stage.nodes[0], &stage.token).await;
        crash::judge(&seen.lock().unwrap(), &events, rounds);
        stage.end();
    })
    .await;
}

fn with(redis: Option<&RedisServer>) -> &'static str {
    if redis.is_some() { "PostgreSQL and Redis" } else { "PostgreSQL alone" }
}

/// A key that is revoked on one node is refused by the other within moments, again and again.
pub(super) async fn news(times: usize) {
    on_postgres(|_, url| async move {
        let mut one = Program::on(&url);
        let token = one.bootstrap();
        let mut other = one.beside("other");
        one.start().await;
        other.start().await;
        let mut waits = Vec::new();
        for _ in 0..times {
            let new = json!({ "name": "revoked", "environment": "test" });
            let key = one.api(&token, "POST", "/api/v1/keys", Some(new)).await;
            let secret = key["secret"].as_str().unwrap().to_owned();
            // The other has it in memory.
            assert_eq!(models(&other, &secret).await, 200);
            let path = format!("/api/v1/keys/{}/revoke", key["id"].as_str().unwrap());
            one.api(&token, "POST", &path, None).await;
            let revoked = Instant::now();
            while models(&other, &secret).await != 401 {
                assert!(revoked.elapsed() < Duration::from_secs(5), "the other node never heard of it");
            }
            waits.push(revoked.elapsed());
        }
        waits.sort_unstable();
        let (median, most) = (waits[times / 2], waits[times - 1]);
        println!("{times} keys revoked: refused by the other node after {median:.1?} as a rule, {most:.1?} at most");
    })
    .await;
}

async fn models(program: &Program, key: &str) -> u16 {
    let request = Request::get(program.url("/v1/models")).header(header::AUTHORIZATION, format!("Bearer {key}"));
    program.send(request.body(Full::default()).unwrap()).await.unwrap().status().as_u16()
}

/// A crowd spends a hard budget on two nodes, one of which is killed and comes back, as what they share does.
pub(super) async fn overspend(cents: i64) {
    overspend_with(cents, None).await;
    if let Some(redis) = RedisServer::start().await {
        overspend_with(cents, Some(redis)).await;
    }
}

async fn overspend_with(cents: i64, redis: Option<RedisServer>) {
    println!("{}", with(redis.as_ref()));
    on_postgres(|db, url| async move {
        let mut stage = Stage::set(db, &url, redis).await;
        for (bounded, victim) in [(false, Victim::Postgres), (true, Victim::Connections), (true, Victim::Redis)] {
            let purse = Purse::fill(&stage.nodes[0], &stage.token, bounded, cents).await;
            stage.limit(&purse.key_id).await;
            let crowd = (0..overspend::CLIENTS)
                .map(|client| tokio::spawn(overspend::spend(&stage.nodes[client % 2], &purse.key, bounded, true)));
            let crowd: Vec<_> = crowd.collect();
            tokio::time::sleep(Duration::from_millis(400)).await;
            stage.strike(1, victim).await;
            stage.nodes[1].start().await;
            let mut answered = 0;
            for client in crowd {
                answered += client.await.unwrap();
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
            let budget = stage.nodes[0].api(&stage.token, "GET", &purse.path, None).await;
            overspend::judge(purse.name, answered, overspend::nanos(&budget["spent"]), cents);
        }
        stage.end();
    })
    .await;
}
