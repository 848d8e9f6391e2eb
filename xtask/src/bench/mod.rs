//! `cargo xtask bench`: measurements of the release build, each beside its reference.
//!
//! One file a benchmark; the method and the last results are kept in `docs/benchmarks.md`.

mod gateway;

use anyhow::{Result, bail};

use crate::build;
use crate::setup::{self, Purpose};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Which benchmark
    name: String,
}

/// One measurement.
struct Bench {
    /// What one types.
    name: &'static str,
    /// Measures the release build that is there, and prints the figures.
    measure: fn() -> Result<()>,
}

const BENCHES: [Bench; 1] = [Bench { name: "gateway", measure: gateway::measure }];

/// Builds the release build and measures it.
pub(crate) fn bench(args: &Args) -> Result<()> {
    let Some(bench) = BENCHES.iter().find(|bench| bench.name == args.name) else {
        let names: Vec<_> = BENCHES.iter().map(|bench| bench.name).collect();
        bail!("no benchmark is named {}; there are: {}", args.name, names.join(", "));
    };
    setup::prepare(Purpose::Release)?;
    build::build(true)?;
    (bench.measure)()
}
