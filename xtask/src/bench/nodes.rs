//! How much two nodes on one PostgreSQL database and one Redis take, with limits and budgets above each
//! call.
//!
//! Everything shares the machine: two load generators, two nodes, the upstream, the database and the
//! Redis.

use std::path::Path;

use anyhow::{Context, Result};

use super::gateway::{Installation, Load, Nginx};
use super::in_a_folder;
use super::limits::Redis;
use super::wrk::{Measured, median};
use crate::process::free_port;
use crate::services::postgres::Postgres;
use crate::setup;

const ALL_CORES: &str = "0,1";
const ROUNDS: usize = 3;
const SECONDS: u32 = 10;
/// To each node.
const CONNECTIONS: u32 = 32;

/// Measures and prints the table.
pub(crate) fn measure() -> Result<()> {
    println!("{}", in_a_folder(measure_in)?);
    Ok(())
}

fn measure_in(folder: &Path) -> Result<String> {
    setup::prepare_unit_tests()?;
    let postgres = Postgres::fresh()?;
    let (redis, upstream) = (Redis::start(folder)?, free_port()?);
    let _upstream = Nginx::upstream(folder, upstream, ALL_CORES)?;
    let (redis, key) = (redis.url(), folder.join("data/master.key").display().to_string());
    let shared = [("TURNPIKE_DATABASE_URL", postgres.url()), ("TURNPIKE_REDIS_URL", redis.as_str())];
    let one = Installation::start_with(folder, upstream, ALL_CORES, &shared)?;
    one.bound()?;
    let settings = [shared[0], shared[1], ("TURNPIKE_MASTER_KEY_FILE", key.as_str())];
    let other = one.beside(folder, ALL_CORES, &settings)?;
    let load = Load::new(folder, one.key())?;
    let both = |seconds: u32| -> Result<[Measured; 2]> {
        std::thread::scope(|scope| {
            let running =
                [&one, &other].map(|node| scope.spawn(|| load.run_anywhere(node.port(), CONNECTIONS, seconds)));
            let [first, second] = running.map(|run| run.join().ok().context("a load generator panicked")?);
            Ok([first?, second?])
        })
    };
    both(1)?;
    let runs = (0..ROUNDS).map(|_| both(SECONDS)).collect::<Result<Vec<_>>>()?;
    let of = |figure: fn(&[Measured; 2]) -> f64| median(runs.iter().map(figure).collect());
    let a_minute = of(|[first, second]| (first.per_second + second.per_second) * 60.0);
    let wait = of(|[first, second]| f64::midpoint(first.median_us, second.median_us)) / 1e3;
    let p99 = of(|[first, second]| first.p99_us.max(second.p99_us)) / 1e3;
    Ok(format!(
        "| figure | measured | goal |\n|---|---|---|\n| requests a minute on two nodes, as many as go | {a_minute:.0} | ≥ 10000 |\n\
         | median wait then | {wait:.1} ms | |\n| 99 of 100 waited less than | {p99:.1} ms | p95 < 500 ms |"
    ))
}
