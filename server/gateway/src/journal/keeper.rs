//! The thread that does for the journal what may take long: making files ahead, forcing writes to
//! the disk, deleting files.

use std::{io, sync::Arc, sync::PoisonError, sync::atomic::Ordering, thread, time::Duration, time::Instant};

use super::{Segment, Shared};
use crate::settings::Sync;

/// How long the thread sleeps when nobody wakes it. Also how long it waits to try again after a
/// file could not be made.
const NAP: Duration = Duration::from_millis(250);

pub(super) fn spawn(shared: Arc<Shared>) -> io::Result<thread::JoinHandle<()>> {
    thread::Builder::new().name("journal".into()).spawn(move || keep(&shared))
}

fn keep(shared: &Shared) {
    let interval = match shared.settings.sync {
        Sync::Every(interval) => Some(interval),
        Sync::Never | Sync::Always => None,
    };
    let nap = interval.map_or(NAP, |interval| interval.min(NAP));
    let mut synced = Instant::now();
    let mut complained = false;
    loop {
        // A call whose client has left is written by nobody who waits for it.
        shared.flush();
        shared.delete_retired();
        match shared.make_spares() {
            Ok(()) => complained = false,
            Err(error) if !complained => {
                tracing::error!(%error, "no further journal file can be made; calls will be refused when these are full");
                complained = true;
            }
            Err(_) => {}
        }
        if interval.is_some_and(|interval| synced.elapsed() >= interval) {
            shared.sync();
            synced = Instant::now();
        }
        if shared.stop.load(Ordering::Relaxed) {
            shared.sync();
            return;
        }
        let state = shared.lock();
        let can_help = !state.retired.is_empty() || (state.spares.is_empty() && shared.has_budget(state.files));
        if complained || !can_help {
            drop(shared.wake.wait_timeout(state, nap).unwrap_or_else(PoisonError::into_inner));
        }
    }
}

impl Shared {
    /// Whether one more file stays within what the journal may take.
    fn has_budget(&self, files: u64) -> bool {
        (files + 1) * self.settings.segment_bytes <= self.settings.max_bytes
    }

    /// Makes files until there is room for every reserved settlement and a whole file more.
    fn make_spares(&self) -> io::Result<()> {
        loop {
            let (wanted, sequence) = {
                let mut state = self.lock();
                let wanted = state.spares.is_empty() || state.free() < state.reserved + self.settings.segment_bytes / 2;
                let wanted = wanted && self.has_budget(state.files);
                if wanted {
                    state.next += 1;
                    state.files += 1;
                }
                (wanted, state.next - 1)
            };
            if !wanted {
                return Ok(());
            }
            let made = Segment::create(&self.dir, sequence, self.settings.segment_bytes);
            let mut state = self.lock();
            match made {
                Ok(segment) => state.spares.push_back(Arc::new(segment)),
                Err(error) => {
                    state.files -= 1;
                    return Err(error);
                }
            }
        }
    }

    fn delete_retired(&self) {
        let retired = std::mem::take(&mut self.lock().retired);
        for segment in retired {
            if let Err(error) = segment.delete() {
                // Its records are in the database; the next start reads them once more and finds that.
                tracing::warn!(%error, "a finished journal file could not be deleted");
            }
            self.lock().files -= 1;
        }
    }

    /// Forces what was written since the last time to the disk.
    pub(super) fn sync(&self) {
        self.flush();
        let mut segments = {
            let mut state = self.lock();
            let mut segments = std::mem::take(&mut state.unsynced);
            if std::mem::take(&mut state.dirty) {
                segments.push(state.current.clone());
            }
            segments
        };
        for segment in segments.drain(..) {
            if let Err(error) = segment.sync() {
                tracing::error!(%error, "the journal could not be forced to the disk");
            }
        }
    }
}
