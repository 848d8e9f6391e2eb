//! The gateway beside nginx's `proxy_pass`: the same upstream, the same load, one core each.
//!
//! Core 0 has the load generator and the upstream, core 1 what is measured. The upstream is nginx
//! answering every request with the same chat completion, so that what differs is what is between.
//! nginx is measured twice: keeping its connections to the upstream, as Turnpike does, which is the
//! reference that counts; and without, which is its default.

mod figures;
mod installation;
mod nginx;

use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::in_a_folder;
use super::wrk::{self, Measured, median};
use crate::process::free_port;
use figures::{Figures, Side};
pub(super) use installation::Installation;
pub(super) use nginx::Nginx;

/// The core of the load generator and the upstream.
const LOAD_CORE: &str = "0";
/// The core of what is measured.
const MEASURED_CORE: &str = "1";
/// How often each side is measured, in turn, under load and at one connection.
const ROUNDS: usize = 5;
const SECONDS: u32 = 8;
const SECONDS_ALONE: u32 = 3;
const CONNECTIONS: u32 = 64;
/// After how many calls at least the memory is looked at.
const CALLS: u64 = 200_000;
/// Of how many calls the events are looked for one by one.
const SAMPLE: usize = 2_000;
/// How long after a run its last events are waited for, so that recording them counts too.
const REST: std::time::Duration = std::time::Duration::from_millis(500);
/// The call that is made.
const CALL: &str = concat!(
    r#"{"model":"bench","messages":[{"role":"system","content":"You are a helpful assistant."},"#,
    r#"{"role":"user","content":"What is the capital of France?"}],"temperature":0.7,"max_tokens":100}"#
);

/// Measures and prints the table. Fails when an answer has no event, and not for being slow.
pub(crate) fn measure() -> Result<()> {
    println!("{}", in_a_folder(measure_in)?.table()?);
    Ok(())
}

fn measure_in(folder: &Path) -> Result<Figures> {
    let upstream = free_port()?;
    let _upstream = Nginx::upstream(folder, upstream, LOAD_CORE)?;
    let (kept, plain) = (free_port()?, free_port()?);
    let nginx_kept = Nginx::proxy(folder, kept, upstream, MEASURED_CORE)?;
    let nginx_plain = Nginx::plain_proxy(folder, plain, upstream, MEASURED_CORE)?;
    let turnpike = Installation::start(folder, upstream, MEASURED_CORE)?;
    let load = Load::new(folder, turnpike.key())?;

    let measured = [(kept, nginx_kept.id()), (plain, nginx_plain.id()), (turnpike.port(), turnpike.id())];
    for (port, _) in measured {
        load.run(port, CONNECTIONS, 1)?;
    }
    let before = turnpike.events_at_rest()?;
    let mut answered = 0;
    let mut runs: [Vec<(Measured, f64)>; 3] = Default::default();
    for _ in 0..ROUNDS {
        for ((port, process), runs) in measured.into_iter().zip(&mut runs) {
            let begun = cpu_us(process)?;
            let run = load.run(port, CONNECTIONS, SECONDS)?;
            std::thread::sleep(REST);
            runs.push((run, (cpu_us(process)? - begun) / run.answers as f64));
        }
    }
    answered += runs[2].iter().map(|(run, _)| run.answers).sum::<u64>();
    let mut alone: [Vec<f64>; 4] = Default::default();
    for _ in 0..ROUNDS {
        for (port, medians) in [upstream, kept, plain, turnpike.port()].into_iter().zip(&mut alone) {
            let run = load.run(port, 1, SECONDS_ALONE)?;
            medians.push(run.median_us);
            answered += if port == turnpike.port() { run.answers } else { 0 };
        }
    }
    while answered < CALLS {
        answered += load.run(turnpike.port(), CONNECTIONS, SECONDS)?.answers;
    }
    let events = turnpike.events_at_rest()? - before;
    // A call that was answered while the load generator stopped has its event too, but its answer
    // is not counted by the generator.
    ensure!(events >= answered, "{} answers have no event", answered - events);
    let memory_mb = turnpike.memory_mb()?;
    match_one_by_one(&turnpike)?;
    let [direct, alone @ ..] = alone.map(median);
    let side = |index: usize| Side::of(&runs[index], alone[index] - direct);
    Ok(Figures { sides: [side(0), side(1), side(2)], direct_us: direct, memory_mb, answered, events })
}

/// Makes calls, each with an answer that is received, and looks for the event of each by its id.
fn match_one_by_one(turnpike: &Installation) -> Result<()> {
    let ids = (0..SAMPLE).map(|_| turnpike.call(CALL)).collect::<Result<Vec<_>>>()?;
    turnpike.events_at_rest()?;
    for id in ids {
        let events = turnpike.events_of(&id)?;
        ensure!(events == 1, "the answered call {id} has {events} events");
    }
    Ok(())
}

/// The load generator with the call that it makes.
pub(super) struct Load(Vec<String>);

impl Load {
    pub(super) fn new(folder: &Path, key: &str) -> Result<Self> {
        let script = folder.join("call.lua");
        let text = format!(
            "wrk.method = 'POST'\nwrk.body = '{CALL}'\nwrk.headers['Content-Type'] = 'application/json'\n\
             wrk.headers['Authorization'] = 'Bearer {key}'\n"
        );
        write_file(&script, &text)?;
        Ok(Self(vec!["-s".into(), script.display().to_string()]))
    }

    pub(super) fn run(&self, port: u16, connections: u32, seconds: u32) -> Result<Measured> {
        let url = format!("http://127.0.0.1:{port}/v1/chat/completions");
        wrk::run(Some(LOAD_CORE), connections, seconds, &self.0, &url)
    }

    /// The same from whichever core is free.
    pub(super) fn run_anywhere(&self, port: u16, connections: u32, seconds: u32) -> Result<Measured> {
        let url = format!("http://127.0.0.1:{port}/v1/chat/completions");
        wrk::run(None, connections, seconds, &self.0, &url)
    }
}

/// How much of a core's time a process has used so far, its own and the kernel's for it.
pub(super) fn cpu_us(process: u32) -> Result<f64> {
    /// The kernel counts in hundredths of a second, on every machine that Linux runs on.
    const TICK_US: f64 = 10_000.0;
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    let after_name = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
    let ticks = ticks.collect::<Result<Vec<_>, _>>().context("the kernel's figures are no numbers")?;
    ensure!(ticks.len() == 2, "the kernel does not say how much time the process used");
    Ok(ticks.iter().sum::<f64>() * TICK_US)
}

/// Writes a file and says which, if it fails.
fn write_file(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
