//! A write-ahead log in a file: what a node wrote, frame by frame, synced before anything is said.
//!
//! ```text
//! quorate-log 1
//! 4d2a91c0 [{"Term":{"term":1}},{"Vote":{"candidate":"n1"}}]
//! 03fe7710 [{"Append":{"previous":0,"entries":[{"term":1,"command":"no-op"}]}}]
//! ```
//!
//! # What it holds out against
//!
//! - The process or the machine dies while a frame is written: the torn tail is cut at the next boot. Nothing of it had been
//!   said to anybody, for a node speaks after the sync.
//! - A byte changes later: the frame's checksum does not fit, and the log is [refused](StorageError::Corrupt) with the place.
//!   Cutting there would forget what was promised.
//! - The disk is full, the directory gone: the write fails, the node stops.
//! - Another process is started on the same directory: it finds the log's [lock](StorageError::InUse) held, and touches nothing. The
//!   system lets go of the lock of a process that is gone, however it ended.
//!
//! # Compaction
//!
//! When the file has grown to twice what the last compaction left (and to 1 MiB at least), the log is folded into its
//! [`Disk`], and the records that [rebuild](Disk::records) it take its place: written and synced beside it, then moved over it, which
//! is atomic. A disk that does not say how to rebuild it keeps its whole log. The doubling makes the cost per record constant.
//!
//! # The encoding
//!
//! JSON: the records of every protocol here are written by serde in forms for people (an entry of Raft is *flattened*), which
//! only self-describing formats carry; of these serde_json is the fastest, and `cat` shows what a node has promised. Next to a
//! sync, which takes a thousand times as long, the difference to a binary form does not show. Ids are written as `n1` and
//! `c1`, whatever names a run gives them, so that a log can be read under other names.

mod claim;
mod frame;

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use quorate_protocol::{Disk, Names};

use self::claim::Claim;
use self::frame::Line;
use super::storage::{Storage, StorageError};

const HEADER: &[u8] = b"quorate-log 1\n";

/// Below this size compaction is not worth it.
const SMALL: u64 = 1 << 20;

/// A node's log in a file.
#[derive(Debug)]
pub struct Wal<D> {
    path: PathBuf,
    /// That nobody else writes here, from the first use on.
    claim: Option<Claim>,
    file: Option<File>,
    length: u64,
    /// The length at which the log is compacted next.
    limit: u64,
    smallest_limit: u64,
    buffer: Vec<u8>,
    disk: PhantomData<fn() -> D>,
}

impl<D: Disk> Wal<D> {
    /// The log in that file, which need not exist yet. Its directory is made at the first [`load`](Storage::load).
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Wal {
            path: path.into(),
            claim: None,
            file: None,
            length: 0,
            limit: SMALL,
            smallest_limit: SMALL,
            buffer: Vec::new(),
            disk: PhantomData,
        }
    }

    /// The same, compacted from that size in bytes on rather than from 1 MiB.
    pub fn compacting_from(self, bytes: u64) -> Self {
        Wal { limit: bytes, smallest_limit: bytes, ..self }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The length of the file in bytes, as of the last load or write.
    pub fn length(&self) -> u64 {
        self.length
    }

    fn error(&self, doing: &'static str) -> impl FnOnce(std::io::Error) -> StorageError {
        let path = self.path.clone();
        move |source| StorageError::io(doing, &path, source)
    }

    fn directory(&self) -> &Path {
        self.path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    /// A file's name is durable when its directory is.
    fn sync_directory(&self) -> Result<(), StorageError> {
        let directory = self.directory();
        let synced = File::open(directory).and_then(|open| open.sync_all());
        synced.map_err(|source| StorageError::io("sync the directory", directory, source))
    }

    fn create(&mut self) -> Result<File, StorageError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true);
        let mut file = options.open(&self.path).map_err(self.error("create"))?;
        file.write_all(HEADER).and_then(|()| file.sync_all()).map_err(self.error("write to"))?;
        self.sync_directory()?;
        self.length = HEADER.len() as u64;
        Ok(file)
    }

    /// Makes sure that nobody else writes here, and that there is a directory to write in.
    fn claim(&mut self) -> Result<(), StorageError> {
        if self.claim.is_none() {
            let directory = self.directory();
            fs::create_dir_all(directory)
                .map_err(|source| StorageError::io("make the directory", directory, source))?;
            self.claim = Some(Claim::stake(directory, &self.path)?);
        }
        Ok(())
    }

    /// Opens the file, or makes it. One that was being made when the power went has less than a header.
    fn open(&mut self) -> Result<File, StorageError> {
        let mut file = match OpenOptions::new().read(true).write(true).open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return self.create(),
            Err(error) => return Err(self.error("open")(error)),
        };
        let mut header = Vec::new();
        Read::take(&mut file, HEADER.len() as u64).read_to_end(&mut header).map_err(self.error("read"))?;
        if header == HEADER {
            Ok(file)
        } else if HEADER.starts_with(&header) {
            self.create()
        } else {
            Err(StorageError::NotALog { path: self.path.clone() })
        }
    }

    /// Reads every frame after the header. Returns the disk and where the last whole frame ends.
    fn fold(&self, file: &mut File) -> Result<(D, u64), StorageError> {
        let mut end = HEADER.len() as u64;
        file.seek(SeekFrom::Start(end)).map_err(self.error("read"))?;
        let mut reader = BufReader::with_capacity(1 << 16, file);
        let (mut disk, mut line, mut offset, mut torn) = (D::default(), Vec::new(), end, false);
        loop {
            line.clear();
            let read = reader.read_until(b'\n', &mut line).map_err(self.error("read"))? as u64;
            if read == 0 {
                return Ok((disk, end));
            }
            let start = offset;
            offset += read;
            match frame::decode::<D::Record>(&line, start) {
                Line::Whole(records) if !torn => {
                    records.iter().for_each(|record| disk.write(record));
                    end = offset;
                }
                Line::Torn => torn = true,
                // A whole frame behind a torn one, or one that was whole once.
                Line::Whole(_) | Line::Spoilt => {
                    return Err(StorageError::Corrupt { path: self.path.clone(), offset: end });
                }
            }
        }
    }

    /// Puts the records that rebuild the disk in the place of the log.
    fn compact(&mut self) -> Result<(), StorageError> {
        let mut file = self.open()?;
        let (disk, _) = self.fold(&mut file)?;
        if let Some(records) = disk.records() {
            file = self.replace(&records)?;
        }
        self.limit = self.smallest_limit.max(self.length.saturating_mul(2));
        file.seek(SeekFrom::Start(self.length)).map_err(self.error("read"))?;
        self.file = Some(file);
        Ok(())
    }

    /// Writes a new log beside the old one and moves it over that: a crash leaves the one or the other.
    fn replace(&mut self, records: &[D::Record]) -> Result<File, StorageError> {
        let directory = self.directory().to_owned();
        let beside = tempfile::Builder::new().prefix(".compacting-").tempfile_in(&directory);
        let mut beside = beside.map_err(|source| StorageError::io("compact in", &directory, source))?;
        self.buffer.clear();
        self.buffer.extend_from_slice(HEADER);
        for record in records {
            self.encode(std::slice::from_ref(record))?;
            beside.write_all(&self.buffer).map_err(self.error("compact"))?;
            self.buffer.clear();
        }
        beside.write_all(&self.buffer).and_then(|()| beside.as_file().sync_all()).map_err(self.error("compact"))?;
        let mut file = beside.persist(&self.path).map_err(|failed| self.error("replace")(failed.error))?;
        self.sync_directory()?;
        self.length = file.stream_position().map_err(self.error("read"))?;
        Ok(file)
    }

    fn encode(&mut self, records: &[D::Record]) -> Result<(), StorageError> {
        let encoded = Names::default().scope(|| frame::encode(records, &mut self.buffer));
        encoded.map_err(|error| StorageError::Inexpressible { path: self.path.clone(), detail: error.to_string() })
    }
}

impl<D: Disk> Storage<D> for Wal<D> {
    fn load(&mut self) -> Result<D, StorageError> {
        self.file = None;
        self.claim()?;
        let mut file = self.open()?;
        let (disk, end) = Names::default().scope(|| self.fold(&mut file))?;
        let length = file.seek(SeekFrom::End(0)).map_err(self.error("read"))?;
        if end < length {
            file.set_len(end).and_then(|()| file.sync_all()).map_err(self.error("cut the torn tail of"))?;
            file.seek(SeekFrom::Start(end)).map_err(self.error("read"))?;
        }
        self.length = end;
        self.limit = self.smallest_limit.max(end.saturating_mul(2));
        self.file = Some(file);
        Ok(disk)
    }

    fn write(&mut self, records: &[D::Record]) -> Result<(), StorageError> {
        if records.is_empty() {
            return Ok(());
        }
        if self.file.is_none() {
            self.load()?;
        }
        self.buffer.clear();
        self.encode(records)?;
        let Some(file) = &mut self.file else { return Ok(()) };
        let written = file.write_all(&self.buffer).and_then(|()| file.sync_data());
        if let Err(source) = written {
            // Whatever is there now, nobody may build on it before it is read again.
            self.file = None;
            return Err(self.error("append to")(source));
        }
        self.length += self.buffer.len() as u64;
        if self.length >= self.limit { Names::default().scope(|| self.compact()) } else { Ok(()) }
    }

    fn wipe(&mut self) -> Result<(), StorageError> {
        self.claim()?;
        self.file = Some(self.create()?);
        Ok(())
    }
}
