//! `cargo xtask bench`: measurements of the release build, each beside its reference.
//!
//! One file a benchmark; the method and the last results are kept in `docs/benchmarks.md`. A
//! benchmark fails when something is wrong, never because something is slow: timings depend on the
//! machine and on what else it does.

mod gateway;
mod inside;
mod keys;
mod limits;
mod nodes;
mod ssr;
mod wrk;
mod year;

use std::path::Path;

use anyhow::{Result, bail, ensure};

use crate::build;
use crate::process::find;
use crate::setup::{self, Purpose};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Which benchmark
    name: String,
    /// Measure the release build that is there, without building it first
    #[arg(long)]
    no_build: bool,
}

/// One measurement.
struct Bench {
    /// What one types.
    name: &'static str,
    /// What must be installed for it.
    needs: &'static [&'static str],
    /// Measures the release build that is there, and prints the figures.
    measure: fn() -> Result<()>,
}

const BENCHES: [Bench; 8] = [
    Bench { name: "gateway", needs: &["nginx", "wrk", "taskset"], measure: gateway::measure },
    Bench { name: "limits", needs: &["nginx", "wrk", "taskset", "redis-server"], measure: limits::measure },
    Bench { name: "nodes", needs: &["nginx", "wrk", "taskset", "redis-server"], measure: nodes::measure },
    Bench { name: "admission", needs: &[], measure: inside::admission },
    Bench { name: "ingest", needs: &[], measure: inside::ingest },
    Bench { name: "ssr", needs: &["wrk"], measure: ssr::measure },
    Bench { name: "keys", needs: &["wrk"], measure: keys::measure },
    Bench { name: "year", needs: &["wrk"], measure: year::measure },
];

/// Builds the release build and measures it.
pub(crate) fn bench(args: &Args) -> Result<()> {
    let Some(bench) = BENCHES.iter().find(|bench| bench.name == args.name) else {
        let names: Vec<_> = BENCHES.iter().map(|bench| bench.name).collect();
        bail!("no benchmark is named {}; there are: {}", args.name, names.join(", "));
    };
    for program in bench.needs {
        ensure!(
            find(program).is_some(),
            "{program} is missing: install Debian's packages nginx, wrk, redis-server and util-linux"
        );
    }
    // What is measured from inside is built by cargo itself.
    if !args.no_build && !bench.needs.is_empty() {
        setup::prepare(Purpose::Release)?;
        build::build(true)?;
    }
    (bench.measure)()
}

/// Measures in a folder that is removed afterwards, whatever the outcome.
fn in_a_folder<T>(measure: impl FnOnce(&Path) -> Result<T>) -> Result<T> {
    let folder = std::env::temp_dir().join(format!("turnpike-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let outcome = measure(&folder);
    // The folder is in the system's temporary place, which is emptied without us too.
    let _ = std::fs::remove_dir_all(&folder);
    outcome
}
