//! A Redis for the tests, each of which starts one of its own.

use anyhow::Result;

use super::packages;
use crate::process::find;
use crate::progress::Step;

/// Makes the server program available.
pub(super) fn ensure() -> Result<()> {
    let mut step = Step::begin("Redis");
    if let Some(program) = ["redis-server", "valkey-server"].into_iter().find_map(find) {
        step.present(&program.display().to_string());
        return Ok(());
    }
    step.note("installing the system's package");
    packages::install("redis-server", "")?;
    step.done();
    Ok(())
}
