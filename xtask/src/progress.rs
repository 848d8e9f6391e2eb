//! The lines that tell a person what is going on and how long it took.

use std::io::Write;
use std::time::{Duration, Instant};

/// One thing that takes a while: `▸ WASM target … present`.
pub(crate) struct Step {
    name: String,
    begun: Instant,
    line_is_open: bool,
}

impl Step {
    /// Says what begins, and leaves the line open for how it ends.
    pub(crate) fn begin(name: impl Into<String>) -> Self {
        let name = name.into();
        print!("▸ {name} … ");
        flush();
        Self { name, begun: Instant::now(), line_is_open: true }
    }

    /// Says what is being done about it; whatever the work prints follows on lines of its own.
    pub(crate) fn note(&mut self, text: &str) {
        if self.line_is_open {
            println!("{text}");
        } else {
            println!("  {text}");
        }
        flush();
        self.line_is_open = false;
    }

    /// There was nothing to do.
    pub(crate) fn present(self, detail: &str) {
        self.end(&format!("present{}", bracketed(detail)));
    }

    /// It was left out, and this is why that is fine.
    pub(crate) fn skipped(self, reason: &str) {
        self.end(&format!("skipped{}", bracketed(reason)));
    }

    /// It was done just now.
    pub(crate) fn done(self) {
        let took = duration(self.begun.elapsed());
        self.end(&format!("done in {took}"));
    }

    fn end(mut self, outcome: &str) {
        if self.line_is_open {
            println!("{outcome}");
        } else {
            println!("▸ {} … {outcome}", self.name);
        }
        flush();
        self.line_is_open = false;
    }
}

impl Drop for Step {
    /// A step that is left by an error still closes its line, so that the error has its own.
    fn drop(&mut self) {
        if self.line_is_open {
            println!("failed");
        }
    }
}

/// A duration as people say it: `0.4 s`, `21 s`, `3 min 05 s`.
pub(crate) fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        _ => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

/// A number of bytes as people say it, in units of a thousand: `1 234 567` is `1235 KB`.
pub(crate) fn kilobytes(bytes: u64) -> String {
    format!("{} KB", bytes.div_ceil(1000))
}

fn bracketed(detail: &str) -> String {
    if detail.is_empty() { String::new() } else { format!(" ({detail})") }
}

/// Our lines stand in order with those of child processes only when each is written at once.
fn flush() {
    // A closed pipe on the other side is no reason to stop the work.
    let _ = std::io::stdout().flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_naturally() {
        assert_eq!(duration(Duration::from_millis(420)), "0.4 s");
        assert_eq!(duration(Duration::from_secs(21)), "21 s");
        assert_eq!(duration(Duration::from_secs(185)), "3 min 05 s");
    }

    #[test]
    fn sizes_round_up_so_that_a_limit_is_never_flattered() {
        assert_eq!(kilobytes(900_000), "900 KB");
        assert_eq!(kilobytes(900_001), "901 KB");
    }
}
