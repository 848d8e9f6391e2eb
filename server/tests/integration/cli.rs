//! The program's command line: what it says of itself, and what it refuses.

mod keys;

use std::{
    fmt::Write,
    fs,
    path::Path,
    process::{Command, Output},
};

use clap::CommandFactory;
use server::cli::Cli;
use tempfile::TempDir;

use crate::support::golden;

#[test]
fn the_help_of_every_command() {
    let mut cli = Cli::command();
    cli.build();
    let mut text = format!("# The command line\n\n```\n$ turnpike --help\n{}```\n", cli.render_long_help());
    describe(&mut cli, "turnpike", &mut text);
    golden("cli.md", &text);
}

/// The help of a command's own commands, and of theirs.
fn describe(command: &mut clap::Command, path: &str, text: &mut String) {
    for below in command.get_subcommands_mut().filter(|below| below.get_name() != "help") {
        let path = format!("{path} {}", below.get_name());
        write!(text, "\n```\n$ {path} --help\n{}```\n", below.render_long_help()).unwrap();
        describe(below, &path, text);
    }
}

#[test]
fn a_second_bootstrap_is_refused_and_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let first = bootstrap(&folder, &folder.path().join("data"), "Acme");
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    assert!(String::from_utf8_lossy(&first.stdout).contains("management token"));
    let second = bootstrap(&folder, &folder.path().join("data"), "Intruders");
    assert!(complaint(&second).contains("has its first organization already"), "{}", complaint(&second));
    assert!(second.stdout.is_empty(), "no token is made");
}

#[test]
fn a_data_directory_that_cannot_be_written_is_named_with_what_to_do() {
    let folder = TempDir::new().unwrap();
    // Below a file no directory can be made, by root neither.
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let refused = complaint(&bootstrap(&folder, &file.join("data"), "Acme"));
    assert!(refused.contains("file/data can't be written") && refused.contains("--data-dir"), "{refused}");
}

#[test]
fn a_wrong_file_of_settings_is_refused_with_the_setting_and_what_is_right() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("turnpike.toml");
    for (toml, said) in [
        ("portal_threads = 1", "portal_threads"),
        ("lissten = \"127.0.0.1:1\"", "docs/configuration.md"),
        ("listen =", "at line 1, column 9"),
    ] {
        fs::write(&file, toml).unwrap();
        let refused = complaint(&turnpike(&folder).arg("migrate").arg("--config").arg(&file).output().unwrap());
        assert!(refused.contains(said) && refused.lines().count() == 1, "{refused}");
    }
    assert!(!folder.path().join("turnpike-data").exists(), "nothing was made");
}

fn bootstrap(folder: &TempDir, data: &Path, organization: &str) -> Output {
    let password = folder.path().join("password");
    fs::write(&password, "a long enough password\n").unwrap();
    let mut program = turnpike(folder);
    program.args(["bootstrap", "--organization", organization, "--email", "mara@acme.example", "--password-file"]);
    program.arg(password).arg("--data-dir").arg(data).output().unwrap()
}

/// The program in a folder of its own, so that no file of settings lies around.
fn turnpike(folder: &TempDir) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_turnpike"));
    program.current_dir(folder.path());
    program
}

/// What a command that failed said.
fn complaint(output: &Output) -> String {
    assert!(!output.status.success(), "it was not refused");
    String::from_utf8(output.stderr.clone()).unwrap()
}
