//! Child processes: one way to start them, so that all see the same environment.

use std::collections::hash_map::RandomState;
use std::ffi::{OsStr, OsString};
use std::hash::{BuildHasher, Hasher};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::workspace;

/// A command with our tools on its path, and without what `cargo run` told about xtask itself:
/// build scripts (ring's is one) watch those variables, and would build again on every change
/// between `cargo xtask` and plain `cargo`.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if describes_xtask(&name) {
            command.env_remove(name);
        }
    }
    command.env("PATH", search_path());
    command
}

/// Runs to the end with the terminal's own input and output; failure is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", describe(command)))?;
    require_success(command, status)
}

/// Runs to the end and gives what it printed; on failure the error holds what it complained of.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output =
        command.stdin(Stdio::null()).output().with_context(|| format!("cannot start {}", describe(command)))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!("{} failed ({}): {}", describe(command), output.status, complaint.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs silently for at most `limit`; a program that hangs is ended and counts as failed.
pub(crate) fn succeeds_within(command: &mut Command, limit: Duration) -> bool {
    let silent = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut child) = silent.spawn() else {
        return false;
    };
    match wait_within(&mut child, limit) {
        Some(status) => status.success(),
        None => {
            // It may have ended in between, which is as good.
            let _ = child.kill();
            let _ = child.wait();
            false
        }
    }
}

/// Waits for a child for at most `limit`.
pub(crate) fn wait_within(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let begun = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if begun.elapsed() < limit => std::thread::sleep(Duration::from_millis(50)),
            Ok(None) | Err(_) => return None,
        }
    }
}

/// Asks a child to stop (`INT`, `TERM`, …), waits `patience`, then ends it.
pub(crate) fn stop(child: &mut Child, signal: &str, patience: Duration) {
    let mut kill = Command::new("kill");
    kill.args(["-s", signal, &child.id().to_string()]);
    let asked = succeeds_within(&mut kill, Duration::from_secs(5));
    if !asked || wait_within(child, patience).is_none() {
        // Nothing is left to do about a child that is gone already.
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// Where a program is, by the path that [`command`] gives to its children.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&search_path()).map(|folder| folder.join(program)).find(|candidate| candidate.is_file())
}

/// A TCP port on loopback that nobody listens on right now. It lies below those that the system
/// hands to clients, one of which could hold it before the server is started.
pub(crate) fn free_port() -> Result<u16> {
    let any = (0..100).map(|_| RandomState::new().build_hasher().finish());
    let mut ports = any.map(|any| 20_000 + (any % 12_000) as u16);
    ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).context("cannot listen on loopback")
}

/// Whether we may install system packages and change user.
pub(crate) fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// The command as one could type it.
pub(crate) fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let line: Vec<_> = words.map(OsStr::to_string_lossy).collect();
    format!("`{}`", line.join(" "))
}

fn require_success(command: &Command, status: ExitStatus) -> Result<()> {
    if status.success() { Ok(()) } else { bail!("{} failed ({status})", describe(command)) }
}

fn describes_xtask(variable: &OsStr) -> bool {
    const PREFIXES: [&str; 2] = ["CARGO_PKG_", "CARGO_MANIFEST_"];
    const NAMES: [&str; 3] = ["CARGO_BIN_NAME", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE"];
    let name = variable.to_string_lossy();
    NAMES.contains(&name.as_ref()) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Our own exact versions first; what npm brought comes last, so that a person's own tools win.
fn search_path() -> OsString {
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    let tools = workspace::absolute(format!("{}/bin", workspace::TOOLS)).ok();
    let npm = workspace::absolute(format!("{}/node_modules/.bin", workspace::END2END)).ok();
    let folders = tools.into_iter().chain(std::env::split_paths(&inherited)).chain(npm);
    // Only a folder with a separator in its name cannot be joined; then the path stays as it is.
    std::env::join_paths(folders).unwrap_or(inherited)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hanging_program_is_ended() {
        let begun = Instant::now();
        let limit = Duration::from_millis(200);
        assert!(!succeeds_within(Command::new("sleep").arg("30"), limit));
        assert!(begun.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn errors_name_the_command_and_its_complaint() {
        let error = output(Command::new("sh").args(["-c", "echo broken >&2; exit 3"]))
            .expect_err("exit code 3 is a failure")
            .to_string();
        assert!(error.starts_with("`sh -c"), "{error}");
        assert!(error.ends_with("broken"), "{error}");
    }

    #[test]
    fn children_do_not_hear_about_xtask() {
        assert!(describes_xtask(OsStr::new("CARGO_PKG_NAME")));
        assert!(describes_xtask(OsStr::new("CARGO_MANIFEST_DIR")));
        assert!(!describes_xtask(OsStr::new("CARGO_HOME")));
        assert!(!describes_xtask(OsStr::new("CARGO_TARGET_DIR")));
    }
}
