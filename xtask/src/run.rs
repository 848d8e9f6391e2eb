//! `cargo xtask run`: build and serve.

use std::os::unix::process::CommandExt;

use anyhow::{Context, Result};

use crate::build;
use crate::process::command;
use crate::setup::{self, Purpose};
use crate::workspace::{DEBUG_BINARY, RELEASE_BINARY, absolute};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Serve the optimised build
    #[arg(long)]
    release: bool,
    /// Passed on to `turnpike serve`
    #[arg(last = true)]
    serve: Vec<String>,
}

/// Becomes the server, so that Ctrl-C and signals reach it as if it had been started by hand.
pub(crate) fn run(args: &Args) -> Result<()> {
    let (purpose, binary) =
        if args.release { (Purpose::Release, RELEASE_BINARY) } else { (Purpose::Run, DEBUG_BINARY) };
    setup::prepare(purpose)?;
    build::build(args.release)?;
    let refusal = command(absolute(binary)?).arg("serve").args(&args.serve).exec();
    Err(refusal).with_context(|| format!("cannot start {binary}"))
}
