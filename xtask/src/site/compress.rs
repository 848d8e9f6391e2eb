use std::{io::Write, path::Path};

use anyhow::Result;

use super::{has_extension, with_suffix};

/// Fonts and pictures are compressed already.
const SHRINK: [&str; 7] = ["css", "html", "js", "json", "svg", "txt", "wasm"];

/// Writes the file's compressed forms beside it, from which the server takes what a browser knows.
pub(super) fn compress(file: &Path) -> Result<()> {
    if !SHRINK.iter().any(|extension| has_extension(file, extension)) {
        return Ok(());
    }
    let content = std::fs::read(file)?;
    let mut best = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 24, ..Default::default() };
    best.size_hint = content.len();
    let mut small = Vec::new();
    brotli::BrotliCompress(&mut content.as_slice(), &mut small, &best)?;
    std::fs::write(with_suffix(file, ".br"), &small)?;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&content)?;
    Ok(std::fs::write(with_suffix(file, ".gz"), gzip.finish()?)?)
}
