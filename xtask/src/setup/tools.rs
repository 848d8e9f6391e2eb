//! The build tools beside cargo: wasm-bindgen, cargo-leptos and wasm-opt.

use anyhow::{Context, Result};

use super::node;
use crate::process::{command, find, output, run};
use crate::progress::Step;
use crate::workspace;

/// Newer ones of the same series work too; this is the newest that installs with our compiler.
const CARGO_LEPTOS: &str = "0.3.8";
const CARGO_LEPTOS_SERIES: &str = "0.3.";

/// wasm-bindgen's program must be of exactly the version of its library.
pub(super) fn ensure_wasm_bindgen() -> Result<()> {
    let wanted = workspace::locked_version("wasm-bindgen")?;
    let mut step = Step::begin("wasm-bindgen");
    let installed = version_of("wasm-bindgen");
    if installed.as_deref() == Some(&wanted) {
        step.present(&wanted);
        return Ok(());
    }
    step.note(&format!("installing {wanted}, about two minutes"));
    // Another version may be there for another project: leave it alone, and keep ours here.
    let place = match installed {
        Some(_) => Place::Workspace,
        None => Place::Person,
    };
    install("wasm-bindgen-cli", &wanted, place)?;
    step.done();
    Ok(())
}

/// cargo-leptos builds server and portal in one go.
pub(super) fn ensure_cargo_leptos() -> Result<()> {
    let mut step = Step::begin("cargo-leptos");
    let installed = version_of("cargo-leptos");
    if let Some(version) = &installed
        && version.starts_with(CARGO_LEPTOS_SERIES)
    {
        step.present(version);
        return Ok(());
    }
    step.note(&format!("installing {CARGO_LEPTOS}, about ten minutes unless `cargo binstall` is there"));
    let place = match installed {
        Some(_) => Place::Workspace,
        None => Place::Person,
    };
    install("cargo-leptos", CARGO_LEPTOS, place)?;
    step.done();
    Ok(())
}

/// wasm-opt makes the release build's WASM small.
pub(super) fn ensure_wasm_opt() -> Result<()> {
    if let Some(found) = find("wasm-opt") {
        Step::begin("wasm-opt").present(&found.display().to_string());
        return Ok(());
    }
    if node::available() {
        return node::ensure();
    }
    Step::begin("wasm-opt").skipped("no Node.js: cargo-leptos downloads its own");
    Ok(())
}

/// Where a tool goes.
#[derive(Clone, Copy)]
enum Place {
    /// Among the person's cargo programs.
    Person,
    /// Into the workspace's own target folder.
    Workspace,
}

fn install(package: &str, version: &str, place: Place) -> Result<()> {
    if find("cargo-binstall").is_some() && cargo("binstall", package, version, place, &["-y"]).is_ok() {
        return Ok(());
    }
    if cargo("install", package, version, place, &["--locked"]).is_ok() {
        return Ok(());
    }
    // The lock file that a tool was published with can name a crate that the registry withdrew.
    cargo("install", package, version, place, &[])
        .with_context(|| format!("{package} {version} could not be installed; see above"))
}

fn cargo(verb: &str, package: &str, version: &str, place: Place, more: &[&str]) -> Result<()> {
    let mut cargo = command("cargo");
    cargo
        .args([verb, package, "--version", version])
        .args(more)
        // These tools run for seconds: built for speed they would take twice as long to install.
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
    if matches!(place, Place::Workspace) {
        cargo.arg("--root").arg(workspace::absolute(workspace::TOOLS)?);
    }
    run(&mut cargo)
}

/// The last word of the first line of `<program> --version`, if the program is there.
fn version_of(program: &str) -> Option<String> {
    find(program)?;
    let printed = output(command(program).arg("--version")).ok()?;
    let version = printed.lines().next()?.split_whitespace().nth(1)?;
    Some(version.to_owned())
}
