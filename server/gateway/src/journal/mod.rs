//! The journal: what must survive the end of the process.
//!
//! Append-only files of fixed size, allocated ahead. A call's admission is written before it is
//! forwarded and its settlement before the last byte of its answer is given away, into space that is
//! known to be there: the room for a settlement is reserved when the call is admitted, and where it
//! can't be, the call is refused. Calls that are under way together share a write: a record joins a
//! batch, and who first needs one of them written writes all. A file is deleted once the database has
//! all that is in it.

mod keeper;
mod record;
mod replay;
mod segment;
#[cfg(test)]
mod tests;
mod writer;

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
};

use domain::usage::UsageEvent;

pub(crate) use record::{Record, Settlement, Started};
pub(crate) use replay::{Reading, Unreadable, read};
pub(crate) use segment::{Segment, list};

use crate::settings::JournalSettings;
use record::{FRAME, MAX_RECORD};
use writer::{Batch, State};

/// How much longer a settlement may be than the admission it belongs to.
const SETTLEMENT_EXTRA: u64 = 640;

/// The journal has no room for another call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

/// An admitted call's claim on the journal.
#[derive(Debug)]
pub(crate) struct Ticket {
    segment: Arc<Segment>,
    /// The admission, as it is written.
    started: Vec<u8>,
    room: u64,
    /// The write that it is part of.
    batch: Arc<Batch>,
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
    /// Whether records wait to be written.
    unwritten: AtomicBool,
    wake: Condvar,
    stop: AtomicBool,
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
        let state = State::new(create(sequence)?, create(sequence + 1)?, sequence + 2);
        let shared = Arc::new(Shared {
            dir: dir.to_owned(),
            settings,
            state: Mutex::new(state),
            unwritten: AtomicBool::new(false),
            wake: Condvar::new(),
            stop: AtomicBool::new(false),
        });
        let keeper = keeper::spawn(shared.clone()).map_err(unwritable)?;
        Ok(Self { shared, keeper: Some(keeper), _lock: lock })
    }

    /// Notes that a call is admitted, and reserves the room for its settlement. [`Journal::written`] must
    /// follow before the call is forwarded.
    ///
    /// # Errors
    /// [`Full`] when there is no room for both.
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
        Ok(Ticket { segment, started: frame, room, batch: state.batch.clone() })
    }

    /// Sees to it that a call's admission is written, with all that others have noted meanwhile.
    ///
    /// # Errors
    /// [`Full`] when the disk refuses. The call must not be made then, and [`Journal::withdraw`]n.
    pub(crate) fn written(&self, ticket: &Ticket) -> Result<(), Full> {
        if ticket.batch.is_written().is_none() {
            self.flush();
        }
        if ticket.batch.is_written() == Some(true) { Ok(()) } else { Err(Full) }
    }

    /// Takes back the claim of a call that is not made.
    pub(crate) fn withdraw(&self, ticket: Ticket) {
        let mut state = self.shared.lock();
        state.reserved = state.reserved.saturating_sub(ticket.room);
        ticket.segment.open.fetch_sub(1, Ordering::Relaxed);
    }

    /// Notes how a call turned out. [`Journal::flush`] must follow before its answer is given away. What
    /// can't be written is reported and kept in memory: the event still reaches the database unless the
    /// process ends first.
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

    /// Writes what was noted and is not written yet.
    pub(crate) fn flush(&self) {
        self.shared.flush();
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
