//! The standard library's source of exactly the compiler's version.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};

use crate::process::{command, find, output, run};

/// Names a tarball or folder to use.
const VARIABLE: &str = "TURNPIKE_RUST_SRC";
/// Debian's suites that follow Rust closely, the calmer one first.
const SUITES: [&str; 2] = ["trixie-backports", "sid"];

/// Whether somebody said where the source is.
pub(super) fn is_named() -> bool {
    std::env::var_os(VARIABLE).is_some()
}

/// A folder `library` with the source: the one that is named, rustup's component, or Debian's.
pub(super) fn library(version: &str, scratch: &Path) -> Result<PathBuf> {
    if let Some(named) = std::env::var_os(VARIABLE) {
        return from_named(Path::new(&named), scratch);
    }
    let sysroot = output(command("rustc").args(["--print", "sysroot"]))?;
    let component = Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library");
    if is_library(&component) {
        return Ok(component);
    }
    if find("apt-get").is_some() && find("dpkg-deb").is_some() {
        return from_debian(version, scratch);
    }
    bail!(
        "connect to the internet for `rustup target add`, or name the source of Rust {version} \
         (a tarball or folder with its `library`) in {VARIABLE}"
    )
}

fn from_named(named: &Path, scratch: &Path) -> Result<PathBuf> {
    if named.is_dir() {
        return [named.to_owned(), named.join("library")]
            .into_iter()
            .find(|folder| is_library(folder))
            .with_context(|| format!("{VARIABLE} names a folder without Rust's `library`"));
    }
    ensure!(named.is_file(), "{VARIABLE} names {}, which is neither file nor folder", named.display());
    run(command("tar").arg("-xf").arg(named).arg("-C").arg(scratch))?;
    find_library(scratch).with_context(|| format!("{VARIABLE} holds no Rust `library`"))
}

/// Fetches Debian's package from the mirror that this machine uses already, without touching
/// the machine's own package lists.
fn from_debian(version: &str, scratch: &Path) -> Result<PathBuf> {
    for mirror in mirrors()? {
        for suite in SUITES {
            if let Ok(package) = download(&mirror, suite, version, scratch) {
                unpack(&package, scratch)?;
                return find_library(scratch).context("Debian's rust-src holds no `library`");
            }
        }
    }
    bail!(
        "Debian has no rust-src {version}: name the source of Rust {version} (a tarball or \
         folder with its `library`) in TURNPIKE_RUST_SRC"
    )
}

fn mirrors() -> Result<Vec<String>> {
    let printed = output(command("apt-get").args(["indextargets", "--format", "$(REPO_URI)"]))?;
    let mut mirrors: Vec<String> = printed.lines().map(str::to_owned).collect();
    // Security archives hold no backports: ask them last.
    mirrors.sort_by_key(|mirror| mirror.contains("security"));
    mirrors.dedup();
    Ok(mirrors)
}

fn download(mirror: &str, suite: &str, version: &str, scratch: &Path) -> Result<PathBuf> {
    let apt = scratch.join("apt");
    for folder in ["lists/partial", "cache/archives/partial", "package"] {
        std::fs::create_dir_all(apt.join(folder)).context("cannot prepare for apt-get")?;
    }
    let list = apt.join("sources.list");
    std::fs::write(&list, format!("deb {mirror} {suite} main\n"))?;
    let options = [
        format!("Dir::Etc::sourcelist={}", list.display()),
        "Dir::Etc::sourceparts=-".to_owned(),
        format!("Dir::State::Lists={}", apt.join("lists").display()),
        format!("Dir::Cache={}", apt.join("cache").display()),
        // Root's apt-get would otherwise change to a user who may not write here.
        "APT::Sandbox::User=root".to_owned(),
        "Acquire::Languages=none".to_owned(),
    ];
    let apt_get = || {
        let mut apt_get = command("apt-get");
        apt_get.current_dir(apt.join("package"));
        for option in &options {
            apt_get.args(["-o", option]);
        }
        apt_get
    };
    output(apt_get().args(["update", "-qq"]))?;
    output(apt_get().args(["download", "-qq", &format!("rust-src={version}*")]))?;
    let downloaded = std::fs::read_dir(apt.join("package"))?.next();
    Ok(downloaded.context("apt-get downloaded nothing")??.path())
}

/// Without the vendored crates, which are most of the package: cargo fetches the few in use.
fn unpack(package: &Path, scratch: &Path) -> Result<()> {
    let mut tar_file = command("dpkg-deb")
        .arg("--fsys-tarfile")
        .arg(package)
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start dpkg-deb")?;
    let pipe = tar_file.stdout.take().context("dpkg-deb has an output")?;
    // tar reads from left to right: where to, what not, then what.
    run(command("tar")
        .arg("-x")
        .arg("-C")
        .arg(scratch)
        .args(["--exclude", "*/library/vendor"])
        .args(["--wildcards", "--no-wildcards-match-slash"])
        .arg("./usr/src/rustc-*/library")
        .stdin(pipe))?;
    ensure!(tar_file.wait()?.success(), "dpkg-deb failed");
    Ok(())
}

/// A tarball has the folder on top, Debian's package has it under `usr/src/rustc-<version>`.
fn find_library(scratch: &Path) -> Option<PathBuf> {
    let on_top = [scratch.to_owned(), scratch.join("usr/src")];
    let one_below = on_top.iter().flat_map(|folder| subfolders(folder));
    on_top.iter().cloned().chain(one_below).map(|folder| folder.join("library")).find(|folder| is_library(folder))
}

fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_dir()).collect()
}

fn is_library(folder: &Path) -> bool {
    folder.join("sysroot/Cargo.toml").is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make_library(at: &Path) {
        let sysroot = at.join("library/sysroot");
        std::fs::create_dir_all(&sysroot).expect("a temporary folder can be written");
        std::fs::write(sysroot.join("Cargo.toml"), "").expect("and so can a file in it");
    }

    #[test]
    fn finds_the_library_wherever_archives_keep_it() {
        for place in ["", "rustc-1.95.0-src", "usr/src/rustc-1.95.0"] {
            let scratch = tempfile::tempdir().expect("a temporary folder");
            make_library(&scratch.path().join(place));
            assert_eq!(find_library(scratch.path()), Some(scratch.path().join(place).join("library")), "{place}");
        }
    }

    #[test]
    fn a_folder_may_be_the_library_or_hold_it() {
        let scratch = tempfile::tempdir().expect("a temporary folder");
        make_library(scratch.path());
        let library = scratch.path().join("library");
        for named in [scratch.path(), &library] {
            let found = from_named(named, scratch.path()).expect("it is there");
            assert_eq!(found, library);
        }
        assert!(from_named(&library.join("sysroot"), scratch.path()).is_err());
    }
}
