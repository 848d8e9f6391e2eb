//! wrk, the load generator.

use anyhow::{Context, Result, ensure};

use crate::process::{command, output};

/// What one run showed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Measured {
    pub(super) per_second: f64,
    pub(super) median_us: f64,
    /// What all but one in a hundred waited less than.
    pub(super) p99_us: f64,
    pub(super) answers: u64,
}

/// Loads `url` for so many seconds with one thread, on one core if one is named. An answer that is
/// not 2xx or 3xx is an error.
pub(super) fn run(core: Option<&str>, connections: u32, seconds: u32, more: &[String], url: &str) -> Result<Measured> {
    let mut wrk = match core {
        Some(core) => {
            let mut pinned = command("taskset");
            pinned.args(["-c", core, "wrk"]);
            pinned
        }
        None => command("wrk"),
    };
    wrk.args(["-t1", "--latency"]).args([format!("-c{connections}"), format!("-d{seconds}s")]).args(more).arg(url);
    let said = output(&mut wrk)?;
    ensure!(!said.contains("Non-2xx"), "requests were refused:\n{said}");
    ensure!(!said.contains("Socket errors"), "requests were not answered:\n{said}");
    parse(&said).with_context(|| format!("wrk said something else than usual:\n{said}"))
}

/// The middle one; the figures of single runs spread, and one that was disturbed must not decide.
pub(super) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

fn parse(said: &str) -> Option<Measured> {
    let after = |word: &str| said.lines().find_map(|line| line.trim().strip_prefix(word).map(str::trim));
    // Two lines may begin so: one of the latency's distribution, one of the threads' statistics.
    let waited = |part: &str| said.lines().find_map(|line| micros(line.trim().strip_prefix(part)?.trim()));
    let (median, p99) = (waited("50%")?, waited("99%")?);
    let answers = said.lines().find_map(|line| line.trim().split_once(" requests in ")?.0.parse().ok())?;
    Some(Measured { per_second: after("Requests/sec:")?.parse().ok()?, median_us: median, p99_us: p99, answers })
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
        let measured = Measured { per_second: 12_246.8, median_us: 1200.0, p99_us: 4000.0, answers: 61_234 };
        assert_eq!(parse(said), Some(measured));
        assert_eq!((micros("85.00us"), micros("2.00s"), micros("fast")), (Some(85.0), Some(2e6), None));
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(vec![3.0, 100.0, 1.0]), 3.0);
        assert!(median(Vec::new()).is_nan());
    }
}
