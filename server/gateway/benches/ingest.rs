//! How fast settled calls come from the journal into the books, on SQLite and on PostgreSQL.
#![allow(missing_docs, unreachable_pub, dead_code, unused_macros, clippy::unwrap_used, clippy::expect_used)]
#![allow(clippy::print_stdout, reason = "the figures are what it is for")]

#[path = "../../integrations/tests/integration/redis_server.rs"]
mod redis_server;
#[path = "../../store/tests/contract/scratch.rs"]
mod scratch;
#[path = "../tests/gateway/support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use bytes::Bytes;
use gateway::{
    Settings,
    bench::{settles, waiting},
};
use http::{HeaderMap, HeaderValue, header};
use scratch::Scratch;
use support::{Running, World, client::chat};

const CALLS: u32 = 200_000;
/// For how long half of what is possible is kept up.
const HALF: Duration = Duration::from_secs(5);

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    println!("| database | events per second | goal | lag at half of it |\n|---|---|---|---|");
    runtime.block_on(async {
        measure("SQLite", World::new().await).await;
        if let Some(scratch) = Scratch::postgres().await {
            scratch.migrated().await.run(|db| async { measure("PostgreSQL", World::shared(db).await).await }).await;
        }
    });
}

async fn measure(database: &str, world: World) {
    let defaults = Settings::default();
    let settings = Settings { private_upstreams_allowed: true, ..defaults };
    let running = world.start_with(settings).await;
    let call = Call::of(&world);
    // The first calls find caches cold.
    call.make(&running, 2_000, None).await;
    at_rest(&running).await;
    let begun = Instant::now();
    call.make(&running, CALLS, None).await;
    at_rest(&running).await;
    let rate = f64::from(CALLS) / begun.elapsed().as_secs_f64();
    let half = rate / 2.0;
    call.make(&running, (half * HALF.as_secs_f64()) as u32, Some(half)).await;
    let ended = Instant::now();
    at_rest(&running).await;
    println!("| {database} | {rate:.0} | ≥ 20000 | {} ms |", ended.elapsed().as_millis());
}

async fn at_rest(running: &Running) {
    while waiting(&running.gateway) > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

struct Call {
    headers: HeaderMap,
    body: Bytes,
}

impl Call {
    fn of(world: &World) -> Self {
        let mut headers = HeaderMap::new();
        let key = HeaderValue::try_from(format!("Bearer {}", world.key.expose())).unwrap();
        headers.insert(header::AUTHORIZATION, key);
        Self { headers, body: Bytes::from(chat("sandbox/small", "What is the capital of France?").to_string()) }
    }

    /// Settles so many calls, as fast as it goes or at a rate per second.
    async fn make(&self, running: &Running, calls: u32, rate: Option<f64>) {
        let begun = Instant::now();
        for n in 0..calls {
            // A full journal refuses; what waits makes room.
            while !settles(&running.gateway, &self.headers, &self.body).await {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            if let Some(rate) = rate.filter(|_| n.is_multiple_of(64)) {
                let due = Duration::from_secs_f64(f64::from(n) / rate);
                tokio::time::sleep(due.saturating_sub(begun.elapsed())).await;
            } else if n.is_multiple_of(256) {
                tokio::task::yield_now().await;
            }
        }
    }
}
