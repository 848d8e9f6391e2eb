//! Two nodes on one PostgreSQL database, one of which is killed, and the database's connections too.

use std::{
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
use crate::scratch::{Scratch, execute};

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

/// Kills one node after the other under load on both, and the database in between.
pub(super) async fn crash(rounds: u32) {
    on_postgres(|db, url| async move {
        let mut nodes = [Program::on(&url), Program::on(&url)];
        let token = nodes[0].bootstrap();
        nodes[1] = nodes[0].beside("other");
        for node in &mut nodes {
            node.start().await;
        }
        let new = json!({ "name": "crash", "environment": "test" });
        let key = nodes[0].api(&token, "POST", "/api/v1/keys", Some(new)).await["secret"].as_str().unwrap().to_owned();
        let seen = Arc::new(Mutex::new(Seen::default()));
        for round in 0..rounds {
            let stop = Arc::new(AtomicBool::new(false));
            let clients = (0..crash::CLIENTS).flat_map(|client| {
                nodes
                    .each_ref()
                    .map(|node| tokio::spawn(crash::call_on(node, &key, client, seen.clone(), stop.clone())))
            });
            let load: Vec<_> = clients.collect();
            tokio::time::sleep(Duration::from_millis(400 + u64::from(round) * 137 % 900)).await;
            if round % 3 == 2 {
                interrupt(&db).await;
            }
            let killed = &mut nodes[round as usize % 2];
            killed.kill();
            tokio::time::sleep(Duration::from_millis(200)).await;
            stop.store(true, Ordering::Relaxed);
            for client in load {
                client.await.unwrap();
            }
            killed.start().await;
        }
        // What the other node answered last is on its way into the books.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let events = crash::all_events(&nodes[0], &token).await;
        crash::judge(&seen.lock().unwrap(), &events, rounds);
        for node in &nodes {
            assert!(node.run("doctor", &[]).ends_with("0 differences\n"), "the books are the sums of the events");
            assert!(!node.log().contains("panicked"), "{}", node.log());
        }
    })
    .await;
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

/// A crowd spends a hard budget on two nodes, one of which is killed and comes back.
pub(super) async fn overspend(cents: i64) {
    on_postgres(|db, url| async move {
        let mut one = Program::on(&url);
        let token = one.bootstrap();
        let mut other = one.beside("other");
        one.start().await;
        other.start().await;
        for bounded in [false, true] {
            let Purse { name, key, path } = Purse::fill(&one, &token, bounded, cents).await;
            let crowd = (0..overspend::CLIENTS).map(|client| {
                let node = if client % 2 == 0 { &one } else { &other };
                tokio::spawn(overspend::spend(node, &key, bounded, true))
            });
            let crowd: Vec<_> = crowd.collect();
            tokio::time::sleep(Duration::from_millis(400)).await;
            other.kill();
            interrupt(&db).await;
            other.start().await;
            let mut answered = 0;
            for client in crowd {
                answered += client.await.unwrap();
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
            let budget = one.api(&token, "GET", &path, None).await;
            overspend::judge(name, answered, overspend::nanos(&budget["spent"]), cents);
            let said: Value = serde_json::from_str(&one.run("doctor", &["--json"])).unwrap();
            assert_eq!(said["differences"], json!([]), "{said}");
        }
        for node in [&one, &other] {
            assert!(!node.log().contains("panicked"), "{}", node.log());
        }
    })
    .await;
}
