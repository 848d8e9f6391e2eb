//! A PostgreSQL of our own for the length of a test run.

use std::fs::File;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::process::{command, find, free_port, is_root, output, stop, succeeds_within};

/// Names a PostgreSQL to test on; the tests read it, and without it they start none themselves.
pub(crate) const URL_VARIABLE: &str = "TURNPIKE_TEST_POSTGRES_URL";
const START_LIMIT: Duration = Duration::from_secs(60);
const FOLDER_PREFIX: &str = "turnpike-postgres-";

/// A running server, stopped and removed when dropped.
pub(crate) struct Postgres {
    server: Child,
    folder: PathBuf,
    url: String,
}

/// A server to test against.
pub(crate) enum Provided {
    /// The one that the variable names.
    Given(String),
    /// One of our own.
    Own(Postgres),
}

impl Provided {
    /// Where the tests reach it.
    pub(crate) fn url(&self) -> &str {
        match self {
            Self::Given(url) => url,
            Self::Own(postgres) => &postgres.url,
        }
    }
}

impl Postgres {
    /// A server of our own, with nothing in it, whatever the variable names.
    pub(crate) fn fresh() -> Result<Provided> {
        Ok(Provided::Own(Self::start()?))
    }

    /// The server that [`URL_VARIABLE`] names, or one of our own.
    pub(crate) fn provided() -> Result<Provided> {
        match std::env::var(URL_VARIABLE) {
            Ok(url) => Ok(Provided::Given(url)),
            Err(_) => Ok(Provided::Own(Self::start()?)),
        }
    }

    /// Makes a fresh cluster in the system's temporary folder and starts it on a free port.
    ///
    /// Not in `target`: PostgreSQL refuses to run as root, and the user it then runs as may not
    /// be allowed into the folders above a checkout.
    fn start() -> Result<Self> {
        let programs = programs().context("PostgreSQL is missing: run `cargo xtask setup`")?;
        remove_leftovers();
        let folder = std::env::temp_dir().join(format!("{FOLDER_PREFIX}{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let user = ServerUser::choose()?;
        user.give(&folder)?;
        let data = folder.join("data");
        let mut initdb = user.command(&programs.join("initdb"));
        initdb
            .args(["-A", "trust", "-U", "postgres", "-E", "UTF8"])
            .args(["--no-locale", "--no-sync", "-D"])
            .arg(&data);
        output(&mut initdb)?;
        Self::serve(&programs, &user, folder, &data)
    }

    fn serve(programs: &Path, user: &ServerUser, folder: PathBuf, data: &Path) -> Result<Self> {
        let port = free_port()?.to_string();
        let log = folder.join("log");
        let log_file = File::create(&log)?;
        let mut postgres = user.command(&programs.join("postgres"));
        postgres.arg("-D").arg(data).arg("-k").arg(&folder);
        // The data lives for minutes: nothing is gained by waiting for the disk.
        for setting in ["fsync=off", "synchronous_commit=off", "full_page_writes=off"] {
            postgres.args(["-c", setting]);
        }
        let server = postgres
            .args(["-p", &port, "-h", "127.0.0.1", "-c", "max_connections=300"])
            .stdin(Stdio::null())
            .stdout(log_file.try_clone()?)
            .stderr(log_file)
            .spawn()
            .context("cannot start postgres")?;
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        let mut this = Self { server, folder, url };
        this.wait_until_ready(&programs.join("pg_isready"), &port, &log)?;
        Ok(this)
    }

    fn wait_until_ready(&mut self, pg_isready: &Path, port: &str, log: &Path) -> Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < START_LIMIT {
            let mut ask = command(pg_isready);
            ask.args(["-q", "-h", "127.0.0.1", "-p", port]);
            if succeeds_within(&mut ask, Duration::from_secs(5)) {
                return Ok(());
            }
            if self.server.try_wait()?.is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let said = std::fs::read_to_string(log).unwrap_or_default();
        bail!("PostgreSQL did not start; its log says:\n{said}")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // An interrupt makes PostgreSQL drop its connections and shut down in order.
        stop(&mut self.server, "INT", Duration::from_secs(20));
        // What is left of it is removed by the next run.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The folder of PostgreSQL's server programs: of the one on the path, or where Debian keeps them.
pub(crate) fn programs() -> Option<PathBuf> {
    // The path may lead to a link to one program, and its siblings are beside what it links to.
    let on_path = find("initdb").and_then(|program| program.canonicalize().ok());
    on_path.and_then(|program| Some(program.parent()?.to_owned())).or_else(newest_of_debian)
}

/// Debian keeps each version's programs off the path, in a folder named by the version.
fn newest_of_debian() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    versions
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|folder| folder.join("bin/initdb").is_file())
        .max_by_key(|folder| {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            name.parse::<u32>().unwrap_or_default()
        })
        .map(|folder| folder.join("bin"))
}

/// Whom the server runs as: ourselves, or `postgres` when we are root.
enum ServerUser {
    Ourselves,
    Postgres { user: u32, group: u32 },
}

impl ServerUser {
    fn choose() -> Result<Self> {
        if !is_root() {
            return Ok(Self::Ourselves);
        }
        let id = |flag: &str| -> Result<u32> {
            let printed = output(Command::new("id").args([flag, "postgres"]))
                .context("root cannot run PostgreSQL, and there is no user `postgres`")?;
            Ok(printed.trim().parse()?)
        };
        Ok(Self::Postgres { user: id("-u")?, group: id("-g")? })
    }

    fn give(&self, folder: &Path) -> Result<()> {
        match self {
            Self::Ourselves => Ok(()),
            Self::Postgres { user, group } => {
                chown(folder, Some(*user), Some(*group)).context("cannot give the folder to the user `postgres`")
            }
        }
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = command(program);
        command.current_dir(std::env::temp_dir());
        if let Self::Postgres { user, group } = self {
            command.uid(*user).gid(*group);
        }
        command
    }
}

/// A run that was interrupted had no time to clean up: its folder names a process that is gone.
fn remove_leftovers() {
    let Ok(entries) = std::fs::read_dir(std::env::temp_dir()) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(process) = name.strip_prefix(FOLDER_PREFIX) else {
            continue;
        };
        let mut alive = Command::new("kill");
        alive.args(["-0", process]);
        if !succeeds_within(&mut alive, Duration::from_secs(5)) {
            // Somebody else's leftovers are theirs to remove.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}
