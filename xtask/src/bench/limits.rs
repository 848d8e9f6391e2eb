//! The gateway with six rate limits and four hard budgets above each call, beside itself without.
//!
//! Two installations take turns on one core, with the load generator and the upstream on the other.

use std::path::Path;

use anyhow::Result;

use super::gateway::{Installation, Load, Nginx, cpu_us};
use super::wrk::median;
use crate::process::free_port;

const LOAD_CORE: &str = "0";
const MEASURED_CORE: &str = "1";
const ROUNDS: usize = 5;
const SECONDS: u32 = 8;
const CONNECTIONS: u32 = 64;
/// How long after a run its last events are waited for, so that recording them counts too.
const REST: std::time::Duration = std::time::Duration::from_millis(500);
/// What should be reached of the throughput without.
const LEAST: f64 = 0.9;

/// Measures and prints the table.
pub(crate) fn measure() -> Result<()> {
    let folder = std::env::temp_dir().join(format!("turnpike-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let outcome = measure_in(&folder);
    // The folder is in the system's temporary place, which is emptied without us too.
    let _ = std::fs::remove_dir_all(&folder);
    println!("{}", outcome?);
    Ok(())
}

fn measure_in(folder: &Path) -> Result<String> {
    let upstream = free_port()?;
    let _upstream = Nginx::upstream(folder, upstream, LOAD_CORE)?;
    let [free, bound] = ["free", "bound"].map(|name| folder.join(name));
    std::fs::create_dir_all(&free)?;
    std::fs::create_dir_all(&bound)?;
    let without = Installation::start(&free, upstream, MEASURED_CORE)?;
    let with = Installation::start(&bound, upstream, MEASURED_CORE)?;
    with.bound()?;
    let sides = [(&without, Load::new(&free, without.key())?), (&with, Load::new(&bound, with.key())?)];
    for (side, load) in &sides {
        load.run(side.port(), CONNECTIONS, 1)?;
    }
    let mut rates: [Vec<f64>; 2] = Default::default();
    let mut costs: [Vec<f64>; 2] = Default::default();
    for _ in 0..ROUNDS {
        for ((side, load), (rates, costs)) in sides.iter().zip(rates.iter_mut().zip(&mut costs)) {
            let begun = cpu_us(side.id())?;
            let run = load.run(side.port(), CONNECTIONS, SECONDS)?;
            std::thread::sleep(REST);
            rates.push(run.per_second);
            costs.push((cpu_us(side.id())? - begun) / run.answers as f64);
        }
    }
    let ([without, with], [cpu_without, cpu_with]) = (rates.map(median), costs.map(median));
    Ok(format!(
        "| figure | without | with six limits and four hard budgets | ratio | goal |\n|---|---|---|---|---|\n\
         | requests per second, {CONNECTIONS} connections | {without:.0} | {with:.0} | {:.2} | ≥ {LEAST} |\n\
         | CPU per call | {cpu_without:.0} µs | {cpu_with:.0} µs | {:.2} | |",
        with / without,
        cpu_with / cpu_without
    ))
}
