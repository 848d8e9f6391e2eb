//! One file of the journal.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::record::{self, Framed, Record};

/// What a segment begins with: a name, a version, and its place in the sequence.
pub(crate) const HEADER: usize = 16;
const MAGIC: &[u8; 6] = b"TPJRNL";
/// The version that this program writes. It reads this one and every earlier one.
pub(crate) const VERSION: u16 = 1;
const EXTENSION: &str = "journal";

/// A segment that is written to, or waits for its records to be committed.
#[derive(Debug)]
pub(crate) struct Segment {
    file: File,
    path: PathBuf,
    size: u64,
    /// How many records in it the database does not have yet.
    pub(super) open: AtomicUsize,
    /// Records that could not be written.
    kept: Mutex<Vec<Kept>>,
}

/// Records that could not be written where they should stand.
#[derive(Debug)]
pub(super) struct Kept {
    /// Where they should stand.
    pub(super) from: u64,
    pub(super) bytes: Vec<u8>,
    /// The segment in which they stand instead, for a process that comes after this one.
    pub(super) copy: Option<Arc<Segment>>,
}

impl Segment {
    /// Makes a segment and has the file system set its space aside, so that a write into it can't
    /// fail for want of space.
    pub(crate) fn create(dir: &Path, sequence: u64, size: u64) -> io::Result<Self> {
        let path = dir.join(format!("{sequence:012}.{EXTENSION}"));
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path)?;
        let prepare = || {
            reserve(&file, size)?;
            let mut header = [0; HEADER];
            header[..6].copy_from_slice(MAGIC);
            header[6..8].copy_from_slice(&VERSION.to_le_bytes());
            header[8..].copy_from_slice(&sequence.to_le_bytes());
            file.write_all_at(&header, 0)
        };
        if let Err(error) = prepare() {
            // Half a segment would only take space. If it can't be removed either, the next start does it.
            let _ = fs::remove_file(&path);
            return Err(error);
        }
        Ok(Self { file, path, size, open: AtomicUsize::new(0), kept: Mutex::default() })
    }

    /// One whose file takes nothing.
    #[cfg(test)]
    pub(super) fn unwritable(dir: &Path, sequence: u64, size: u64) -> Self {
        let mut this = Self::create(dir, sequence, size).unwrap();
        this.file = File::open(&this.path).unwrap();
        this
    }

    /// How large the file is.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Writes framed records.
    pub(crate) fn write(&self, frames: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_all_at(frames, offset)
    }

    /// Keeps what could not be written, to be read from memory.
    pub(super) fn keep(&self, kept: Kept) {
        self.kept().push(kept);
    }

    /// Lets go of the segments that have what this one should have.
    pub(super) fn release_copies(&self) {
        for copy in self.kept().drain(..).filter_map(|kept| kept.copy) {
            copy.open.fetch_sub(1, Ordering::Relaxed);
        }
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads one record back.
    pub(crate) fn read(&self, offset: u64, length: usize) -> io::Result<Record> {
        let kept = self.kept().iter().find_map(|kept| kept.record(offset, length));
        let bytes = match kept {
            Some(bytes) => bytes,
            None => {
                let mut bytes = vec![0; length];
                self.file.read_exact_at(&mut bytes, offset)?;
                bytes
            }
        };
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "the record's checksum is wrong");
        let Framed::Payload(payload) = record::unframe(&bytes) else { return Err(damaged()) };
        serde_json::from_slice(payload).map_err(io::Error::other)
    }

    /// Forces what was written to the disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// Removes the file.
    pub(crate) fn delete(&self) -> io::Result<()> {
        fs::remove_file(&self.path)
    }
}

impl Kept {
    fn record(&self, offset: u64, length: usize) -> Option<Vec<u8>> {
        let start = usize::try_from(offset.checked_sub(self.from)?).ok()?;
        self.bytes.get(start..start + length).map(<[u8]>::to_vec)
    }
}

/// The segments in `dir` by their place in the sequence.
pub(crate) fn list(dir: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let is_segment = path.extension().is_some_and(|extension| extension == EXTENSION);
        let sequence = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
        if let (true, Some(sequence)) = (is_segment, sequence) {
            found.push((sequence, path));
        }
    }
    found.sort();
    Ok(found)
}

/// What a segment's header says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Header {
    /// It can be read.
    Readable,
    /// A later program wrote it.
    Newer(u16),
    /// It never was finished, or is something else.
    Unfinished,
}

/// Reads the header of a segment's bytes.
pub(crate) fn header(bytes: &[u8]) -> Header {
    match (bytes.get(..6), bytes.get(6..8), bytes.len() >= HEADER) {
        (Some(magic), Some(&[low, high]), true) if magic == MAGIC => match u16::from_le_bytes([low, high]) {
            0..=VERSION => Header::Readable,
            newer => Header::Newer(newer),
        },
        _ => Header::Unfinished,
    }
}

/// Sets `size` bytes aside. File systems that can't do that by a call are made to by writing.
fn reserve(file: &File, size: u64) -> io::Result<()> {
    match rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), 0, size) {
        Ok(()) => Ok(()),
        Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS | rustix::io::Errno::INVAL) => {
            let zeros = vec![0; 1 << 20];
            let mut offset = 0;
            while offset < size {
                let length = (size - offset).min(zeros.len() as u64);
                file.write_all_at(&zeros[..length as usize], offset)?;
                offset += length;
            }
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}
