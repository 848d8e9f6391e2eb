//! Where things are in the workspace. After [`enter`], every path is relative to its root.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The optimised server, as `cargo xtask build --release` leaves it.
pub(crate) const RELEASE_BINARY: &str = "target/release/turnpike";
/// The development server, as `cargo xtask build` leaves it.
pub(crate) const DEBUG_BINARY: &str = "target/debug/turnpike";
/// All that is sent as it is.
pub(crate) const SITE: &str = "target/site";
/// What of it is built.
pub(crate) const SITE_PKG: &str = "target/site/pkg";
/// The browser tests, an npm project of their own.
pub(crate) const END2END: &str = "end2end";
/// Tools of exactly the version this workspace needs, when the person's own are of another.
pub(crate) const TOOLS: &str = "target/tools";

/// Makes the workspace's root the current directory, from wherever the command was called.
pub(crate) fn enter() -> Result<()> {
    let manifest =
        std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    let root = manifest.parent().context("xtask lies inside the workspace")?;
    std::env::set_current_dir(root).with_context(|| format!("cannot enter {}", root.display()))
}

/// The same path from the file system's root, for programs that run elsewhere.
pub(crate) fn absolute(path: impl AsRef<Path>) -> Result<PathBuf> {
    let path = path.as_ref();
    std::path::absolute(path).with_context(|| format!("cannot resolve {}", path.display()))
}

/// The version that `Cargo.lock` holds of a crate.
pub(crate) fn locked_version(crate_name: &str) -> Result<String> {
    let lock = std::fs::read_to_string("Cargo.lock").context("cannot read Cargo.lock")?;
    version_in_lock(&lock, crate_name).map(str::to_owned).with_context(|| format!("Cargo.lock holds no {crate_name}"))
}

fn version_in_lock<'lock>(lock: &'lock str, crate_name: &str) -> Option<&'lock str> {
    let name = format!("name = \"{crate_name}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines.next()?;
    lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::version_in_lock;

    const LOCK: &str = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.1\"\n\n\
                        [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";

    #[test]
    fn takes_the_crate_of_exactly_that_name() {
        assert_eq!(version_in_lock(LOCK, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(version_in_lock(LOCK, "wasm"), None);
    }
}
