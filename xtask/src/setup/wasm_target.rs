//! The standard library for the browser's target, `wasm32-unknown-unknown`.
//!
//! Rustup brings it where it can download. Elsewhere the library is built once from the source
//! of exactly the compiler's version and put where rustup would have put it, so that plain
//! cargo, cargo-leptos and every other tool find it without nightly flags.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::rust_source;
use crate::process::{command, find, output, run, succeeds_within};
use crate::progress::Step;
use crate::workspace;

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
const SCRATCH: &str = "target/xtask/wasm-target";
/// Rustup without a network can hang; with one, the download is some twenty megabytes.
const RUSTUP_LIMIT: Duration = Duration::from_secs(90);

/// Adds the target to the toolchain in use, unless it is there.
pub(super) fn ensure() -> Result<()> {
    let mut step = Step::begin("WASM target");
    let library_folder = library_folder()?;
    if holds_standard_library(&library_folder) {
        step.present("");
        return Ok(());
    }
    // Whoever names a source means it to be used, and spares us the wait for rustup.
    if !rust_source::is_named() && added_by_rustup() {
        step.done();
        return Ok(());
    }
    let version = compiler_version()?;
    step.note(&format!("rustup cannot fetch it; building it from the source of Rust {version}"));
    build_from_source(&version, &library_folder)?;
    step.done();
    Ok(())
}

fn added_by_rustup() -> bool {
    let mut rustup = command("rustup");
    rustup.args(["target", "add", TARGET]);
    find("rustup").is_some() && succeeds_within(&mut rustup, RUSTUP_LIMIT)
}

fn build_from_source(version: &str, library_folder: &Path) -> Result<()> {
    let scratch = workspace::absolute(SCRATCH)?;
    start_empty(&scratch)?;
    let library = rust_source::library(version, &scratch)?;
    let built = scratch.join("build");
    run(command("cargo")
        .args(["build", "--profile", "dist", "--target", TARGET])
        .args(["--manifest-path", "sysroot/Cargo.toml"])
        .current_dir(&library)
        .env("CARGO_TARGET_DIR", &built)
        // What the toolchain's own build sets: the library uses features that only it may use,
        // and crates that are compiled with link-time optimisation need its bitcode.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", "-Zforce-unstable-if-unmarked -Cembed-bitcode=yes"))
    .context("the standard library could not be built for the WASM target")?;
    install(&built.join(TARGET).join("dist/deps"), library_folder)?;
    // Some hundred megabytes that nobody needs again.
    std::fs::remove_dir_all(&scratch).context("cannot clean up after the build")
}

/// Copies beside the destination and renames, so that a half-filled folder is never taken for
/// a whole one.
fn install(from: &Path, library_folder: &Path) -> Result<()> {
    let parent = library_folder.parent().context("the toolchain's library folder lies inside its target's folder")?;
    let help = || format!("cannot write to the toolchain at {}; run this as the toolchain's owner", parent.display());
    let unfinished = parent.join("lib.unfinished");
    std::fs::create_dir_all(parent).with_context(help)?;
    start_empty(&unfinished).with_context(help)?;
    let mut copied = 0;
    for entry in std::fs::read_dir(from).with_context(|| format!("no {}", from.display()))? {
        let file = entry?.path();
        if file.extension() == Some(OsStr::new("rlib"))
            && let Some(name) = file.file_name()
        {
            std::fs::copy(&file, unfinished.join(name)).with_context(help)?;
            copied += 1;
        }
    }
    ensure!(copied > 0, "the build left no library in {}", from.display());
    if library_folder.exists() {
        std::fs::remove_dir_all(library_folder).with_context(help)?;
    }
    std::fs::rename(&unfinished, library_folder).with_context(help)
}

fn library_folder() -> Result<PathBuf> {
    let mut rustc = command("rustc");
    rustc.args(["--print", "target-libdir", "--target", TARGET]);
    Ok(PathBuf::from(output(&mut rustc)?.trim()))
}

fn compiler_version() -> Result<String> {
    let printed = output(command("rustc").arg("--version"))?;
    let version = printed.split_whitespace().nth(1);
    version.map(str::to_owned).with_context(|| format!("cannot read a version in {printed:?}"))
}

fn holds_standard_library(folder: &Path) -> bool {
    let Ok(mut entries) = std::fs::read_dir(folder) else {
        return false;
    };
    entries.any(|entry| entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("libstd-")))
}

fn start_empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}
