//! PostgreSQL's server programs, for the tests that run on both databases.

use anyhow::Result;

use super::packages;
use crate::progress::Step;
use crate::services::postgres::{URL_VARIABLE, programs};

/// Makes a PostgreSQL available: one that is named, or programs to start our own.
pub(super) fn ensure() -> Result<()> {
    let mut step = Step::begin("PostgreSQL");
    if std::env::var_os(URL_VARIABLE).is_some() {
        step.present(URL_VARIABLE);
        return Ok(());
    }
    if let Some(folder) = programs() {
        step.present(&folder.display().to_string());
        return Ok(());
    }
    step.note("installing the system's package");
    packages::install("postgresql", &format!(", or name a test server in {URL_VARIABLE}"))?;
    step.done();
    Ok(())
}
