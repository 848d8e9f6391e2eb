//! `cargo xtask check-style`: what no compiler sees.
//!
//! Every class that the portal uses exists in a stylesheet, and every class in a stylesheet is
//! used; no Rust file grows past reading; nothing committed names a machine or a registry.

mod classes_defined;
mod classes_used;
mod rust_strings;
mod tree;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::process::{command, output};
use crate::progress::Step;

const PORTAL: &str = "app/src";
const STYLESHEETS: &str = "style";

/// Fails with one line a finding, each with the place to mend.
pub(crate) fn check() -> Result<()> {
    let step = Step::begin("Style checks");
    let files = files_of_the_project()?;
    let mut findings = classes(&files);
    findings.extend(tree::findings(&files));
    if findings.is_empty() {
        step.done();
        return Ok(());
    }
    findings.sort();
    bail!("{} findings:\n{}", findings.len(), findings.join("\n"))
}

/// The project's text files by path: tracked ones, and new ones that are not ignored.
fn files_of_the_project() -> Result<BTreeMap<PathBuf, String>> {
    let mut git = command("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let listed = output(&mut git).context("the style checks read the list of files from git")?;
    let paths = listed.split('\0').filter(|path| !path.is_empty());
    let texts = paths.filter_map(|path| {
        // A file can be deleted but not yet committed so; pictures and fonts are no text.
        let text = std::fs::read_to_string(path).ok()?;
        Some((PathBuf::from(path), text))
    });
    Ok(texts.collect())
}

fn classes(files: &BTreeMap<PathBuf, String>) -> Vec<String> {
    let below = |folder: &'static str, extension: &'static str| {
        files.iter().filter(move |(path, _)| {
            path.starts_with(folder) && path.extension().is_some_and(|found| found == extension)
        })
    };
    let mut defined = BTreeMap::new();
    for (path, text) in below(STYLESHEETS, "css") {
        for class in classes_defined::in_stylesheet(text) {
            defined.entry(class).or_insert(path.as_path());
        }
    }
    let mut findings = Vec::new();
    let mut mentioned = std::collections::BTreeSet::new();
    for (path, text) in below(PORTAL, "rs") {
        let strings = rust_strings::tokens(text);
        mentioned.extend(classes_used::mentioned(&strings));
        for used in classes_used::used(&strings) {
            findings.extend(unknown_class(path, text, &used, &defined));
        }
    }
    let unused = defined.iter().filter(|(class, _)| !mentioned.contains(*class));
    findings.extend(unused.map(|(class, path)| format!("{}: .{class} is used nowhere in {PORTAL}", path.display())));
    findings
}

fn unknown_class(
    path: &Path,
    text: &str,
    used: &classes_used::Used,
    defined: &BTreeMap<String, &Path>,
) -> Option<String> {
    let line = 1 + text.get(..used.offset)?.matches('\n').count();
    let place = format!("{}:{line}", path.display());
    let class = &used.class;
    if class.contains('{') {
        return Some(format!("{place}: {class} is put together; write whole class names"));
    }
    if defined.contains_key(class) {
        return None;
    }
    Some(format!("{place}: class {class} is in no stylesheet"))
}
