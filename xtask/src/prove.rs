//! `cargo xtask prove`: the proofs that take long, such as killing the server under load.
//!
//! A proof is an ignored test of the server's integration tests that drives the release build
//! from outside. It reads how far to go from `TURNPIKE_PROVE` (`short` or `long`) and which
//! program to drive from `TURNPIKE_BINARY`. `cargo xtask test` runs the short form of each.

use anyhow::{Result, bail, ensure};

use crate::build;
use crate::process::{command, output, run};
use crate::progress::Step;
use crate::services::postgres::{Postgres, Provided, URL_VARIABLE};
use crate::setup::{self, Purpose};
use crate::workspace::{RELEASE_BINARY, absolute};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only this proof
    name: Option<String>,
}

/// How far a proof goes.
#[derive(Clone, Copy)]
pub(crate) enum Length {
    /// Seconds: part of every test run.
    Short,
    /// Minutes: before a release.
    Long,
}

/// One claim and the test that would fail if it were not so.
struct Proof {
    /// What one types.
    name: &'static str,
    /// What is proven, as a sentence that can be false.
    claim: &'static str,
    /// The test's path in the server's integration tests.
    test: &'static str,
}

const PROOFS: [Proof; 5] = [
    Proof { name: "crash", claim: "an answered call survives kill -9 under load, once", test: "proofs::crash" },
    Proof {
        name: "overspend",
        claim: "64 clients spend a hard budget to its end and not beyond, through kill -9",
        test: "proofs::overspend",
    },
    Proof {
        name: "nodes-crash",
        claim: "so it does on two nodes, through the end of one and of the database's connections",
        test: "proofs::nodes_crash",
    },
    Proof {
        name: "nodes-overspend",
        claim: "64 clients of two nodes spend a hard budget to its end and not beyond, through kill -9",
        test: "proofs::nodes_overspend",
    },
    Proof {
        name: "ssr-load",
        claim: "20 000 page renders with clients hanging up cause no panic",
        test: "proofs::ssr_load",
    },
];

/// Builds the release build and runs the long form of every proof, or of the one named.
pub(crate) fn prove(args: &Args) -> Result<()> {
    if let Some(name) = &args.name
        && PROOFS.iter().all(|proof| proof.name != name)
    {
        let names: Vec<_> = PROOFS.iter().map(|proof| proof.name).collect();
        bail!("no proof is named {name}; there are: {}", names.join(", "));
    }
    setup::prepare(Purpose::Release)?;
    build::build(true)?;
    prove_selected(args.name.as_deref(), Length::Long)
}

/// Runs every proof on the release build that is there.
pub(crate) fn prove_all(length: Length) -> Result<()> {
    prove_selected(None, length)
}

fn prove_selected(name: Option<&str>, length: Length) -> Result<()> {
    setup::prepare_unit_tests()?;
    let postgres = Postgres::provided()?;
    for proof in PROOFS {
        if name.is_none_or(|name| name == proof.name) {
            prove_one(&proof, length, &postgres)?;
        }
    }
    Ok(())
}

fn prove_one(proof: &Proof, length: Length, postgres: &Provided) -> Result<()> {
    let mut step = Step::begin(format!("{}: {}", proof.name, proof.claim));
    step.note("");
    let listed = output(cargo_test(proof, length, postgres)?.arg("--list"))?;
    // A filter that matches nothing would pass, and prove nothing.
    ensure!(listed.lines().any(|line| line.ends_with(": test")), "no test is named {}", proof.test);
    run(cargo_test(proof, length, postgres)?.arg("--nocapture"))?;
    step.done();
    Ok(())
}

/// The tests are built for development as for `cargo xtask test`: what counts is the speed of
/// the program that they drive.
fn cargo_test(proof: &Proof, length: Length, postgres: &Provided) -> Result<std::process::Command> {
    let length = match length {
        Length::Short => "short",
        Length::Long => "long",
    };
    let mut cargo = command("cargo");
    cargo
        .args(["test", "--quiet", "--package", "server", "--test", "integration"])
        .args(["--", "--ignored", proof.test])
        .env("TURNPIKE_PROVE", length)
        .env("TURNPIKE_BINARY", absolute(RELEASE_BINARY)?)
        .env(URL_VARIABLE, postgres.url());
    Ok(cargo)
}
