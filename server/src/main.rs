//! The program `turnpike`.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match server::commands::run(server::cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The sentence is for the person at the terminal; logging may not even be set up yet.
            let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("turnpike: {error}\n").as_bytes());
            ExitCode::from(error.code())
        }
    }
}
