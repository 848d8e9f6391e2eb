//! The gateway beside nginx's `proxy_pass`: the same upstream, the same load, one core each.
//!
//! Core 0 has the load generator and the upstream, core 1 what is measured. The upstream is nginx
//! answering every request with the same chat completion, so that what differs is what is between.

mod installation;
mod load;
mod nginx;

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::process::{find, free_port};
use installation::Installation;
use load::{Load, Measured};
use nginx::Nginx;

/// The core of the load generator and the upstream.
const LOAD_CORE: &str = "0";
/// The core of what is measured.
const MEASURED_CORE: &str = "1";
/// How often each side is measured under load, in turn; the better one counts, because whatever
/// else runs on the machine can only slow a side down.
const ROUNDS: usize = 3;
const SECONDS: u32 = 8;
const CONNECTIONS: u32 = 64;
/// After how many calls the memory is looked at.
const CALLS: u64 = 200_000;
/// What must be reached.
const LEAST_THROUGHPUT: f64 = 0.6;
const MOST_ADDED_LATENCY: f64 = 1.5;
const MOST_MEMORY_MB: f64 = 100.0;

/// Measures, prints the table, and fails when a figure is missed.
pub(crate) fn measure() -> Result<()> {
    for program in ["nginx", "wrk", "taskset"] {
        ensure!(find(program).is_some(), "{program} is missing: install Debian's packages nginx, wrk and util-linux");
    }
    let folder = std::env::temp_dir().join(format!("turnpike-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let outcome = measure_in(&folder);
    // The folder is in the system's temporary place, which is emptied without us too.
    let _ = std::fs::remove_dir_all(&folder);
    let figures = outcome?;
    println!("{}", figures.table()?);
    figures.check()
}

fn measure_in(folder: &Path) -> Result<Figures> {
    let upstream = free_port()?;
    let _upstream = Nginx::upstream(folder, upstream, LOAD_CORE)?;
    let proxy = free_port()?;
    let nginx = Nginx::proxy(folder, proxy, upstream, MEASURED_CORE)?;
    let turnpike = Installation::start(folder, upstream, MEASURED_CORE)?;
    let load = Load::new(folder, turnpike.key(), LOAD_CORE)?;

    let mut answered = load.run(turnpike.port(), CONNECTIONS, 1)?.answers;
    load.run(proxy, CONNECTIONS, 1)?;
    let mut best = [Measured::default(); 2];
    for _ in 0..ROUNDS {
        let measured = [load.run(proxy, CONNECTIONS, SECONDS)?, load.run(turnpike.port(), CONNECTIONS, SECONDS)?];
        answered += measured[1].answers;
        for (best, measured) in best.iter_mut().zip(measured) {
            if measured.per_second > best.per_second {
                *best = measured;
            }
        }
    }
    let alone = [upstream, proxy, turnpike.port()].map(|port| load.run(port, 1, SECONDS));
    let [direct, through_nginx, through_turnpike] = alone;
    let latency = [direct?.median_us, through_nginx?.median_us];
    let last = through_turnpike?;
    answered += last.answers;
    drop(nginx);
    while answered < CALLS {
        answered += load.run(turnpike.port(), CONNECTIONS, SECONDS)?.answers;
    }
    let events = turnpike.events_at_rest()?;
    Ok(Figures {
        throughput: best,
        latency: [latency[0], latency[1], last.median_us],
        memory_mb: turnpike.memory_mb()?,
        answered,
        events,
    })
}

struct Figures {
    /// nginx, Turnpike.
    throughput: [Measured; 2],
    /// Median microseconds at one connection: direct, through nginx, through Turnpike.
    latency: [f64; 3],
    memory_mb: f64,
    answered: u64,
    events: u64,
}

impl Figures {
    fn throughput_ratio(&self) -> f64 {
        self.throughput[1].per_second / self.throughput[0].per_second
    }

    fn latency_ratio(&self) -> f64 {
        let [direct, nginx, turnpike] = self.latency;
        (turnpike - direct) / (nginx - direct)
    }

    fn table(&self) -> Result<String> {
        let mut table = String::new();
        let [nginx, turnpike] = &self.throughput;
        let [direct, through_nginx, through_turnpike] = self.latency;
        writeln!(table, "| figure | nginx `proxy_pass` | Turnpike | ratio | goal |\n|---|---|---|---|---|")?;
        writeln!(
            table,
            "| requests per second, {CONNECTIONS} connections | {:.0} | {:.0} | {:.2} | ≥ {LEAST_THROUGHPUT} |",
            nginx.per_second,
            turnpike.per_second,
            self.throughput_ratio()
        )?;
        writeln!(
            table,
            "| median latency, {CONNECTIONS} connections | {:.0} µs | {:.0} µs | {:.2} | |",
            nginx.median_us,
            turnpike.median_us,
            turnpike.median_us / nginx.median_us
        )?;
        writeln!(
            table,
            "| added median latency, 1 connection (direct: {direct:.0} µs) | {:.0} µs | {:.0} µs | {:.2} | ≤ {MOST_ADDED_LATENCY} |",
            through_nginx - direct,
            through_turnpike - direct,
            self.latency_ratio()
        )?;
        writeln!(
            table,
            "| memory after {} calls | | {:.0} MB | | < {MOST_MEMORY_MB} MB |",
            self.answered, self.memory_mb
        )?;
        write!(table, "| answers received / events of answered calls | | {} / {} | | ≥ |", self.answered, self.events)?;
        Ok(table)
    }

    fn check(&self) -> Result<()> {
        // A call that was answered while the load generator stopped has its event too, but its
        // answer is not counted by the generator.
        ensure!(self.events >= self.answered, "{} answers have no event", self.answered - self.events);
        ensure!(self.throughput_ratio() >= LEAST_THROUGHPUT, "the throughput's goal is missed");
        ensure!(self.latency_ratio() <= MOST_ADDED_LATENCY, "the latency's goal is missed");
        ensure!(self.memory_mb < MOST_MEMORY_MB, "the memory's goal is missed");
        Ok(())
    }
}

/// Writes a file and says which, if it fails.
fn write_file(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
