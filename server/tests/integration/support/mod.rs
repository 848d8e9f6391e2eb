//! An installation that lives as long as one test, and ways to call it.

#[macro_use]
mod engines;
mod call;
mod logs;
mod people;
mod world;

pub(crate) use call::{Answer, Call};
pub(crate) use logs::logged;
pub(crate) use people::Person;
pub(crate) use world::{EMAIL, PASSWORD, World};

use std::path::PathBuf;

/// Compares a generated file with the one in the repository; `UPDATE_GOLDEN=1` writes it.
pub(crate) fn golden(name: &str, generated: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, generated).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == generated,
        "docs/{name} is not what the program says. Run with UPDATE_GOLDEN=1 and look at the difference."
    );
}
