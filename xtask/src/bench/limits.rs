//! The gateway with six rate limits and four hard budgets above each call, beside itself without; and with
//! the limits in a Redis.
//!
//! Three installations take turns on one core, with the load generator, the upstream and the Redis on the
//! other.

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};

use super::gateway::{Installation, Load, Nginx, cpu_us};
use super::in_a_folder;
use super::wrk::median;
use crate::process::{command, free_port, stop};

const LOAD_CORE: &str = "0";
const MEASURED_CORE: &str = "1";
const ROUNDS: usize = 5;
const SECONDS: u32 = 8;
const CONNECTIONS: u32 = 64;
/// How long after a run its last events are waited for, so that recording them counts too.
const REST: Duration = Duration::from_millis(500);
/// What should be reached of the throughput without, and with the limits in Redis.
const LEAST: f64 = 0.9;
const LEAST_WITH_REDIS: f64 = 0.6;

/// Measures and prints the table.
pub(crate) fn measure() -> Result<()> {
    println!("{}", in_a_folder(measure_in)?);
    Ok(())
}

fn measure_in(folder: &Path) -> Result<String> {
    let upstream = free_port()?;
    let _upstream = Nginx::upstream(folder, upstream, LOAD_CORE)?;
    let redis = Redis::start(folder)?;
    let start = |name: &str, settings: &[(&str, &str)]| {
        let folder = folder.join(name);
        std::fs::create_dir_all(&folder)?;
        let side = Installation::start_with(&folder, upstream, MEASURED_CORE, settings)?;
        let load = Load::new(&folder, side.key())?;
        Ok::<_, anyhow::Error>((side, load))
    };
    let url = redis.url();
    let sides = [start("free", &[])?, start("bound", &[])?, start("redis", &[("TURNPIKE_REDIS_URL", &url)])?];
    for (side, _) in &sides[1..] {
        side.bound()?;
    }
    for (side, load) in &sides {
        load.run(side.port(), CONNECTIONS, 1)?;
    }
    let mut rates: [Vec<f64>; 3] = Default::default();
    let mut costs: [Vec<f64>; 3] = Default::default();
    for _ in 0..ROUNDS {
        for ((side, load), (rates, costs)) in sides.iter().zip(rates.iter_mut().zip(&mut costs)) {
            let begun = cpu_us(side.id())?;
            let run = load.run(side.port(), CONNECTIONS, SECONDS)?;
            std::thread::sleep(REST);
            rates.push(run.per_second);
            costs.push((cpu_us(side.id())? - begun) / run.answers as f64);
        }
    }
    let ([free, bound, shared], [cpu, bound_cpu, shared_cpu]) = (rates.map(median), costs.map(median));
    Ok(format!(
        "| figure | without | with six limits and four hard budgets | ratio | the limits in Redis | ratio |\n\
         |---|---|---|---|---|---|\n\
         | requests per second, {CONNECTIONS} connections (goals ≥ {LEAST} and ≥ {LEAST_WITH_REDIS}) \
         | {free:.0} | {bound:.0} | {:.2} | {shared:.0} | {:.2} |\n\
         | CPU per call | {cpu:.0} µs | {bound_cpu:.0} µs | {:.2} | {shared_cpu:.0} µs | {:.2} |",
        bound / free,
        shared / free,
        bound_cpu / cpu,
        shared_cpu / cpu
    ))
}

/// A Redis on the core of the load generator.
pub(super) struct Redis {
    server: Child,
    port: u16,
}

impl Redis {
    pub(super) fn start(folder: &Path) -> Result<Self> {
        let port = free_port()?;
        let server = command("taskset")
            .args(["-c", LOAD_CORE, "redis-server", "--bind", "127.0.0.1", "--save", "", "--port", &port.to_string()])
            .arg("--dir")
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .context("cannot start redis-server")?;
        Ok(Self { server, port })
    }

    pub(super) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        stop(&mut self.server, "TERM", Duration::from_secs(5));
    }
}
