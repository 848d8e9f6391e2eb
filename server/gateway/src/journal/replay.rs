//! Reading a segment that an earlier process left behind.

use std::{fs, io, path::Path};

use super::{
    record::{self, FRAME, Framed, Record},
    segment::{self, HEADER, Header, VERSION},
};

/// What could be read of a segment.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// The records, in the order in which they were written.
    pub(crate) records: Vec<Record>,
    /// Where something stood that is no record although records follow it, in bytes from the
    /// file's beginning. What was in it is lost; what follows it is not.
    pub(crate) damage: Vec<usize>,
    /// Where the last record was cut off, if it was: the process or the power ended in the middle
    /// of a write.
    pub(crate) torn: Option<usize>,
}

/// Why a segment can't be read at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error(
        "{path} was written by a newer Turnpike (journal version {version}, this one reads up to {VERSION}). \
         Start that version once, so that it can finish its journal."
    )]
    Newer { path: String, version: u16 },
    #[error("{path} can't be read: {source}")]
    Io { path: String, source: io::Error },
}

/// Reads a segment's file.
pub(crate) fn read(path: &Path) -> Result<Reading, Unreadable> {
    let shown = || path.display().to_string();
    let bytes = fs::read(path).map_err(|source| Unreadable::Io { path: shown(), source })?;
    match segment::header(&bytes) {
        Header::Readable => Ok(scan(&bytes)),
        Header::Newer(version) => Err(Unreadable::Newer { path: shown(), version }),
        // Its space was being set aside when the process ended; no record was ever in it.
        Header::Unfinished if bytes.iter().all(|b| *b == 0) => Ok(Reading::default()),
        Header::Unfinished => Ok(Reading { damage: vec![0], ..scan(&bytes) }),
    }
}

fn scan(bytes: &[u8]) -> Reading {
    let mut reading = Reading::default();
    let mut at = HEADER.min(bytes.len());
    loop {
        match record::unframe(&bytes[at..]) {
            Framed::Payload(payload) => {
                match serde_json::from_slice(payload) {
                    Ok(record) => reading.records.push(record),
                    Err(_) => reading.damage.push(at),
                }
                at += FRAME + payload.len();
            }
            // Also looked behind the end: a page of zeros may stand where records once did.
            Framed::End | Framed::Damaged => {
                let written_on = bytes[at..].iter().any(|b| *b != 0);
                match next_record(bytes, at + 1) {
                    Some(next) => {
                        reading.damage.push(at);
                        at = next;
                    }
                    None => {
                        reading.torn = written_on.then_some(at);
                        return reading;
                    }
                }
            }
        }
    }
}

/// Where the next whole record begins. Every payload is a JSON object, which spares computing
/// most of the checksums.
fn next_record(bytes: &[u8], from: usize) -> Option<usize> {
    (from..bytes.len().saturating_sub(FRAME + 1)).find(|at| {
        bytes[at + FRAME..].starts_with(b"{\"") && matches!(record::unframe(&bytes[*at..]), Framed::Payload(_))
    })
}
