use std::path::{Path, PathBuf};

use super::{ServeError, fail};
use crate::config::Config;

/// Where cargo-leptos puts scripts and styles below the site.
pub(super) const PKG: &str = "pkg";

/// The folder with the portal's files: the one that is set, else the first of the usual ones
/// beside the program that has them.
pub(super) fn find(config: &Config) -> Result<PathBuf, ServeError> {
    if !config.site_dir.as_os_str().is_empty() {
        return match has_portal(&config.site_dir) {
            true => Ok(config.site_dir.clone()),
            false => Err(fail(format!(
                "There is no portal in {}. Set site_dir to the folder with {PKG}/ in it.",
                config.site_dir.display()
            ))),
        };
    }
    let program = std::env::current_exe().map_err(fail)?;
    let beside = program.parent().unwrap_or(Path::new("."));
    let usual = [beside.join("site"), beside.join("../site"), beside.join("../share/turnpike/site")];
    usual.into_iter().find(|dir| has_portal(dir)).ok_or_else(|| {
        fail("The portal's files are not beside the program. Build with `cargo xtask build`, or set site_dir.")
    })
}

fn has_portal(dir: &Path) -> bool {
    dir.join(PKG).is_dir()
}
