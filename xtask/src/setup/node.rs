//! The npm project of the browser tests, which also brings `wasm-opt`.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::process::{command, find, run};
use crate::progress::Step;
use crate::workspace::END2END;

/// Installs the node modules when the lock file is another than the one installed from.
pub(super) fn ensure() -> Result<()> {
    let mut step = Step::begin("Node modules of end2end");
    let lock_file = PathBuf::from(END2END).join("package-lock.json");
    let lock = std::fs::read(&lock_file).with_context(|| format!("cannot read {}", lock_file.display()))?;
    // npm has a record of its own there, but in a form that cannot be compared with the lock.
    let installed_from = PathBuf::from(END2END).join("node_modules/.installed-from");
    if std::fs::read(&installed_from).is_ok_and(|installed| installed == lock) {
        step.present("");
        return Ok(());
    }
    if !available() {
        bail!("Node.js is missing: install Node.js 20 or later with npm, then try again");
    }
    step.note("npm ci");
    run(command("npm")
        .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
        .current_dir(END2END))
    .context("the browser tests' packages could not be installed")?;
    std::fs::write(&installed_from, &lock).with_context(|| format!("cannot write {}", installed_from.display()))?;
    step.done();
    Ok(())
}

/// Whether this machine has Node.js.
pub(super) fn available() -> bool {
    find("node").is_some() && find("npm").is_some()
}
