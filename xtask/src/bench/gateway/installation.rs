//! Turnpike, set up through its own command line and management API with the upstream as provider.

use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::write_file;
use crate::process::{command, free_port, output, stop};
use crate::workspace::{RELEASE_BINARY, absolute};

/// A running installation with one live model at a price, and a key that reaches it.
pub(in crate::bench) struct Installation {
    server: Child,
    port: u16,
    token: String,
    organization: String,
    key: String,
    key_id: String,
}

impl Installation {
    pub(in crate::bench) fn start(folder: &Path, upstream: u16, core: &str) -> Result<Self> {
        Self::start_with(folder, upstream, core, &[])
    }

    /// With settings of its own, as variables.
    pub(in crate::bench) fn start_with(
        folder: &Path,
        upstream: u16,
        core: &str,
        settings: &[(&str, &str)],
    ) -> Result<Self> {
        let (data, password) = (folder.join("data"), folder.join("password"));
        write_file(&password, "correct horse battery staple\n")?;
        let told = output(
            command(absolute(RELEASE_BINARY)?)
                .args(["bootstrap", "--organization", "Bench", "--email", "bench@example.com", "--json"])
                .arg("--password-file")
                .arg(&password)
                .arg("--data-dir")
                .arg(&data)
                .envs(settings.iter().copied()),
        )?;
        let port = free_port()?;
        let server = serve(folder, &data, port, core, settings)?;
        let (token, organization) = (text(&told, "management_token")?, text(&told, "organization_id")?);
        let mut this = Self { server, port, token, organization, key: String::new(), key_id: String::new() };
        this.wait_until_ready()?;
        this.set_up(upstream)?;
        Ok(this)
    }

    /// Another node of the same installation, whose settings name the database.
    pub(in crate::bench) fn beside(&self, folder: &Path, core: &str, settings: &[(&str, &str)]) -> Result<Self> {
        let port = free_port()?;
        let server = serve(folder, &folder.join("other"), port, core, settings)?;
        let Self { token, organization, key, key_id, .. } = self;
        let [token, organization, key, key_id] = [token, organization, key, key_id].map(String::clone);
        let mut this = Self { server, port, token, organization, key, key_id };
        this.wait_until_ready()?;
        Ok(this)
    }

    pub(in crate::bench) fn port(&self) -> u16 {
        self.port
    }

    /// Its process.
    pub(in crate::bench) fn id(&self) -> u32 {
        self.server.id()
    }

    pub(in crate::bench) fn key(&self) -> &str {
        &self.key
    }

    /// Sets four hard budgets and six limits above each call, none of which is ever reached.
    pub(in crate::bench) fn bound(&self) -> Result<()> {
        let Self { organization, key_id, .. } = self;
        for scope in [format!(r#"{{"key":"{key_id}"}}"#), format!(r#"{{"organization":"{organization}"}}"#)] {
            for period in ["day", "month"] {
                let budget = format!(r#"{{"scope":{scope},"amount":"1000000","period":"{period}","hard":true}}"#);
                self.api("POST", "/api/v1/budgets", &budget)?;
            }
            for kind in ["requests_per_minute", "tokens_per_minute", "parallel_requests"] {
                let limit = format!(r#"{{"scope":{scope},"kind":"{kind}","amount":1000000000}}"#);
                self.api("POST", "/api/v1/limits", &limit)?;
            }
        }
        // It hears of them within a moment.
        std::thread::sleep(Duration::from_secs(1));
        Ok(())
    }

    /// What the process takes of the machine's memory.
    pub(in crate::bench) fn memory_mb(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.server.id()))?;
        let kb =
            status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix("kB")?.trim().parse().ok());
        kb.map(|kb: f64| kb / 1024.0).context("the kernel does not say how much memory is used")
    }

    /// Makes one call and answers its id, from the header of its answer.
    pub(in crate::bench) fn call(&self, body: &str) -> Result<String> {
        let (head, _) = self.exchange("POST", "/v1/chat/completions", &self.key, body)?;
        let id = head.lines().find_map(|line| line.strip_prefix("x-request-id: "));
        Ok(id.context("the answer has no x-request-id")?.trim().to_owned())
    }

    /// How many events a call has.
    pub(in crate::bench) fn events_of(&self, request_id: &str) -> Result<usize> {
        let page = self.api("GET", &format!("/api/v1/usage/events?request_id={request_id}"), "")?;
        Ok(page.matches(&format!("\"request_id\":\"{request_id}\"")).count())
    }

    /// How many calls were answered whole, once all calls are in the books.
    pub(in crate::bench) fn events_at_rest(&self) -> Result<u64> {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(120) {
            let summary = self.api("GET", "/api/v1/usage/summary?group_by=day", "")?;
            let total = summary.rsplit_once("\"total\"").context("the summary has no total")?.1;
            let metrics = self.api("GET", "/metrics", "")?;
            let calls = |status: &str| -> u64 {
                let name = format!("turnpike_gateway_calls_total{{status=\"{status}\"}} ");
                metrics.lines().find_map(|line| line.strip_prefix(&name)?.parse().ok()).unwrap_or(0)
            };
            if number(total, "calls")? == ["ok", "error", "aborted"].map(calls).iter().sum::<u64>() {
                return Ok(calls("ok"));
            }
            std::thread::sleep(Duration::from_secs(1));
        }
        bail!("the books and the gateway's own count never agreed")
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(30) && self.server.try_wait()?.is_none() {
            if self.api("GET", "/readyz", "").is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("the release build did not become ready")
    }

    fn set_up(&mut self, upstream: u16) -> Result<()> {
        let connection = format!(
            r#"{{"name":"Upstream","base_url":"http://127.0.0.1:{upstream}/v1","api_key":"sk-bench-1234","environment":"live"}}"#
        );
        self.api("POST", "/api/v1/connections", &connection)?;
        let models = self.api("GET", "/api/v1/models?environment=live", "")?;
        let price = format!("/api/v1/models/{}/price", text(&models, "id")?);
        self.api("PUT", &price, r#"{"input":"2.5","cached_input":"1.25","output":"10"}"#)?;
        let key = self.api("POST", "/api/v1/keys", r#"{"name":"Bench","environment":"live"}"#)?;
        self.key = text(&key, "secret")?;
        self.key_id = text(&key, "id")?;
        Ok(())
    }

    /// One request to the management API, and the body of its answer.
    fn api(&self, method: &str, path: &str, body: &str) -> Result<String> {
        Ok(self.exchange(method, path, &self.token, body)?.1)
    }

    /// One request, and head and body of its answer. HTTP 1.0 keeps the answer whole.
    fn exchange(&self, method: &str, path: &str, token: &str, body: &str) -> Result<(String, String)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        let (port, length) = (self.port, body.len());
        let request = format!(
            "{method} {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("the answer is not HTTP")?;
        let ok = head.split(' ').nth(1).is_some_and(|status| status.starts_with('2'));
        ensure!(ok, "{method} {path}: {answer}");
        Ok((head.to_owned(), body.to_owned()))
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        stop(&mut self.server, "TERM", Duration::from_secs(15));
    }
}

fn serve(folder: &Path, data: &Path, port: u16, core: &str, settings: &[(&str, &str)]) -> Result<Child> {
    let log = File::create(folder.join(format!("turnpike-{port}.log")))?;
    command("taskset")
        .args(["-c", core])
        .arg(absolute(RELEASE_BINARY)?)
        .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data-dir"])
        .arg(data)
        .env("TURNPIKE_PRIVATE_UPSTREAMS", "true")
        .env("TURNPIKE_GATEWAY_THREADS", "1")
        .env("TURNPIKE_LOG", "warn")
        .envs(settings.iter().copied())
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .context("cannot start the release build")
}

/// The first text member of this name. The API's ids and secrets hold no escapes.
fn text(json: &str, name: &str) -> Result<String> {
    let value = member(json, name).and_then(|rest| rest.strip_prefix('"')?.split_once('"'));
    Ok(value.with_context(|| format!("no {name} in {json}"))?.0.to_owned())
}

/// The first number of this name.
fn number(json: &str, name: &str) -> Result<u64> {
    let digits = member(json, name).map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
    digits.and_then(|digits| digits.parse().ok()).with_context(|| format!("no {name} in {json}"))
}

fn member<'a>(json: &'a str, name: &str) -> Option<&'a str> {
    Some(json.split_once(&format!("\"{name}\""))?.1.trim_start().strip_prefix(':')?.trim_start())
}

#[cfg(test)]
mod tests {
    use super::{number, text};

    #[test]
    fn members_are_found() {
        let json = r#"{"data":[{"id":"mod_1", "calls": 7}],"id":"x"}"#;
        assert_eq!((text(json, "id").unwrap(), number(json, "calls").unwrap()), ("mod_1".into(), 7));
        assert!(text(json, "calls").is_err() && number(json, "none").is_err());
    }
}
