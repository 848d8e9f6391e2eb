//! What can only be measured from inside the gateway: its own benchmarks, run by cargo.

use anyhow::Result;

use crate::process::{command, run};
use crate::services::postgres::{Postgres, URL_VARIABLE};
use crate::setup;

/// How long a call takes until it may be forwarded, without and with limits and budgets above it.
pub(super) fn admission() -> Result<()> {
    cargo_bench("admission")
}

/// How fast settled calls come from the journal into the books, on either database.
pub(super) fn ingest() -> Result<()> {
    cargo_bench("ingest")
}

fn cargo_bench(name: &str) -> Result<()> {
    setup::prepare_unit_tests()?;
    let postgres = Postgres::provided()?;
    let mut cargo = command("cargo");
    cargo.args(["bench", "--quiet", "--package", "gateway", "--features", "bench", "--bench", name]);
    run(cargo.env(URL_VARIABLE, postgres.url()))
}
