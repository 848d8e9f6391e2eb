//! `cargo xtask test`: everything that must hold before a change lands.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;

use crate::process::{command, run};
use crate::progress::duration;
use crate::prove::{self, Length};
use crate::services::postgres::{Postgres, URL_VARIABLE};
use crate::setup::{self, Purpose};
use crate::workspace::{END2END, RELEASE_BINARY, absolute};
use crate::{build, check_style, weight};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only this stage; may be given several times
    #[arg(long, value_enum)]
    only: Vec<Stage>,
}

/// In the order in which they run: what fails soonest comes first.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Stage {
    /// Formatting, style checks, clippy for the host and for the browser
    Lint,
    /// Unit and contract tests, on SQLite and PostgreSQL
    Unit,
    /// The release build
    Build,
    /// What the browser has to load
    Weight,
    /// The short forms of the long proofs
    Prove,
    /// Playwright on the release build
    E2e,
}

/// Runs the stages until one fails, and ends with how many passed.
pub(crate) fn test(args: &Args) -> Result<()> {
    let stages: Vec<Stage> = Stage::value_variants()
        .iter()
        .copied()
        .filter(|stage| args.only.is_empty() || args.only.contains(stage))
        .collect();
    let begun = Instant::now();
    let mut passed: Vec<(Stage, Duration)> = Vec::new();
    let mut failure = None;
    for stage in &stages {
        println!("\n━━ {}", stage.name());
        let stage_begun = Instant::now();
        if let Err(error) = stage.run() {
            failure = Some((*stage, stage_begun.elapsed(), error));
            break;
        }
        passed.push((*stage, stage_begun.elapsed()));
    }

    println!("\n━━ {}", duration(begun.elapsed()));
    for stage in &stages {
        let took = passed.iter().find(|(other, _)| other == stage);
        let outcome = match (took, &failure) {
            (Some((_, took)), _) => format!("passed   {:>12}", duration(*took)),
            (None, Some((failed, took, _))) if failed == stage => {
                format!("FAILED   {:>12}", duration(*took))
            }
            (None, _) => "not run".to_owned(),
        };
        println!("  {:<8} {outcome}", stage.name());
    }
    if let Some((stage, _, error)) = &failure {
        println!("{}: {error:#}", stage.name());
        println!("once mended: cargo xtask test --only {}", stage.name());
    }
    println!("{} passed, {} failed", passed.len(), usize::from(failure.is_some()));
    match failure {
        None => Ok(()),
        Some((stage, ..)) => bail!("{} failed", stage.name()),
    }
}

impl Stage {
    fn name(self) -> &'static str {
        match self {
            Self::Lint => "lint",
            Self::Unit => "unit",
            Self::Build => "build",
            Self::Weight => "weight",
            Self::Prove => "prove",
            Self::E2e => "e2e",
        }
    }

    fn run(self) -> Result<()> {
        match self {
            Self::Lint => lint(),
            Self::Unit => unit(),
            Self::Build => {
                setup::prepare(Purpose::Release)?;
                build::build(true)
            }
            Self::Weight => weight::weigh(),
            Self::Prove => prove::prove_all(Length::Short),
            Self::E2e => end_to_end(),
        }
    }
}

fn lint() -> Result<()> {
    setup::prepare_lint()?;
    run(command("cargo").args(["fmt", "--all", "--check"])).context("run `cargo fmt --all`")?;
    check_style::check()?;
    // What is measured from inside must still build.
    let host = ["--workspace", "--exclude", "frontend", "--all-targets", "--features", "gateway/bench"];
    run(&mut clippy(&host))?;
    run(&mut clippy(&["--package", "frontend", "--target", "wasm32-unknown-unknown"]))
}

/// The portal's half for the browser is built by itself: features of both halves in one build
/// would make a portal that is neither.
fn clippy(selection: &[&str]) -> Command {
    let mut cargo = command("cargo");
    cargo.args(["clippy", "--quiet", "--locked"]).args(selection).args(["--", "-D", "warnings"]);
    cargo
}

fn unit() -> Result<()> {
    setup::prepare_unit_tests()?;
    let mut cargo = command("cargo");
    cargo.args(["test", "--quiet", "--locked", "--workspace", "--exclude", "frontend"]);
    let postgres = Postgres::provided()?;
    run(cargo.env(URL_VARIABLE, postgres.url()))
}

fn end_to_end() -> Result<()> {
    ensure!(
        std::path::Path::new(RELEASE_BINARY).is_file(),
        "{RELEASE_BINARY} is missing: run `cargo xtask build --release`"
    );
    setup::prepare_browser_tests()?;
    run(command("npx").args(["tsc", "--noEmit"]).current_dir(END2END))?;
    run(command("npx")
        .args(["playwright", "test"])
        .env("TURNPIKE_BINARY", absolute(RELEASE_BINARY)?)
        .current_dir(END2END))
}
