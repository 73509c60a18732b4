//! A write-ahead log in a file: what a node wrote, frame by frame, synced before anything is said.
//!
//! ```text
//! quorate-log 2
//! 52b6f61c {"run":                   2,"clock":                   0,"durable":                 333}
//! 7d0c9e1f {"cluster":"6f1e…","protocol":"raft","nodes":3,"node":"n1"}
//! 4d2a91c0 [{"Term":{"term":1}},{"Vote":{"candidate":"n1"}}]
//! 03fe7710 [{"Append":{"previous":0,"entries":[{"term":1,"command":"no-op"}]}}]
//! ```
//!
//! # Whose log it is
//!
//! The head of the file names the cluster, the protocol, the number of nodes, the node and the
//! format. What does not fit the run that opens it is [refused](StorageError::Misplaced) with the
//! reason, before any node has said a word. The head also counts the runs of the cluster, so that
//! no two of them give requests the same numbers, and says how much of the file is durable.
//!
//! # What it holds out against
//!
//! - The process or the machine dies while a frame is written: the torn tail is cut at the next boot. Nothing of it had been
//!   said to anybody, for a node speaks after the sync.
//! - A byte changes later: the frame's checksum does not fit, and the log is [refused](StorageError::Corrupt) with the place.
//!   Cutting there would forget what was promised.
//! - The file is gone, emptied, cut off behind frames that were durable, or replaced by an older
//!   copy: the node has [lost its memory](StorageError::LostMemory), and may not come back as the
//!   same node (Ongaro's dissertation, §3.8).
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
pub(super) mod frame;
mod header;

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use quorate_protocol::{Disk, Names, Time};

use self::claim::Claim;
use self::frame::Line;
use self::header::{Header, Owner, PROGRESS_AT, Progress};
use super::identity::{Identity, Past, Run};
use super::storage::Storage;
use super::storage_error::{Loss, StorageError, other_cluster};

/// Below this size compaction is not worth it.
const SMALL: u64 = 1 << 20;

/// A node's log in a file. Its head says whose it is, and what does not fit is refused: another
/// protocol, node or cluster, another number of nodes, another format. So is a log that is gone,
/// empty, older than it should be, or cut where it was durable.
///
/// # What cannot be noticed
///
/// - All files of a directory are gone, the manifest included, or all are put back as they were
///   earlier: nothing is left that knows of more.
/// - A log is replaced by a copy of itself from the same run while the cluster is down: the
///   manifest counts runs, and the head of the copy fits the copy.
/// - After a loss of power, frames are missing that were the last before it: the head is written
///   after the sync of a frame and is durable with the next one, so as not to pay for two. What is
///   missing after the end of a process alone (`kill -9`) is always noticed.
/// - Logs that were set up with [`disks`](super::Setup::disks) have no manifest. They vouch for
///   each other: one that is gone is missed if another node's has anything in it.
/// - Other settings than before: a run with other quorums or other terms is the same cluster to its
///   logs.
#[derive(Debug)]
pub struct Wal<D> {
    path: PathBuf,
    /// That nobody else writes here, from the first use on.
    claim: Option<Claim>,
    identity: Option<Identity>,
    /// Whose log it is, once a run has begun.
    owner: Option<Owner>,
    progress: Progress,
    /// What was found when the log was opened, and where its last whole frame ends: for the first
    /// load.
    found: Option<(D, u64)>,
    file: Option<File>,
    length: u64,
    /// The length at which the log is compacted next.
    limit: u64,
    smallest_limit: u64,
    buffer: Vec<u8>,
}

impl<D: Disk> Wal<D> {
    /// The log in that file, which need not exist yet: it is made, with its directory, when the
    /// first run [begins](Storage::begin).
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Wal {
            path: path.into(),
            claim: None,
            identity: None,
            owner: None,
            progress: Progress::default(),
            found: None,
            file: None,
            length: 0,
            limit: SMALL,
            smallest_limit: SMALL,
            buffer: Vec::new(),
        }
    }

    /// The same, compacted from that size in bytes on rather than from 1 MiB.
    pub fn compacting_from(self, bytes: u64) -> Self {
        Wal { limit: bytes, smallest_limit: bytes, ..self }
    }

    /// What the log in a file holds, whosever it is. Neither locks the file nor changes it.
    ///
    /// # Errors
    /// When there is no log, or it is damaged or cut.
    pub fn read(path: impl Into<PathBuf>) -> Result<D, StorageError> {
        let log = Self::new(path);
        let file = File::open(&log.path).map_err(log.error("open"))?;
        let mut reader = BufReader::new(file);
        let header = header::read(&mut reader, &log.path)?;
        let header = header.ok_or_else(|| StorageError::NotALog { path: log.path.clone() })?;
        Names::default().scope(|| log.fold(&mut reader, &header)).map(|(disk, _)| disk)
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

    fn lost(&self, loss: Loss, evidence: impl Into<String>) -> StorageError {
        StorageError::LostMemory { path: self.path.clone(), loss, evidence: evidence.into() }
    }

    fn owner(&self) -> Result<&Owner, StorageError> {
        self.owner.as_ref().ok_or_else(|| StorageError::NotBegun { path: self.path.clone() })
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

    /// Opens the file, if there is one.
    fn file(&self) -> Result<Option<File>, StorageError> {
        match OpenOptions::new().read(true).write(true).open(&self.path) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.error("open")(error)),
        }
    }

    /// Opens the log of the run that has begun. Returns what it holds, and where its last whole
    /// frame ends.
    fn reopen(&self) -> Result<(File, D, u64), StorageError> {
        let (owner, run) = (self.owner()?, self.progress.run);
        let evidence = || format!("run {run} has begun on it");
        let mut file = self.file()?.ok_or_else(|| self.lost(Loss::Missing, evidence()))?;
        let mut reader = BufReader::with_capacity(1 << 16, &mut file);
        let mut header = header::read(&mut reader, &self.path)?.ok_or_else(|| self.lost(Loss::Empty, evidence()))?;
        if let Some(identity) = &self.identity {
            header.owner.check(identity, &self.path)?;
        }
        if header.owner.cluster != owner.cluster {
            return Err(other_cluster(&self.path, header.owner.cluster, owner.cluster));
        }
        if header.progress.run < run {
            return Err(self.lost(Loss::Stale { found: header.progress.run, known: run }, evidence()));
        }
        header.progress.durable = header.progress.durable.max(self.progress.durable);
        let (disk, end) = Names::default().scope(|| self.fold(&mut reader, &header))?;
        Ok((file, disk, end))
    }

    /// Reads every frame after the header. Returns the disk and where the last whole frame ends.
    fn fold(&self, mut reader: impl BufRead, header: &Header) -> Result<(D, u64), StorageError> {
        let mut end = header.length;
        let (mut disk, mut line, mut offset, mut torn) = (D::default(), Vec::new(), end, false);
        loop {
            line.clear();
            let read = reader.read_until(b'\n', &mut line).map_err(self.error("read"))? as u64;
            if read == 0 {
                break;
            }
            let start = offset;
            offset += read;
            match frame::decode::<Vec<D::Record>>(&line, start) {
                Line::Whole(records) if !torn => {
                    records.iter().for_each(|record| disk.write(record));
                    end = offset;
                }
                Line::Torn => torn = true,
                Line::Unknown(detail) if !torn => {
                    return Err(StorageError::Unreadable { path: self.path.clone(), offset: start, detail });
                }
                // A whole frame behind a torn one, or one that was whole once.
                Line::Whole(_) | Line::Spoilt | Line::Unknown(_) => {
                    return Err(StorageError::Corrupt { path: self.path.clone(), offset: end });
                }
            }
        }
        let durable = header.progress.durable;
        if end < durable {
            return Err(self.lost(Loss::Cut { found: end, durable }, "this node has built on all of them"));
        }
        Ok((disk, end))
    }

    /// Puts the records that rebuild the disk in the place of the log.
    fn compact(&mut self) -> Result<(), StorageError> {
        let (mut file, disk, _) = self.reopen()?;
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
        let (directory, owner) = (self.directory().to_owned(), self.owner()?.clone());
        let beside = tempfile::Builder::new().prefix(".log-").tempfile_in(&directory);
        let mut beside = beside.map_err(|source| StorageError::io("write in", &directory, source))?;
        let mut progress = self.progress;
        header::encode(&owner, &mut progress, &mut self.buffer).map_err(self.inexpressible())?;
        for record in records {
            beside.write_all(&self.buffer).map_err(self.error("write"))?;
            self.buffer.clear();
            self.encode(std::slice::from_ref(record))?;
        }
        beside.write_all(&self.buffer).map_err(self.error("write"))?;
        progress.durable = beside.stream_position().map_err(self.error("write"))?;
        self.write_progress(progress, beside.as_file_mut())?;
        beside.as_file().sync_all().map_err(self.error("write"))?;
        let file = beside.persist(&self.path).map_err(|failed| self.error("replace")(failed.error))?;
        self.sync_directory()?;
        (self.progress, self.length) = (progress, progress.durable);
        Ok(file)
    }

    /// Says in the head of a file how far the node has come. It is durable with the next sync.
    fn write_progress(&mut self, progress: Progress, file: &mut File) -> Result<(), StorageError> {
        self.buffer.clear();
        progress.encode(&mut self.buffer);
        let end = SeekFrom::Start(progress.durable);
        let written = file.seek(SeekFrom::Start(PROGRESS_AT)).and_then(|_| file.write_all(&self.buffer));
        written.and_then(|()| file.seek(end)).map_err(self.error("write the head of"))?;
        Ok(())
    }

    /// The same, durable when this returns.
    fn save_progress(&mut self, progress: Progress) -> Result<(), StorageError> {
        let file = self.file.take().map_or_else(|| self.file(), |file| Ok(Some(file)))?;
        let mut file = file.ok_or_else(|| self.lost(Loss::Missing, "it was there before"))?;
        self.write_progress(progress, &mut file)?;
        file.sync_data().map_err(self.error("sync"))?;
        (self.progress, self.file) = (progress, Some(file));
        Ok(())
    }

    fn inexpressible(&self) -> impl FnOnce(serde_json::Error) -> StorageError + use<D> {
        let path = self.path.clone();
        move |error| StorageError::Inexpressible { path, detail: error.to_string() }
    }

    fn encode(&mut self, records: &[D::Record]) -> Result<(), StorageError> {
        let failed = self.inexpressible();
        Names::default().scope(|| frame::encode(records, &mut self.buffer)).map_err(failed)
    }
}

impl<D: Disk> Storage<D> for Wal<D> {
    fn open(&mut self, identity: &Identity) -> Result<Option<Past>, StorageError> {
        self.claim()?;
        self.identity = Some(identity.clone());
        let Some(file) = self.file()? else { return Ok(None) };
        let mut reader = BufReader::with_capacity(1 << 16, &file);
        let Some(header) = header::read(&mut reader, &self.path)? else { return Ok(None) };
        header.owner.check(identity, &self.path)?;
        self.found = Some(Names::default().scope(|| self.fold(&mut reader, &header))?);
        let Header { owner, progress, length } = header;
        let past = Past {
            cluster: owner.cluster,
            run: progress.run,
            clock: progress.clock(),
            written: progress.durable > length,
        };
        (self.owner, self.progress) = (Some(owner), progress);
        Ok(Some(past))
    }

    fn place(&self) -> PathBuf {
        self.path.clone()
    }

    fn begin(&mut self, run: &Run) -> Result<(), StorageError> {
        let Some(identity) = &self.identity else { return Err(StorageError::NotBegun { path: self.path.clone() }) };
        if self.owner.is_some() {
            return self.save_progress(Progress { run: run.number, ..self.progress });
        }
        self.owner = Some(Owner::new(run.cluster, identity));
        self.progress = Progress { run: run.number, ..Progress::default() };
        self.replace(&[]).map(drop)
    }

    fn reserve_clock(&mut self, until: Time) -> Result<(), StorageError> {
        self.owner()?;
        self.save_progress(Progress { clock: until.as_nanos(), ..self.progress })
    }

    fn load(&mut self) -> Result<D, StorageError> {
        let (file, found) = (self.file.take(), self.found.take());
        let (mut file, disk, end) = match (file, found) {
            (Some(file), Some((disk, end))) => (file, disk, end),
            _ => self.reopen()?,
        };
        let length = file.seek(SeekFrom::End(0)).map_err(self.error("read"))?;
        if end < length {
            file.set_len(end).map_err(self.error("cut the torn tail of"))?;
        }
        // A frame may be whole here and not yet on the disk, if the process died before its sync.
        file.sync_all().map_err(self.error("sync"))?;
        self.length = end;
        self.limit = self.smallest_limit.max(end.saturating_mul(2));
        self.write_progress(Progress { durable: end, ..self.progress }, &mut file)?;
        self.progress.durable = end;
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
        let Some(mut file) = self.file.take() else { return Ok(()) };
        // If this fails the file stays closed: nobody may build on what is there now before it is
        // read again.
        file.write_all(&self.buffer).and_then(|()| file.sync_data()).map_err(self.error("append to"))?;
        self.length += self.buffer.len() as u64;
        self.progress.durable = self.length;
        self.write_progress(self.progress, &mut file)?;
        self.file = Some(file);
        if self.length >= self.limit { self.compact() } else { Ok(()) }
    }

    fn wipe(&mut self) -> Result<(), StorageError> {
        self.claim()?;
        self.found = None;
        self.file = Some(self.replace(&[])?);
        Ok(())
    }
}
