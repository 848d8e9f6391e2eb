//! `cargo xtask setup`: everything that the other commands need, each step skipped when done.

mod browser;
mod node;
pub(crate) mod packages;
mod postgres;
mod python;
mod redis;
mod rust_source;
mod tools;
mod wasm_target;

use anyhow::Result;
use clap::ValueEnum;

/// What someone is about to do; later ones include the earlier.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Purpose {
    /// Build and serve for development: neither Node nor a browser
    Run,
    /// Build for release
    Release,
    /// Everything, with the browser, PostgreSQL and Redis for the tests
    Test,
}

/// Brings the machine to where `purpose` works.
pub(crate) fn prepare(purpose: Purpose) -> Result<()> {
    wasm_target::ensure()?;
    tools::ensure_wasm_bindgen()?;
    tools::ensure_cargo_leptos()?;
    if purpose >= Purpose::Release {
        tools::ensure_wasm_opt()?;
    }
    if purpose >= Purpose::Test {
        prepare_unit_tests()?;
        prepare_browser_tests()?;
    }
    Ok(())
}

/// What clippy needs beyond the compiler: the portal is checked for the browser's target too.
pub(crate) fn prepare_lint() -> Result<()> {
    wasm_target::ensure()
}

/// What the contract tests need beyond the compiler.
pub(crate) fn prepare_unit_tests() -> Result<()> {
    postgres::ensure()?;
    redis::ensure()
}

/// What the browser tests need beyond a release build.
pub(crate) fn prepare_browser_tests() -> Result<()> {
    node::ensure()?;
    python::ensure()?;
    browser::ensure()
}
