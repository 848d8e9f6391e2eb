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
    /// The test's path in the server's integration tests, or in the domain's.
    test: Test,
}

/// Where the test is.
#[derive(Clone, Copy)]
enum Test {
    /// It drives the release build from outside.
    Server(&'static str),
    /// It needs neither clock nor database, and runs in a short form with every test run.
    Domain(&'static str),
}

const PROOFS: [Proof; 10] = [
    Proof {
        name: "simulation",
        claim: "10 000 histories of nodes that crash and are not heard overspend no budget and lose no call",
        test: Test::Domain("budgets::simulation"),
    },
    Proof {
        name: "crash",
        claim: "an answered call survives kill -9 under load, once",
        test: Test::Server("proofs::crash"),
    },
    Proof {
        name: "bulk",
        claim: "a job on thousands of keys goes on after kill -9 in its middle, and does or makes each key once",
        test: Test::Server("proofs::bulk"),
    },
    Proof {
        name: "overspend",
        claim: "64 clients spend a hard budget to its end and not beyond, through kill -9",
        test: Test::Server("proofs::overspend"),
    },
    Proof {
        name: "nodes-crash",
        claim: "so it does on two nodes, through the ends of one, of PostgreSQL and of Redis",
        test: Test::Server("proofs::nodes_crash"),
    },
    Proof {
        name: "nodes-overspend",
        claim: "64 clients of two nodes spend a hard budget to its end and not beyond, through the same",
        test: Test::Server("proofs::nodes_overspend"),
    },
    Proof {
        name: "nodes-news",
        claim: "what is revoked on one node is refused by the other within moments",
        test: Test::Server("proofs::nodes_news"),
    },
    Proof {
        name: "soak",
        claim: "ten minutes at half of what is possible: no error, no growing memory, books that agree",
        test: Test::Server("proofs::soak"),
    },
    Proof {
        name: "nodes-limits",
        claim: "two nodes keep limits within the stated bound on PostgreSQL alone and exactly with Redis",
        test: Test::Server("proofs::nodes_limits"),
    },
    Proof {
        name: "ssr-load",
        claim: "20 000 page renders with clients hanging up cause no panic",
        test: Test::Server("proofs::ssr_load"),
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
    // One of our own, whatever the variable names: proofs crash it.
    let postgres = Postgres::fresh()?;
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
    ensure!(listed.lines().any(|line| line.ends_with(": test")), "no test is named as that of {}", proof.name);
    run(cargo_test(proof, length, postgres)?.arg("--nocapture"))?;
    step.done();
    Ok(())
}

/// The tests are built for development as for `cargo xtask test`: what counts is the speed of
/// the program that they drive.
fn cargo_test(proof: &Proof, length: Length, postgres: &Provided) -> Result<std::process::Command> {
    let (name, seeds) = match length {
        Length::Short => ("short", "500"),
        Length::Long => ("long", "10000"),
    };
    let mut cargo = command("cargo");
    cargo.args(["test", "--quiet"]);
    match proof.test {
        Test::Server(test) => cargo.args(["--package", "server", "--test", "integration", "--", "--ignored", test]),
        Test::Domain(test) => cargo.args(["--package", "domain", "--lib", "--", test]),
    };
    cargo
        .env("TURNPIKE_SEEDS", seeds)
        .env("TURNPIKE_PROVE", name)
        .env("TURNPIKE_BINARY", absolute(RELEASE_BINARY)?)
        .env(URL_VARIABLE, postgres.url());
    Ok(cargo)
}
