//! Which file is written to, and when.

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, MutexGuard, OnceLock, PoisonError, atomic::Ordering},
};

use super::{
    FRAME, MAX_RECORD, Segment, Shared,
    segment::{HEADER, Kept},
};
use crate::settings::Sync;

/// Records that are written with one write.
#[derive(Debug, Default)]
pub(super) struct Batch(OnceLock<bool>);

impl Batch {
    /// Nothing as long as nobody has tried.
    pub(super) fn is_written(&self) -> Option<bool> {
        self.0.get().copied()
    }
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) current: Arc<Segment>,
    /// Where the next record goes.
    end: u64,
    /// Records that are to be written, up to `end`.
    pending: Vec<u8>,
    pub(super) batch: Arc<Batch>,
    /// Written since the last sync.
    pub(super) dirty: bool,
    /// Segments that can be written next.
    pub(super) spares: VecDeque<Arc<Segment>>,
    /// Full segments that the next sync must include.
    pub(super) unsynced: Vec<Arc<Segment>>,
    /// Full segments that hold something uncommitted.
    sealed: Vec<Arc<Segment>>,
    /// Segments whose records all are in the database.
    pub(super) retired: Vec<Arc<Segment>>,
    /// How many files there are.
    pub(super) files: u64,
    /// The next file's place in the sequence.
    pub(super) next: u64,
    /// The room that admitted calls need for their settlements.
    pub(super) reserved: u64,
}

impl Shared {
    /// A panic while the lock was held leaves counters that are still right, for each is changed
    /// by one statement; refusing every call from then on would be worse.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds one record to the batch, for the next segment when this one is full. Answers where it will stand.
    pub(super) fn append(&self, state: &mut State, frame: &[u8]) -> io::Result<(Arc<Segment>, u64)> {
        if state.rest() < frame.len() as u64 {
            self.write(state);
            if state.rest() < frame.len() as u64 {
                self.rotate(state)?;
            }
        }
        let offset = state.end;
        state.pending.extend_from_slice(frame);
        state.end += frame.len() as u64;
        state.current.open.fetch_add(1, Ordering::Relaxed);
        self.unwritten.store(true, Ordering::Release);
        Ok((state.current.clone(), offset))
    }

    pub(super) fn flush(&self) {
        if self.unwritten.load(Ordering::Acquire) {
            self.write(&mut self.lock());
        }
    }

    /// Writes the batch. A segment that can't be written is left for the next.
    fn write(&self, state: &mut State) {
        if state.pending.is_empty() {
            return;
        }
        let from = state.end - state.pending.len() as u64;
        let mut written = self.put(&state.current, &state.pending, from);
        if let Err(error) = &written {
            tracing::error!(%error, "the journal could not be written; trying its next file");
            written = self.write_elsewhere(state, from);
        }
        if let Err(error) = &written {
            tracing::error!(%error, "the journal could not be written; calls are refused");
        }
        state.dirty |= written.is_ok();
        state.pending.clear();
        // Setting it fails only where it was set, and then there is a new one.
        let _ = std::mem::take(&mut state.batch).0.set(written.is_ok());
        // Only now: until then whoever needs it written waits for the lock.
        self.unwritten.store(false, Ordering::Release);
    }

    /// Writes the batch into the next segment. Where its records should stand they can be read from memory.
    fn write_elsewhere(&self, state: &mut State, from: u64) -> io::Result<()> {
        let broken = state.current.clone();
        let written = self.rotate(state).and_then(|()| {
            self.put(&state.current, &state.pending, state.end)?;
            state.end += state.pending.len() as u64;
            // The copy is needed for as long as the original would have been.
            state.current.open.fetch_add(1, Ordering::Relaxed);
            Ok(state.current.clone())
        });
        broken.keep(Kept { from, bytes: state.pending.clone(), copy: written.as_ref().ok().cloned() });
        written.map(drop)
    }

    fn put(&self, segment: &Segment, bytes: &[u8], offset: u64) -> io::Result<()> {
        segment.write(bytes, offset)?;
        if self.settings.sync == Sync::Always { segment.sync() } else { Ok(()) }
    }

    fn rotate(&self, state: &mut State) -> io::Result<()> {
        self.wake.notify_one();
        let Some(next) = state.spares.pop_front() else {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "the journal has no file left"));
        };
        let full = std::mem::replace(&mut state.current, next);
        state.end = HEADER as u64;
        if std::mem::take(&mut state.dirty) {
            state.unsynced.push(full.clone());
        }
        state.sealed.push(full);
        state.retire();
        Ok(())
    }
}

impl State {
    /// With the first two segments, and the place of the third in the sequence.
    pub(super) fn new(current: Arc<Segment>, spare: Arc<Segment>, next: u64) -> Self {
        Self {
            current,
            end: HEADER as u64,
            pending: Vec::new(),
            batch: Arc::default(),
            dirty: false,
            spares: VecDeque::from([spare]),
            unsynced: Vec::new(),
            sealed: Vec::new(),
            retired: Vec::new(),
            files: 2,
            next,
            reserved: 0,
        }
    }

    /// What is left in the current segment.
    fn rest(&self) -> u64 {
        self.current.size() - self.end
    }

    /// The room that can be counted on. A record that does not fit at a segment's end goes to the
    /// next, so one record's length is lost in each.
    pub(super) fn free(&self) -> u64 {
        let lost = (MAX_RECORD + FRAME) as u64;
        let spares = self.spares.iter().map(|spare| spare.size() - HEADER as u64 - lost).sum::<u64>();
        self.rest().saturating_sub(lost) + spares
    }

    /// Moves full segments that the database has to those that can be deleted.
    pub(super) fn retire(&mut self) -> bool {
        let done = self.sealed.extract_if(.., |segment| segment.open.load(Ordering::Relaxed) == 0);
        let before = self.retired.len();
        self.retired.extend(done);
        for segment in &self.retired[before..] {
            segment.release_copies();
        }
        self.retired.len() > before
    }
}
