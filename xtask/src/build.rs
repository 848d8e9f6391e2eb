//! `cargo xtask build`: server and portal in one go.

use anyhow::{Context, Result};

use crate::process::{command, run};
use crate::setup::{self, Purpose};
use crate::site;
use crate::weight;
use crate::workspace::SITE_PKG;

/// Installs what is missing, builds, and shows what a release build weighs.
pub(crate) fn prepare_and_build(release: bool) -> Result<()> {
    let purpose = if release { Purpose::Release } else { Purpose::Run };
    setup::prepare(purpose)?;
    build(release)?;
    if release {
        weight::report_files()?;
    }
    Ok(())
}

/// Builds with what is installed. Pages are split off the main WASM, also in development: a lazy
/// route that was not split off does not load. A release build's files are made small once, here,
/// instead of on every request.
pub(crate) fn build(release: bool) -> Result<()> {
    let mut cargo = command("cargo");
    // The pages of an earlier build have other names, and would be sent and weighed for ever.
    let _ = std::fs::remove_dir_all(SITE_PKG);
    // A failed build is the compiler's message; where in cargo-leptos that surfaced helps nobody.
    cargo.args(["leptos", "build", "--split"]).env("RUST_BACKTRACE", "0");
    if release {
        cargo.arg("--release");
    }
    run(&mut cargo).context("the build failed; its own message is above")?;
    if release { site::make_small() } else { Ok(()) }
}
