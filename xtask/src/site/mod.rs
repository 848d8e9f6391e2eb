//! What is done to a release build's files before a browser gets them: they are sent again and again, and so
//! made small once.

mod compress;
mod likeness;
mod wasm;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process::{command, find, run};
use crate::progress::Step;
use crate::workspace::SITE;

/// Puts alike functions of the WASM beside each other, and compresses every file that shrinks by it.
pub(crate) fn make_small() -> Result<()> {
    let files = files_below(Path::new(SITE))?;
    let step = Step::begin("portal's files, made small");
    for file in files.iter().filter(|file| has_extension(file, "wasm")) {
        order(file).with_context(|| format!("cannot order {}", file.display()))?;
    }
    for file in &files {
        compress::compress(file).with_context(|| format!("cannot compress {}", file.display()))?;
    }
    step.done();
    Ok(())
}

/// Brotli looks for what it has seen, and finds it more cheaply the nearer it is. Only wasm-opt can move
/// functions about, because every call must follow; it orders them by name, so each gets its place for a name.
fn order(file: &Path) -> Result<()> {
    if find("wasm-opt").is_none() {
        return Ok(());
    }
    let module = std::fs::read(file)?;
    let functions = wasm::functions(&module)?;
    let named = file.with_extension("named");
    std::fs::write(&named, wasm::with_names(&module, functions.first, &likeness::places(&functions.bodies)))?;
    run(command("wasm-opt").arg("--reorder-functions-by-name").arg(&named).arg("--output").arg(file))?;
    Ok(std::fs::remove_file(named)?)
}

/// Every file in a folder and the folders in it.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(files_below(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

/// Whether a file's name ends so.
pub(crate) fn has_extension(file: &Path, extension: &str) -> bool {
    file.extension().is_some_and(|found| found == extension)
}

/// The name of a file that is compressed so.
pub(crate) fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
