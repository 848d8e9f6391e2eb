//! One file a command.

mod bootstrap;
mod demo;
mod doctor;
mod keys;
mod migrate;
mod nodes;
mod sandbox;
mod serve;

use std::{fmt::Display, io::Write};

use crate::{
    cli::{Cli, Command, InstallationArgs},
    config::Config,
};

/// What a command that failed says: one sentence for the person at the terminal.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    /// What was asked can't be meant: nothing was tried.
    fn usage(message: impl Display) -> Self {
        Self { message: message.to_string(), code: 2 }
    }

    /// What the process exits with: 2 when it was asked wrongly, as the command line's own refusals are, otherwise 1.
    pub const fn code(&self) -> u8 {
        self.code
    }
}

/// Runs the command.
///
/// # Errors
/// With the sentence to print when it can't be done.
pub fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        Command::Serve(args) => serve::run(args),
        Command::Migrate(args) => block_on(migrate::run(&load(&args)?)),
        Command::Bootstrap(args) => block_on(bootstrap::run(&load(&args.installation)?, &args)),
        Command::Demo(args) => block_on(demo::run(&load(&args.installation)?, &args)),
        Command::Doctor(args) => block_on(doctor::run(&load(&args.installation)?, &args)),
        Command::Nodes(args) => block_on(nodes::run(&load(&args.installation)?, &args)),
        Command::Keys(args) => block_on(keys::run(*args)),
        Command::Sandbox(args) => block_on(sandbox::run(args.listen)),
    }
}

fn load(args: &InstallationArgs) -> Result<Config, Failure> {
    Config::load(args, args.config.as_deref()).map_err(fail)
}

fn block_on(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(fail)?.block_on(command)
}

fn fail(error: impl Display) -> Failure {
    Failure { message: error.to_string(), code: 1 }
}

/// Prints a line for the person at the terminal, or for the program that reads it.
fn say(line: impl Display) {
    // A closed pipe at the other end is no reason to fail.
    let _ = writeln!(std::io::stdout(), "{line}");
}
