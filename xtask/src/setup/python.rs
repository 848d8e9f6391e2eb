//! The official Python client, which the browser tests drive the gateway with.

use std::path::Path;

use anyhow::{Context, Result};

use crate::process::{command, find, run};
use crate::progress::Step;

/// Where it is installed; `end2end/support/clients.ts` knows the place too.
const HOME: &str = "target/python";
const CLIENT: &str = "openai==3.51.0";

/// Installs the client into an environment of its own. Without Python the tests that need it are
/// skipped, and say so; a laptop need not have it.
pub(super) fn ensure() -> Result<()> {
    let mut step = Step::begin(format!("Python client {CLIENT}"));
    let installed_from = Path::new(HOME).join(".installed-from");
    if std::fs::read_to_string(&installed_from).is_ok_and(|installed| installed == CLIENT) {
        step.present("");
        return Ok(());
    }
    if find("python3").is_none() {
        step.skipped("python3 is missing, so the calls with it are not tested");
        return Ok(());
    }
    step.note("pip install");
    run(command("python3").args(["-m", "venv", "--clear", HOME])).context("no Python environment could be made")?;
    run(command(Path::new(HOME).join("bin/pip")).args(["install", "--quiet", "--disable-pip-version-check", CLIENT]))
        .context("the Python client could not be installed")?;
    std::fs::write(&installed_from, CLIENT).with_context(|| format!("cannot write {}", installed_from.display()))?;
    step.done();
    Ok(())
}
