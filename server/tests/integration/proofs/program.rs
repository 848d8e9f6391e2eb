//! The program, as an operator runs it.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt, Full};
use integrations::upstream::{Body, Policy, Upstream, UpstreamError};
use serde_json::Value;
use tempfile::TempDir;

use crate::redis_server::free_port;

/// An installation in a folder of its own, and the server while it runs.
pub(super) struct Program {
    binary: PathBuf,
    folder: Arc<TempDir>,
    /// Where its journal is; that is what a node is.
    data: PathBuf,
    database_url: String,
    redis_url: Option<String>,
    port: u16,
    server: Option<Child>,
    client: Upstream,
}

impl Program {
    /// On a SQLite database of its own.
    pub(super) fn new() -> Self {
        Self::on("")
    }

    /// Where the books are of one that has them in a file.
    pub(super) fn file_url(&self) -> String {
        format!("sqlite://{}", self.data.join("turnpike.db").display())
    }

    /// On this database.
    pub(super) fn on(database_url: &str) -> Self {
        Self::node(Arc::new(TempDir::new().unwrap()), "data", database_url)
    }

    /// The same with a Redis, if there is one.
    pub(super) fn with_redis(mut self, redis_url: Option<String>) -> Self {
        self.redis_url = redis_url;
        self
    }

    /// Another node of the same installation.
    pub(super) fn beside(&self, name: &str) -> Self {
        Self::node(self.folder.clone(), name, &self.database_url).with_redis(self.redis_url.clone())
    }

    fn node(folder: Arc<TempDir>, name: &str, database_url: &str) -> Self {
        let binary = std::env::var_os("TURNPIKE_BINARY").expect("TURNPIKE_BINARY names the program to drive");
        Self {
            binary: binary.into(),
            data: folder.path().join(name),
            folder,
            database_url: database_url.to_owned(),
            redis_url: None,
            port: free_port(),
            server: None,
            client: Upstream::new(Policy { private_allowed: true }, Duration::from_secs(5)),
        }
    }

    /// The program with a command for this node. All nodes have one master key.
    fn command(&self, command: &str) -> Command {
        let mut program = Command::new(&self.binary);
        program.arg(command).arg("--data-dir").arg(&self.data);
        if !self.database_url.is_empty() {
            program.args(["--database-url", &self.database_url]);
        }
        if let Some(url) = &self.redis_url {
            program.env("TURNPIKE_REDIS_URL", url);
        }
        let key = self.folder.path().join("data/master.key");
        if self.data != self.folder.path().join("data") {
            program.env("TURNPIKE_MASTER_KEY_FILE", key);
        }
        program
    }

    /// Runs a command of the program to its end and answers what it printed.
    pub(super) fn run(&self, command: &str, args: &[&str]) -> String {
        let done = self.command(command).args(args).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    }

    /// Sets up, and answers a management token that may do everything.
    pub(super) fn bootstrap(&self) -> String {
        let password = self.folder.path().join("password");
        fs::write(&password, "a long enough password\n").unwrap();
        let args = ["--organization", "Acme", "--email", "mara@acme.example", "--json", "--password-file"];
        let args: Vec<&str> = args.into_iter().chain([password.to_str().unwrap()]).collect();
        let printed: Value = serde_json::from_str(&self.run("bootstrap", &args)).unwrap();
        printed["management_token"].as_str().unwrap().to_owned()
    }

    /// Starts the server and waits until it is ready.
    pub(super) async fn start(&mut self) {
        let log = File::options().create(true).append(true).open(self.log_file()).unwrap();
        let mut program = self.command("serve");
        program.args(["--listen", &format!("127.0.0.1:{}", self.port)]);
        program.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        self.server = Some(program.spawn().unwrap());
        for _ in 0..600 {
            let ready = self.send(Request::get(self.url("/readyz")).body(Full::default()).unwrap()).await;
            if ready.is_ok_and(|r| r.status().is_success()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("not ready within 30 s:\n{}", self.log());
    }

    /// Ends the server as a power cut would, as far as a process can tell.
    pub(super) fn kill(&mut self) {
        let mut server = self.server.take().unwrap();
        // On Unix this is SIGKILL.
        server.kill().unwrap();
        server.wait().unwrap();
    }

    /// The server's process.
    pub(super) fn process(&self) -> u32 {
        self.server.as_ref().unwrap().id()
    }

    pub(super) fn is_running(&mut self) -> bool {
        self.server.as_mut().is_some_and(|s| s.try_wait().unwrap().is_none())
    }

    fn log_file(&self) -> PathBuf {
        self.data.with_extension("log")
    }

    /// All that the server logged.
    pub(super) fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(super) fn client(&self) -> Upstream {
        self.client.clone()
    }

    pub(super) async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Body>, UpstreamError> {
        self.client.send(request).await
    }

    /// Calls the management API and answers the JSON.
    pub(super) async fn api(&self, token: &str, method: &str, path: &str, body: Option<Value>) -> Value {
        let request = Request::builder().method(method).uri(self.url(path));
        let request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        let request = request.header(header::CONTENT_TYPE, "application/json");
        let body = body.map(|b| Bytes::from(b.to_string())).unwrap_or_default();
        let response = self.send(request.body(Full::new(body)).unwrap()).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert!(status.is_success(), "{method} {path}: {status} {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}
