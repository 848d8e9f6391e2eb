//! Chromium, for the browser tests.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, bail};

use super::packages;
use crate::process::{command, find, is_root, succeeds_within};
use crate::progress::Step;
use crate::workspace::END2END;

/// Names a Chromium to use; `playwright.config.ts` reads it too.
const VARIABLE: &str = "TURNPIKE_CHROMIUM";
/// Where Debian puts it, which is what `playwright.config.ts` takes when nothing is named.
const DEBIAN: &str = "/usr/bin/chromium";
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(600);

/// Makes a Chromium available: the one that is named, Debian's, or Playwright's own.
pub(super) fn ensure() -> Result<()> {
    let mut step = Step::begin("Chromium");
    if let Some(named) = std::env::var_os(VARIABLE).map(PathBuf::from) {
        if !named.is_file() {
            bail!("{VARIABLE} names {}, which is no file", named.display());
        }
        step.present(&named.display().to_string());
        return Ok(());
    }
    if Path::new(DEBIAN).is_file() {
        step.present(DEBIAN);
        return Ok(());
    }
    if find("apt-get").is_some() && is_root() {
        step.note("installing the system's package");
        packages::install("chromium", "")?;
        step.done();
        return Ok(());
    }
    step.note("npx playwright install chromium (at once when it is there already)");
    let mut download = command("npx");
    download.args(["playwright", "install", "chromium"]).current_dir(END2END);
    if !succeeds_within(&mut download, DOWNLOAD_LIMIT) {
        return packages::install("chromium", &format!(", or name one in {VARIABLE}"));
    }
    step.done();
    Ok(())
}
