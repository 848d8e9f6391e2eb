//! nginx, once as the upstream and once as what Turnpike is measured against.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::write_file;
use crate::process::{command, stop};

/// What the upstream answers every call with: a chat completion as OpenAI sends it.
const COMPLETION: &str = concat!(
    r#"{"id":"chatcmpl-9x8y7z","object":"chat.completion","created":1763620000,"model":"bench","#,
    r#""choices":[{"index":0,"message":{"role":"assistant","content":"The capital of France is Paris."},"#,
    r#""logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":24,"completion_tokens":8,"total_tokens":32,"#,
    r#""prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}}"#
);

/// A running nginx, stopped when dropped.
pub(in crate::bench) struct Nginx(Child);

impl Nginx {
    /// Answers calls with [`COMPLETION`], and lists the one model.
    pub(in crate::bench) fn upstream(folder: &Path, port: u16, core: &str) -> Result<Self> {
        let server = format!(
            "server {{ listen 127.0.0.1:{port} backlog=1024; default_type application/json;
              location = /v1/models {{ return 200 '{{\"object\":\"list\",\"data\":[{{\"id\":\"bench\",\"object\":\"model\"}}]}}'; }}
              location / {{ return 200 '{COMPLETION}'; }} }}"
        );
        Self::start(folder, "upstream", &server, port, core)
    }

    /// Passes everything on to the upstream, over connections that are kept, as one has to ask for.
    pub(in crate::bench) fn proxy(folder: &Path, port: u16, upstream: u16, core: &str) -> Result<Self> {
        let server = format!(
            "upstream up {{ server 127.0.0.1:{upstream}; keepalive 128; keepalive_requests 1000000000; }}
             server {{ listen 127.0.0.1:{port} backlog=1024;
              location / {{ proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection \"\"; }} }}"
        );
        Self::start(folder, "proxy", &server, port, core)
    }

    /// Passes everything on over a new connection for each request, which is nginx's default.
    pub(in crate::bench) fn plain_proxy(folder: &Path, port: u16, upstream: u16, core: &str) -> Result<Self> {
        let server = format!(
            "server {{ listen 127.0.0.1:{port} backlog=1024;
              location / {{ proxy_pass http://127.0.0.1:{upstream}; }} }}"
        );
        Self::start(folder, "plain-proxy", &server, port, core)
    }

    /// Its process.
    pub(in crate::bench) fn id(&self) -> u32 {
        self.0.id()
    }

    fn start(folder: &Path, name: &str, server: &str, port: u16, core: &str) -> Result<Self> {
        let folder = folder.join(name);
        std::fs::create_dir_all(&folder)?;
        let place = folder.display();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {place}/{kind};\n"))
            .concat();
        let configuration = format!(
            "daemon off; master_process off; worker_processes 1; pid {place}/pid; error_log {place}/errors;
             events {{ worker_connections 4096; }}
             http {{ access_log off; keepalive_requests 1000000000; keepalive_timeout 300;\n{temporary}{server} }}"
        );
        let file = folder.join("nginx.conf");
        write_file(&file, &configuration)?;
        let child = command("taskset")
            .args(["-c", core, "nginx", "-e"])
            .arg(folder.join("errors"))
            .arg("-c")
            .arg(&file)
            .stdin(Stdio::null())
            .spawn()
            .context("cannot start nginx")?;
        let this = Self(child);
        wait_for(port).with_context(|| format!("nginx as {name}"))?;
        Ok(this)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        stop(&mut self.0, "TERM", Duration::from_secs(5));
    }
}

/// Waits until somebody listens.
fn wait_for(port: u16) -> Result<()> {
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if begun.elapsed() > Duration::from_secs(10) {
            bail!("nobody listens on port {port}");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
