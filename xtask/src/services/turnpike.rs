//! The release build, served from a data directory of its own.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::http;
use crate::process::{command, free_port, stop};
use crate::workspace::{RELEASE_BINARY, absolute};

const START_LIMIT: Duration = Duration::from_secs(30);

/// A running Turnpike, stopped and removed when dropped.
pub(crate) struct Turnpike {
    server: Child,
    folder: PathBuf,
    address: String,
    /// The owner's address and password.
    owner: (String, String),
}

impl Turnpike {
    /// Starts the release build with a demo company that has this many keys, and few calls.
    pub(crate) fn start_demo(keys: u32) -> Result<Self> {
        Self::start_company(&["--calls", "500", "--keys", &keys.to_string()], &[])
    }

    /// Starts the release build on a free port, with a demo company made by these options, and waits
    /// until it is ready. The settings are variables.
    pub(crate) fn start_company(options: &[&str], settings: &[(&str, &str)]) -> Result<Self> {
        ensure!(Path::new(RELEASE_BINARY).is_file(), "{RELEASE_BINARY} is missing: run `cargo xtask build --release`");
        let address = format!("127.0.0.1:{}", free_port()?);
        let folder = std::env::temp_dir().join(format!("turnpike-xtask-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let data = folder.join("data");
        let made = command(absolute(RELEASE_BINARY)?)
            .arg("demo")
            .args(options)
            .arg("--data-dir")
            .arg(&data)
            .envs(settings.iter().copied())
            .output()
            .context("cannot run the release build")?;
        let said = String::from_utf8_lossy(&made.stdout).into_owned();
        let owner = owner(&said).with_context(|| format!("`turnpike demo` did not say who the owner is: {said}"))?;
        let log = File::create(folder.join("log"))?;
        let server = command(absolute(RELEASE_BINARY)?)
            .args(["serve", "--listen", &address, "--data-dir"])
            .arg(&data)
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("cannot start the release build")?;
        let mut this = Self { server, folder, address, owner };
        this.wait_until_ready()?;
        Ok(this)
    }

    /// The cookie of a new session of the owner.
    pub(crate) fn sign_in(&self) -> Result<String> {
        let (email, password) = &self.owner;
        let answer = http::post(&self.address, "/fn/sign_in", &format!("email={email}&password={password}&next=/"))?;
        answer.cookie.with_context(|| format!("signing in was answered {}", answer.status))
    }

    /// Host and port.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < START_LIMIT && self.server.try_wait()?.is_none() {
            let answer = http::get(&self.address, "/readyz", http::Encoding::Identity, None);
            if answer.is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let said = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        bail!("the release build did not become ready; its log says:\n{said}")
    }
}

impl Drop for Turnpike {
    fn drop(&mut self) {
        stop(&mut self.server, "TERM", Duration::from_secs(15));
        // The folder is in the system's temporary place, which is emptied without us too.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Whom the demo's last line names: "… sign in as E with the password P".
fn owner(said: &str) -> Option<(String, String)> {
    let (_, named) = said.rsplit_once("sign in as ")?;
    let (email, password) = named.split_once(" with the password ")?;
    Some((email.to_owned(), password.trim().to_owned()))
}
