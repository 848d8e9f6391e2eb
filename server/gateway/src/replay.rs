//! What an earlier process left in the journal.

use std::{collections::HashMap, fs, path::Path};

use domain::{EventId, budgets::Hold};

use crate::{
    batch::Recorder,
    journal::{self, Reading, Record, Started, Unreadable},
};

/// What was found and recorded.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Replayed {
    /// Calls that had ended.
    pub(crate) settled: usize,
    /// Calls that the end of the process cut off.
    pub(crate) interrupted: usize,
    /// Files in which something could not be read; they are kept beside the journal.
    pub(crate) damaged: usize,
    /// Where the next journal begins in the sequence.
    pub(crate) next: u64,
}

/// How many events are recorded at a time.
const BATCH: usize = 500;

/// Records everything in `dir`, then removes it. Ending in the middle and beginning again changes
/// nothing: an event is recorded once, whatever happens.
pub(crate) async fn replay(dir: &Path, recorder: &Recorder) -> Result<Replayed, Unreadable> {
    let io = |source| Unreadable::Io { path: dir.display().to_string(), source };
    let segments = journal::list(dir).map_err(io)?;
    let mut replayed = Replayed { next: segments.last().map_or(1, |(last, _)| last + 1), ..Replayed::default() };
    let mut open: HashMap<EventId, Started> = HashMap::new();
    let mut settled = Vec::new();
    let mut damaged = Vec::new();
    // All are read before one is touched, so that a file of a newer version stops the start
    // with everything in its place.
    for (_, path) in &segments {
        let reading = journal::read(path)?;
        if report(path, &reading) {
            damaged.push(path.clone());
        }
        for record in reading.records {
            match record {
                Record::Started(started) => drop(open.insert(started.id, *started)),
                Record::Settled(event) => {
                    open.remove(&event.id);
                    settled.push((*event, Hold::none()));
                    replayed.settled += 1;
                }
            }
        }
        for batch in settled.chunks(BATCH) {
            recorder.record(batch).await;
        }
        settled.clear();
    }
    let interrupted: Vec<_> = open.into_values().map(|started| (started.interrupted(), Hold::none())).collect();
    for batch in interrupted.chunks(BATCH) {
        recorder.record(batch).await;
    }
    replayed.interrupted = interrupted.len();
    replayed.damaged = damaged.len();
    for (_, path) in &segments {
        let done = if damaged.contains(path) {
            fs::rename(path, path.with_extension("damaged"))
        } else {
            fs::remove_file(path)
        };
        done.map_err(io)?;
    }
    Ok(replayed)
}

/// Says what could not be read; answers whether the file is worth keeping.
fn report(path: &Path, reading: &Reading) -> bool {
    for offset in &reading.damage {
        tracing::error!(path = %path.display(), offset, "the journal is damaged here; what follows was kept");
    }
    if let Some(offset) = reading.torn {
        tracing::warn!(path = %path.display(), offset, "the journal's last record was cut off");
    }
    !reading.damage.is_empty()
}
