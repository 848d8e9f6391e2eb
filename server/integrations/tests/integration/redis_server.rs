//! A Redis of a test's own, which the test may stop, freeze and start again.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    io::Write,
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::Once,
    time::Duration,
};

pub(crate) struct RedisServer {
    program: PathBuf,
    folder: tempfile::TempDir,
    port: u16,
    server: Option<Child>,
}

impl RedisServer {
    /// Nothing where no program of Redis or Valkey is installed; says so once, past the capture of tests'
    /// output.
    pub(crate) async fn start() -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let programs = std::env::split_paths(&path)
            .flat_map(|folder| ["redis-server", "valkey-server"].map(|program| folder.join(program)));
        let Some(program) = programs.into_iter().find(|program| program.is_file()) else {
            static SAID: Once = Once::new();
            SAID.call_once(|| {
                let sentence = b"SKIPPED on Redis: no redis-server is installed. `cargo xtask test` installs it.\n";
                std::io::stderr().write_all(sentence).unwrap();
            });
            return None;
        };
        let port = free_port();
        let mut this = Self { program, folder: tempfile::tempdir().unwrap(), port, server: None };
        this.start_again().await;
        Some(this)
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Starts it anew, with nothing in it.
    pub(crate) async fn start_again(&mut self) {
        let mut server = Command::new(&self.program);
        server.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port", &self.port.to_string()]);
        server.current_dir(self.folder.path()).stdout(Stdio::null());
        let server = self.server.insert(server.spawn().unwrap());
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            assert!(server.try_wait().unwrap().is_none(), "Redis did not start");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill().unwrap();
            server.wait().unwrap();
        }
    }

    /// Sends it a signal, as in `STOP` and `CONT`.
    pub(crate) fn signal(&self, name: &str) {
        let process = self.server.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &process]).status().unwrap().success());
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A port on loopback that nobody listens on, for a server that is ended and started again there.
/// It lies below those that the system hands to the clients of a connection, one of which could
/// hold it by the time the server comes back.
pub(crate) fn free_port() -> u16 {
    let mut any = (0..).map(|_| RandomState::new().build_hasher().finish());
    any.find_map(|any| {
        let port = 20_000 + u16::try_from(any % 12_000).unwrap();
        TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok().then_some(port)
    })
    .unwrap()
}
