//! The release build, served from an empty data directory.

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
}

impl Turnpike {
    /// Starts the release build on a free port and waits until it is ready.
    pub(crate) fn start() -> Result<Self> {
        ensure!(Path::new(RELEASE_BINARY).is_file(), "{RELEASE_BINARY} is missing: run `cargo xtask build --release`");
        let address = format!("127.0.0.1:{}", free_port()?);
        let folder = std::env::temp_dir().join(format!("turnpike-xtask-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let log = File::create(folder.join("log"))?;
        let server = command(absolute(RELEASE_BINARY)?)
            .args(["serve", "--listen", &address, "--data-dir"])
            .arg(folder.join("data"))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("cannot start the release build")?;
        let mut this = Self { server, folder, address };
        this.wait_until_ready()?;
        Ok(this)
    }

    /// Host and port.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < START_LIMIT && self.server.try_wait()?.is_none() {
            let answer = http::get(&self.address, "/readyz", http::Encoding::Identity);
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
