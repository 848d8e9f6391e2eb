//! System packages: installed only as root on Debian, otherwise the person is told the command.

use anyhow::{Context, Result, bail};

use crate::process::{command, find, is_root, run};

/// Installs a Debian package, or says what to do instead. `otherwise` ends the sentence for
/// machines where we may not or cannot install.
pub(crate) fn install(package: &str, otherwise: &str) -> Result<()> {
    let debian = find("apt-get").is_some();
    if debian && is_root() {
        return install_as_root(package);
    }
    if debian {
        bail!("run `sudo apt-get install {package}`{otherwise}");
    }
    bail!("install {package} with your system's package manager{otherwise}");
}

fn install_as_root(package: &str) -> Result<()> {
    let help = || format!("run `apt-get update && apt-get install {package}` to see why");
    // A fresh container has no package lists, and old lists name files that are gone.
    run(apt_get().args(["update", "-qq"])).with_context(help)?;
    run(apt_get().args(["install", "-y", "-qq", package])).with_context(help)
}

fn apt_get() -> std::process::Command {
    let mut apt_get = command("apt-get");
    apt_get.env("DEBIAN_FRONTEND", "noninteractive");
    apt_get
}
