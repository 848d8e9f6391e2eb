//! What was measured, as a table.

use std::fmt::Write;

use anyhow::Result;

use super::{CONNECTIONS, Measured, SAMPLE, median};

/// What should be reached, beside nginx with connections kept.
const LEAST_THROUGHPUT: f64 = 0.6;
const MOST_ADDED_LATENCY: f64 = 1.5;
const MOST_MEMORY_MB: f64 = 100.0;

/// The medians of one side's runs.
pub(super) struct Side {
    per_second: f64,
    wait_us: f64,
    cpu_us: f64,
    /// What it adds to the wait for the upstream, at one connection.
    added_us: f64,
}

impl Side {
    pub(super) fn of(runs: &[(Measured, f64)], added_us: f64) -> Self {
        let of = |figure: fn(&(Measured, f64)) -> f64| median(runs.iter().map(figure).collect());
        Self {
            per_second: of(|(run, _)| run.per_second),
            wait_us: of(|(run, _)| run.median_us),
            cpu_us: of(|(_, cpu)| *cpu),
            added_us,
        }
    }
}

pub(super) struct Figures {
    /// nginx with connections kept, nginx without, Turnpike.
    pub(super) sides: [Side; 3],
    /// The wait for the upstream itself, at one connection.
    pub(super) direct_us: f64,
    pub(super) memory_mb: f64,
    pub(super) answered: u64,
    pub(super) events: u64,
}

impl Figures {
    pub(super) fn table(&self) -> Result<String> {
        let mut table = String::from(
            "| figure | nginx, connections kept | nginx, default | Turnpike | ratio to the first | goal |\n|---|---|---|---|---|---|\n",
        );
        let mut row = |name: &str, unit: &str, figure: fn(&Side) -> f64, goal: &str| {
            let [kept, plain, turnpike] = self.sides.each_ref().map(figure);
            let ratio = turnpike / kept;
            writeln!(
                table,
                "| {name} | {kept:.0}{unit} | {plain:.0}{unit} | {turnpike:.0}{unit} | {ratio:.2} | {goal} |"
            )
        };
        let at_load = format!("{CONNECTIONS} connections");
        let goal = format!("≥ {LEAST_THROUGHPUT}");
        row(&format!("requests per second, {at_load}"), "", |side| side.per_second, &goal)?;
        row("CPU per call", " µs", |side| side.cpu_us, "")?;
        row(&format!("median wait, {at_load}"), " µs", |side| side.wait_us, "")?;
        let alone = format!("added to the median wait, 1 connection (upstream alone: {:.0} µs)", self.direct_us);
        row(&alone, " µs", |side| side.added_us, &format!("≤ {MOST_ADDED_LATENCY}"))?;
        let Self { memory_mb, answered, events, .. } = self;
        writeln!(table, "| memory after {answered} calls | | | {memory_mb:.0} MB | | < {MOST_MEMORY_MB} MB |")?;
        writeln!(table, "| answers received / events of answered calls | | | {answered} / {events} | | ≥ |")?;
        write!(table, "| calls looked up one by one / with exactly one event | | | {SAMPLE} / {SAMPLE} | | all |")?;
        Ok(table)
    }
}
