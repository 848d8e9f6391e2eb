//! Every developer command of the project, run as `cargo xtask <command>`.
//!
//! One file a command. Each command prepares what it needs and skips what is done already,
//! so that there is never an order of commands to remember.
#![expect(clippy::print_stdout, reason = "a command-line program speaks on standard output")]

mod bench;
mod build;
mod check_style;
mod http;
mod process;
mod progress;
mod prove;
mod run;
mod services;
mod setup;
mod site;
mod test;
mod weight;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Developer commands of Turnpike")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install what is missing; every step that is done is skipped
    Setup {
        /// What you are about to do
        #[arg(value_enum, default_value = "test")]
        purpose: setup::Purpose,
    },
    /// Build server and portal, then serve: `cargo xtask run -- --listen 127.0.0.1:8080`
    Run(run::Args),
    /// Lint, unit and contract tests, release build, weights, short proofs, browser tests
    Test(test::Args),
    /// Run the long proofs whole
    Prove(prove::Args),
    /// Build server and portal
    Build {
        /// The optimised build, with pages split and precompressed; prints its weights
        #[arg(long)]
        release: bool,
    },
    /// Measure the release build against its references
    Bench(bench::Args),
    /// Check classes against the stylesheets, file lengths, and what must not be committed
    CheckStyle,
    /// Print what the release build weighs, and fail when it is too much
    Weight,
}

fn main() -> ExitCode {
    match workspace::enter().and_then(|()| dispatch(Cli::parse().command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Setup { purpose } => setup::prepare(purpose),
        Command::Run(args) => run::run(&args),
        Command::Test(args) => test::test(&args),
        Command::Prove(args) => prove::prove(&args),
        Command::Build { release } => build::prepare_and_build(release),
        Command::Bench(args) => bench::bench(&args),
        Command::CheckStyle => check_style::check(),
        Command::Weight => weight::weigh(),
    }
}
