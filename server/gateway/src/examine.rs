//! What a journal at rest still holds back from the database.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use domain::EventId;
use store::Db;

use crate::{
    batch::Recorder,
    gateway::StartError,
    journal::{self, OpenError, Record},
    replay,
};

/// What is to be said of a journal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JournalState {
    /// Whether a process works with it: then what it holds is on its way, and not looked at.
    pub in_use: bool,
    /// Calls that ended and whose events are not in the database.
    pub unrecorded: usize,
    /// Calls that the end of a process cut off, and whose events are not in the database.
    pub cut_off: usize,
    /// Files in which something can't be read.
    pub damaged: usize,
}

/// Compares a journal with the database. With `repair`, what is missing there is recorded, as the next
/// start would do.
///
/// # Errors
/// When the journal was written by a newer version, or can't be read; when the database can't be.
pub async fn examine_journal(dir: &Path, db: &Db, repair: bool) -> Result<JournalState, StartError> {
    if !dir.is_dir() {
        return Ok(JournalState::default());
    }
    let lock = match journal::lock(dir) {
        Ok(lock) => lock,
        Err(OpenError::InUse { .. }) => return Ok(JournalState { in_use: true, ..JournalState::default() }),
        Err(error) => return Err(refused(error)),
    };
    let mut state = JournalState::default();
    let (mut started, mut settled) = (HashSet::new(), HashSet::new());
    for path in segments(dir)? {
        let reading = journal::read(&path).map_err(refused)?;
        state.damaged += usize::from(!reading.damage.is_empty());
        for record in reading.records {
            match record {
                Record::Started(call) => started.insert(call.id),
                Record::Settled(event) => settled.insert(event.id),
            };
        }
    }
    let cut_off: Vec<EventId> = started.difference(&settled).copied().collect();
    let settled: Vec<EventId> = settled.into_iter().collect();
    let mut reader = db.read().await.map_err(refused)?;
    state.unrecorded = settled.len() - reader.usage().known(&settled).await.map_err(refused)?.len();
    state.cut_off = cut_off.len() - reader.usage().known(&cut_off).await.map_err(refused)?.len();
    drop(reader);
    if repair && state.unrecorded + state.cut_off > 0 {
        let recorder = Recorder { db: db.clone(), refused: dir.join("refused.jsonl"), leases: None };
        replay::replay(dir, &recorder).await.map_err(refused)?;
    }
    drop(lock);
    Ok(state)
}

fn segments(dir: &Path) -> Result<Vec<PathBuf>, StartError> {
    Ok(journal::list(dir).map_err(refused)?.into_iter().map(|(_, path)| path).collect())
}

fn refused(error: impl std::fmt::Display) -> StartError {
    StartError::new(error)
}
