//! `cargo xtask weight`: what a browser has to load, and the limits that it must stay under.

mod first_load;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::progress::kilobytes;
use crate::services::turnpike::Turnpike;
use crate::site::{files_below, has_extension, with_suffix};
use crate::workspace::{SITE, SITE_PKG};

/// The WASM that every page needs, before compression: it is compiled before the page answers.
const MAIN_WASM_LIMIT: u64 = 900_000;
/// All WASM together, before compression, however many pages there are.
const ALL_WASM_LIMIT: u64 = 3_000_000;
/// What the first load of a page may weigh, HTML included and fonts left out, as sent.
const FIRST_LOADS: [(&str, u64); 2] = [("/login", 250_000), ("/keys", 256_000)];
/// How many keys the page of keys shows while it is weighed.
const KEYS: u32 = 60;

/// Prints all weights, and fails when one is over its limit.
pub(crate) fn weigh() -> Result<()> {
    let files = report_files()?;
    let mut weights = vec![
        ("the main WASM".to_owned(), files.main_wasm, MAIN_WASM_LIMIT),
        ("all WASM".to_owned(), files.all_wasm, ALL_WASM_LIMIT),
    ];
    let turnpike = Turnpike::start_demo(KEYS)?;
    let cookie = turnpike.sign_in()?;
    for (page, limit) in FIRST_LOADS {
        let cookie = (page != "/login").then_some(cookie.as_str());
        let load = first_load::of(page, turnpike.address(), cookie)?;
        println!("first load of {page}, as sent:");
        for kind in ["html", "js", "css", "wasm", "woff2"] {
            let of_kind = || load.iter().filter(|(path, _)| kind_of(path) == kind);
            let bytes = of_kind().map(|(_, bytes)| bytes).sum();
            println!("  {kind:<6} {:>3} files {:>10}", of_kind().count(), kilobytes(bytes));
        }
        let sent = load.iter().filter(|(path, _)| kind_of(path) != "woff2").map(|(_, bytes)| bytes).sum();
        weights.push((format!("the first load of {page}"), sent, limit));
    }
    let mut too_heavy = Vec::new();
    for (what, bytes, limit) in weights {
        println!("{what}: {} of {}", kilobytes(bytes), kilobytes(limit));
        if bytes > limit {
            too_heavy.push(what);
        }
    }
    if too_heavy.is_empty() { Ok(()) } else { bail!("over the limit: {}", too_heavy.join(", ")) }
}

/// The ending of a file's name; pages have none.
fn kind_of(path: &str) -> &str {
    path.rsplit_once('.').map_or("html", |(_, ending)| ending)
}

/// The weights that have limits, before compression.
pub(crate) struct Files {
    main_wasm: u64,
    all_wasm: u64,
}

/// Prints what the release build's files weigh, raw and as compressed by the build.
pub(crate) fn report_files() -> Result<Files> {
    let pkg = Path::new(SITE_PKG);
    let files = files_below(pkg).context("there is no portal to weigh: run `cargo xtask build --release`")?;
    let wasm = sum(&files, |file| has_extension(file, "wasm"));
    let main = sum(&files, is_main_wasm);
    let kinds = [
        ("main WASM", main),
        ("all WASM", wasm),
        ("JS", sum(&files, |file| has_extension(file, "js"))),
        ("CSS", sum(&files, |file| has_extension(file, "css"))),
        ("fonts", sum(&files_below(Path::new(SITE))?, |file| has_extension(file, "woff2"))),
    ];
    println!("{:<10} {:>10} {:>10}", "weights", "raw", "brotli");
    for (kind, weight) in kinds {
        let (raw, brotli) = (kilobytes(weight.raw), kilobytes(weight.brotli));
        println!("{kind:<10} {raw:>10} {brotli:>10}");
    }
    if main.raw == 0 {
        bail!("{SITE_PKG} holds no main WASM: run `cargo xtask build --release`");
    }
    Ok(Files { main_wasm: main.raw, all_wasm: wasm.raw })
}

#[derive(Clone, Copy, Default)]
struct Weight {
    raw: u64,
    brotli: u64,
}

fn sum(files: &[PathBuf], belongs: impl Fn(&Path) -> bool) -> Weight {
    let mut total = Weight::default();
    for file in files.iter().filter(|file| belongs(file)) {
        let raw = size(file).unwrap_or_default();
        total.raw += raw;
        // What does not shrink is not compressed, and sent as it is.
        total.brotli += size(&with_suffix(file, ".br")).unwrap_or(raw);
    }
    total
}

/// Pages are split off into files with names of their own; the main file has the portal's name.
fn is_main_wasm(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with("turnpike") && has_extension(file, "wasm")
}

fn size(file: &Path) -> Option<u64> {
    Some(std::fs::metadata(file).ok()?.len())
}
