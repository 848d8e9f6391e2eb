//! The journal: what must survive the end of the process.
//!
//! Append-only files of fixed size, allocated ahead. A call's admission is written before it is
//! forwarded and its settlement before the last byte of its answer is given away, both with one
//! write into space that is known to be there: the room for a settlement is reserved when the call
//! is admitted, and where it can't be, the call is refused. A file is deleted once the database
//! has all that is in it.

mod keeper;
mod record;
mod replay;
mod segment;
#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

use domain::usage::UsageEvent;

pub(crate) use record::{Record, Settlement, Started};
pub(crate) use replay::{Reading, Unreadable, read};
pub(crate) use segment::{Segment, list};

use crate::settings::{JournalSettings, Sync};
use record::{FRAME, MAX_RECORD};

/// How much longer a settlement may be than the admission it belongs to.
const SETTLEMENT_EXTRA: u64 = 640;

/// The journal has no room for another call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

/// An admitted call's claim on the journal.
#[derive(Debug)]
pub(crate) struct Ticket {
    segment: Arc<Segment>,
    /// The admission, as it was written.
    started: Vec<u8>,
    room: u64,
}

/// Where a settlement stands.
#[derive(Debug, Clone)]
pub(crate) struct Location {
    segment: Arc<Segment>,
    offset: u64,
    length: usize,
}

impl Location {
    /// Reads the settlement back.
    pub(crate) fn read(&self) -> io::Result<UsageEvent> {
        match self.segment.read(self.offset, self.length)? {
            Record::Settled(event) => Ok(*event),
            Record::Started(_) => Err(io::Error::new(io::ErrorKind::InvalidData, "not a settlement")),
        }
    }
}

/// What keeps segments from being deleted until the database has a call's event.
#[derive(Debug)]
pub(crate) struct Hold {
    started: Arc<Segment>,
    settled: Option<Location>,
}

impl Hold {
    /// Where the settlement stands; nothing when it could not be written.
    pub(crate) fn location(&self) -> Option<&Location> {
        self.settled.as_ref()
    }
}

/// The journal of this process.
#[derive(Debug)]
pub(crate) struct Journal {
    shared: Arc<Shared>,
    keeper: Option<JoinHandle<()>>,
    /// Held for as long as the journal is: no second process writes into the same directory.
    _lock: File,
}

#[derive(Debug)]
struct Shared {
    dir: PathBuf,
    settings: JournalSettings,
    state: Mutex<State>,
    wake: Condvar,
    stop: AtomicBool,
}

#[derive(Debug)]
struct State {
    current: Arc<Segment>,
    /// Where the next record goes.
    end: u64,
    /// Written since the last sync.
    dirty: bool,
    /// Segments that can be written next.
    spares: VecDeque<Arc<Segment>>,
    /// Full segments that the next sync must include.
    unsynced: Vec<Arc<Segment>>,
    /// Full segments that hold something uncommitted.
    sealed: Vec<Arc<Segment>>,
    /// Segments whose records all are in the database.
    retired: Vec<Arc<Segment>>,
    /// How many files there are.
    files: u64,
    /// The next file's place in the sequence.
    next: u64,
    /// The room that admitted calls need for their settlements.
    reserved: u64,
}

/// Why the journal can't be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("The journal's directory {dir} can't be written: {source}. Choose a directory that this user may write.")]
    Unwritable { dir: String, source: io::Error },
    #[error("Another Turnpike is using the journal in {dir}. Stop it, or give this one a directory of its own.")]
    InUse { dir: String },
}

/// Takes the directory for this process.
///
/// # Errors
/// When it can't be written, or another process has it.
pub(crate) fn lock(dir: &Path) -> Result<File, OpenError> {
    let shown = dir.display().to_string();
    let unwritable = |source| OpenError::Unwritable { dir: shown.clone(), source };
    fs::create_dir_all(dir).map_err(unwritable)?;
    let file = File::options().create(true).truncate(false).write(true).open(dir.join("lock")).map_err(unwritable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(OpenError::InUse { dir: shown }),
        Err(fs::TryLockError::Error(source)) => Err(unwritable(source)),
    }
}

impl Journal {
    /// Begins a journal in `dir`, whose `lock` was taken, with files from `sequence` on.
    ///
    /// # Errors
    /// When the first files can't be made.
    pub(crate) fn begin(dir: &Path, lock: File, sequence: u64, settings: JournalSettings) -> Result<Self, OpenError> {
        let unwritable = |source| OpenError::Unwritable { dir: dir.display().to_string(), source };
        let smallest = 4 * (MAX_RECORD + FRAME) as u64;
        let settings = JournalSettings { segment_bytes: settings.segment_bytes.max(smallest), ..settings };
        let create = |n| Segment::create(dir, n, settings.segment_bytes).map(Arc::new).map_err(unwritable);
        let state = State {
            current: create(sequence)?,
            end: segment::HEADER as u64,
            dirty: false,
            spares: VecDeque::from([create(sequence + 1)?]),
            unsynced: Vec::new(),
            sealed: Vec::new(),
            retired: Vec::new(),
            files: 2,
            next: sequence + 2,
            reserved: 0,
        };
        let (wake, stop) = (Condvar::new(), AtomicBool::new(false));
        let shared = Arc::new(Shared { dir: dir.to_owned(), settings, state: Mutex::new(state), wake, stop });
        let keeper = keeper::spawn(shared.clone()).map_err(unwritable)?;
        Ok(Self { shared, keeper: Some(keeper), _lock: lock })
    }

    /// Writes that a call is admitted, and reserves the room for its settlement.
    ///
    /// # Errors
    /// [`Full`] when there is no room for both, or the disk refuses.
    pub(crate) fn start(&self, started: &Started) -> Result<Ticket, Full> {
        let frame = record::started_frame(started);
        let room = frame.len() as u64 + SETTLEMENT_EXTRA;
        let mut state = self.shared.lock();
        let has_room = state.reserved + room + frame.len() as u64 <= state.free();
        if !has_room || room as usize > MAX_RECORD {
            self.shared.wake.notify_one();
            return Err(Full);
        }
        let (segment, _) = self.shared.append(&mut state, &frame).map_err(|_| Full)?;
        state.reserved += room;
        Ok(Ticket { segment, started: frame, room })
    }

    /// Writes how a call turned out. What can't be written is reported and kept in memory: the
    /// event still reaches the database unless the process ends first.
    pub(crate) fn settle(&self, ticket: Ticket, event: &UsageEvent) -> Hold {
        let frame = record::settled_frame(&ticket.started, event);
        let mut state = self.shared.lock();
        state.reserved = state.reserved.saturating_sub(ticket.room);
        let settled = match self.shared.append(&mut state, &frame) {
            Ok((segment, offset)) => Some(Location { segment, offset, length: frame.len() }),
            Err(error) => {
                tracing::error!(%error, event = %event.id, "a settlement could not be written to the journal");
                None
            }
        };
        Hold { started: ticket.segment, settled }
    }

    /// Says that the database has the events of these calls.
    pub(crate) fn release(&self, holds: impl IntoIterator<Item = Hold>) {
        let mut state = self.shared.lock();
        for hold in holds {
            hold.started.open.fetch_sub(1, Ordering::Relaxed);
            if let Some(location) = hold.settled {
                location.segment.open.fetch_sub(1, Ordering::Relaxed);
            }
        }
        if state.retire() {
            self.shared.wake.notify_one();
        }
    }

    /// How many bytes the journal's files take.
    pub(crate) fn bytes(&self) -> u64 {
        self.shared.lock().files * self.shared.settings.segment_bytes
    }

    /// Forces everything to the disk.
    pub(crate) fn sync(&self) {
        self.shared.sync();
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        self.shared.wake.notify_one();
        if let Some(keeper) = self.keeper.take() {
            // It can only fail by having panicked, and then it has said so.
            let _ = keeper.join();
        }
    }
}

impl Shared {
    /// A panic while the lock was held leaves counters that are still right, for each is changed
    /// by one statement; refusing every call from then on would be worse.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes one record, into the next segment when this one is full or can't be written.
    fn append(&self, state: &mut State, frame: &[u8]) -> io::Result<(Arc<Segment>, u64)> {
        if state.rest() < frame.len() as u64 {
            self.rotate(state)?;
        }
        if let Err(error) = self.write(state, frame) {
            tracing::error!(%error, "the journal could not be written; trying its next file");
            self.rotate(state)?;
            self.write(state, frame)?;
        }
        let offset = state.end;
        state.end += frame.len() as u64;
        state.dirty = true;
        state.current.open.fetch_add(1, Ordering::Relaxed);
        Ok((state.current.clone(), offset))
    }

    fn write(&self, state: &State, frame: &[u8]) -> io::Result<()> {
        state.current.write(frame, state.end)?;
        if self.settings.sync == Sync::Always { state.current.sync() } else { Ok(()) }
    }

    fn rotate(&self, state: &mut State) -> io::Result<()> {
        self.wake.notify_one();
        let Some(next) = state.spares.pop_front() else {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "the journal has no file left"));
        };
        let full = std::mem::replace(&mut state.current, next);
        state.end = segment::HEADER as u64;
        if std::mem::take(&mut state.dirty) {
            state.unsynced.push(full.clone());
        }
        state.sealed.push(full);
        state.retire();
        Ok(())
    }
}

impl State {
    /// What is left in the current segment.
    fn rest(&self) -> u64 {
        self.current.size() - self.end
    }

    /// The room that can be counted on. A record that does not fit at a segment's end goes to the
    /// next, so one record's length is lost in each.
    fn free(&self) -> u64 {
        let lost = (MAX_RECORD + FRAME) as u64;
        let spares = self.spares.iter().map(|spare| spare.size() - segment::HEADER as u64 - lost).sum::<u64>();
        self.rest().saturating_sub(lost) + spares
    }

    /// Moves full segments that the database has to those that can be deleted.
    fn retire(&mut self) -> bool {
        let done = self.sealed.extract_if(.., |segment| segment.open.load(Ordering::Relaxed) == 0);
        let before = self.retired.len();
        self.retired.extend(done);
        self.retired.len() > before
    }
}
