//! wrk.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::write_file;
use crate::process::{command, output};

/// The load generator, with the call that it makes.
pub(super) struct Load {
    script: PathBuf,
    core: &'static str,
}

/// What one run showed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Measured {
    pub(super) per_second: f64,
    pub(super) median_us: f64,
    pub(super) answers: u64,
}

impl Load {
    pub(super) fn new(folder: &Path, key: &str, core: &'static str) -> Result<Self> {
        let script = folder.join("call.lua");
        let body = concat!(
            r#"{"model":"bench","messages":[{"role":"system","content":"You are a helpful assistant."},"#,
            r#"{"role":"user","content":"What is the capital of France?"}],"temperature":0.7,"max_tokens":100}"#
        );
        let text = format!(
            "wrk.method = 'POST'\nwrk.body = '{body}'\nwrk.headers['Content-Type'] = 'application/json'\n\
             wrk.headers['Authorization'] = 'Bearer {key}'\n"
        );
        write_file(&script, &text)?;
        Ok(Self { script, core })
    }

    /// Calls for so many seconds. An answer that is not 200 is an error.
    pub(super) fn run(&self, port: u16, connections: u32, seconds: u32) -> Result<Measured> {
        let said = output(
            command("taskset")
                .args(["-c", self.core, "wrk", "-t1", "--latency"])
                .args([format!("-c{connections}"), format!("-d{seconds}s"), "-s".into()])
                .arg(&self.script)
                .arg(format!("http://127.0.0.1:{port}/v1/chat/completions")),
        )?;
        ensure!(!said.contains("Non-2xx"), "calls were refused:\n{said}");
        parse(&said).with_context(|| format!("wrk said something else than usual:\n{said}"))
    }
}

fn parse(said: &str) -> Option<Measured> {
    let after = |word: &str| said.lines().find_map(|line| line.trim().strip_prefix(word).map(str::trim));
    let answers = said.lines().find_map(|line| line.trim().split_once(" requests in ")?.0.parse().ok())?;
    Some(Measured { per_second: after("Requests/sec:")?.parse().ok()?, median_us: micros(after("50%")?)?, answers })
}

/// `123.00us`, `1.20ms`, `2.00s`.
fn micros(text: &str) -> Option<f64> {
    [("us", 1.0), ("ms", 1e3), ("s", 1e6)]
        .iter()
        .find_map(|(unit, scale)| Some(text.strip_suffix(unit)?.parse::<f64>().ok()? * scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_wrk_says() {
        let said = "Running 5s test @ http://x\n  Latency Distribution\n     50%    1.20ms\n     99%    4.00ms\n  \
                    61234 requests in 5.00s, 9.00MB read\nRequests/sec:  12246.80\nTransfer/sec:      1.80MB\n";
        let measured = Measured { per_second: 12_246.8, median_us: 1200.0, answers: 61_234 };
        assert_eq!(parse(said), Some(measured));
        assert_eq!((micros("85.00us"), micros("2.00s"), micros("fast")), (Some(85.0), Some(2e6), None));
    }
}
