//! Write-ahead log in a file: a node's records, frame by frame, synced before any output is sent.
//!
//! ```text
//! quorate-log 2
//! 52b6f61c {"run":                   2,"clock":                   0,"durable":                 333}
//! 7d0c9e1f {"cluster":"6f1e…","protocol":"raft","nodes":3,"node":"n1"}
//! 4d2a91c0 [{"Term":{"term":1}},{"Vote":{"candidate":"n1"}}]
//! 03fe7710 [{"Append":{"previous":0,"entries":[{"term":1,"command":"no-op"}]}}]
//! ```
//!
//! # Identity
//!
//! The header of the file names the cluster, the protocol, the number of nodes, the node and the
//! format. A log that does not match the run that opens it is [refused](StorageError::Misplaced)
//! with the reason, before any node has sent a message. The header also counts the runs of the
//! cluster, so that no two of them give requests the same numbers, and records how much of the file
//! is durable.
//!
//! # Failures that it handles
//!
//! - The process or the machine dies while a frame is written: the torn tail is cut at the next
//!   boot. No output depended on it, because a node sends after the sync.
//! - A byte changes later: the frame's checksum does not match, and the log is
//!   [refused](StorageError::Corrupt) with the offset. Cutting there would forget promises.
//! - The file is missing, emptied, cut after frames that were durable, or replaced by an older
//!   copy: the node has [lost its memory](StorageError::LostMemory), and may not come back as the
//!   same node (Ongaro's dissertation, §3.8).
//! - The disk is full, the directory missing: the write fails, the node stops.
//! - Another process is started on the same directory: it finds the log's
//!   [lock](StorageError::InUse) held, and touches nothing. The system releases the lock when its
//!   process ends, however it ends.
//!
//! # Compaction
//!
//! When the file has grown to twice the size after the last compaction (and to 1 MiB at least), the
//! log is folded into its [`Disk`], and the records that [rebuild](Disk::compacted) it replace it:
//! written and synced beside it, then renamed over it, which is atomic. A disk that does not
//! provide such records keeps its whole log. The doubling makes the amortized cost per record
//! constant.
//!
//! # The encoding
//!
//! JSON: serde writes the records of every protocol here in human-readable forms (an entry of Raft
//! is *flattened*), which only self-describing formats support; of these serde_json is the fastest,
//! and `cat` shows a node's promises. A sync takes a thousand times as long, so a binary format
//! would make no difference. Ids are written as `n1` and `c1`, whatever names a run gives them, so
//! that a log can be read under other names.

pub(super) mod frame;
mod header;
mod lock;

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use quorate_protocol::{Disk, Names, Time};

use self::frame::Line;
use self::header::{Header, Owner, PROGRESS_AT, Progress};
use self::lock::DirectoryLock;
use super::identity::{Identity, Past, RunId};
use super::storage::Storage;
use super::storage_error::{LogLoss, StorageError, other_cluster};

/// The size below which compaction is not worth it, in bytes.
const SMALL: u64 = 1 << 20;

/// A node's write-ahead log in a file. Its header names its owner, and a log of another protocol,
/// node, cluster, number of nodes or format is refused. So is a log that is missing, empty, older
/// than it should be, or cut where it was durable.
///
/// # Losses that cannot be detected
///
/// - All files of a directory are lost, the manifest included, or all are restored to an earlier
///   state: no evidence of later runs is left.
/// - A log is replaced by a copy of itself from the same run while the cluster is down: the
///   manifest counts runs, and the header of the copy matches the copy.
/// - After a loss of power, the last frames are missing: the header is written after the sync of a
///   frame and becomes durable with the next one, to avoid a second sync. Frames missing after the
///   end of a process alone (`kill -9`) are always detected.
/// - Logs that were set up with [`disks`](super::Setup::disks) have no manifest. They are checked
///   against each other: a missing one is detected if another node's log has any records.
/// - Changed settings: a run with other quorums or other terms is the same cluster to its logs.
#[derive(Debug)]
pub struct Wal<D> {
    path: PathBuf,
    /// The lock against other writers, from the first use on.
    claim: Option<DirectoryLock>,
    identity: Option<Identity>,
    /// The owner, once a run has begun.
    owner: Option<Owner>,
    progress: Progress,
    /// The disk as of opening, and the offset at which its last whole frame ends: for the first
    /// load.
    found: Option<(D, u64)>,
    file: Option<File>,
    length: u64,
    /// The length, in bytes, at which the log is compacted next.
    limit: u64,
    smallest_limit: u64,
    buffer: Vec<u8>,
}

impl<D: Disk> Wal<D> {
    /// The log in that file, which need not exist yet: it is created, with its directory, when the
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

    /// Sets the size in bytes from which the log is compacted, instead of 1 MiB.
    pub fn compacting_from(self, bytes: u64) -> Self {
        Wal { limit: bytes, smallest_limit: bytes, ..self }
    }

    /// Reads the content of the log in a file, regardless of its owner. Neither locks the file nor
    /// changes it.
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

    /// The path of the file.
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

    /// Syncs the directory: a file's name is durable only when its directory is.
    fn sync_directory(&self) -> Result<(), StorageError> {
        let directory = self.directory();
        let synced = File::open(directory).and_then(|open| open.sync_all());
        synced.map_err(|source| StorageError::io("sync the directory", directory, source))
    }

    fn lost(&self, loss: LogLoss, evidence: impl Into<String>) -> StorageError {
        StorageError::LostMemory { path: self.path.clone(), loss, evidence: evidence.into() }
    }

    fn owner(&self) -> Result<&Owner, StorageError> {
        self.owner.as_ref().ok_or_else(|| StorageError::NotBegun { path: self.path.clone() })
    }

    /// Takes the lock against other writers, and creates the directory if needed.
    fn claim(&mut self) -> Result<(), StorageError> {
        if self.claim.is_none() {
            let directory = self.directory();
            fs::create_dir_all(directory)
                .map_err(|source| StorageError::io("create the directory", directory, source))?;
            self.claim = Some(DirectoryLock::acquire(directory, &self.path)?);
        }
        Ok(())
    }

    /// Opens the file, if it exists.
    fn file(&self) -> Result<Option<File>, StorageError> {
        match OpenOptions::new().read(true).write(true).open(&self.path) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.error("open")(error)),
        }
    }

    /// Opens the log of the run that has begun. Returns its content and the end of its last whole
    /// frame.
    fn reopen(&self) -> Result<(File, D, u64), StorageError> {
        let (owner, run) = (self.owner()?, self.progress.run);
        let evidence = || format!("run {run} has begun on it");
        let mut file = self.file()?.ok_or_else(|| self.lost(LogLoss::Missing, evidence()))?;
        let mut reader = BufReader::with_capacity(1 << 16, &mut file);
        let mut header = header::read(&mut reader, &self.path)?.ok_or_else(|| self.lost(LogLoss::Empty, evidence()))?;
        if let Some(identity) = &self.identity {
            header.owner.check(identity, &self.path)?;
        }
        if header.owner.cluster != owner.cluster {
            return Err(other_cluster(&self.path, header.owner.cluster, owner.cluster));
        }
        if header.progress.run < run {
            return Err(self.lost(LogLoss::Stale { found: header.progress.run, known: run }, evidence()));
        }
        header.progress.durable = header.progress.durable.max(self.progress.durable);
        let (disk, end) = Names::default().scope(|| self.fold(&mut reader, &header))?;
        Ok((file, disk, end))
    }

    /// Reads every frame after the header. Returns the disk and the end of the last whole frame.
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
                    records.iter().for_each(|record| disk.apply(record));
                    end = offset;
                }
                Line::Torn => torn = true,
                Line::Unknown(detail) if !torn => {
                    return Err(StorageError::Unreadable { path: self.path.clone(), offset: start, detail });
                }
                // A whole frame after a torn one, or a damaged one.
                Line::Whole(_) | Line::Spoilt | Line::Unknown(_) => {
                    return Err(StorageError::Corrupt { path: self.path.clone(), offset: end });
                }
            }
        }
        let durable = header.progress.durable;
        if end < durable {
            return Err(self.lost(LogLoss::Cut { found: end, durable }, "this node has built on all of them"));
        }
        Ok((disk, end))
    }

    /// Replaces the log by the records that rebuild its disk.
    fn compact(&mut self) -> Result<(), StorageError> {
        let (mut file, disk, _) = self.reopen()?;
        if let Some(records) = disk.compacted() {
            file = self.replace(&records)?;
        }
        self.limit = self.smallest_limit.max(self.length.saturating_mul(2));
        file.seek(SeekFrom::Start(self.length)).map_err(self.error("read"))?;
        self.file = Some(file);
        Ok(())
    }

    /// Writes a new log beside the old one and renames it over that: a crash leaves one or the
    /// other.
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

    /// Writes the node's progress into the header. It becomes durable with the next sync.
    fn write_progress(&mut self, progress: Progress, file: &mut File) -> Result<(), StorageError> {
        self.buffer.clear();
        progress.encode(&mut self.buffer);
        let end = SeekFrom::Start(progress.durable);
        let written = file.seek(SeekFrom::Start(PROGRESS_AT)).and_then(|_| file.write_all(&self.buffer));
        written.and_then(|()| file.seek(end)).map_err(self.error("write the header of"))?;
        Ok(())
    }

    /// Writes the node's progress into the header; durable when this returns.
    fn save_progress(&mut self, progress: Progress) -> Result<(), StorageError> {
        let file = self.file.take().map_or_else(|| self.file(), |file| Ok(Some(file)))?;
        let mut file = file.ok_or_else(|| self.lost(LogLoss::Missing, "it was there before"))?;
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

    fn begin(&mut self, run: &RunId) -> Result<(), StorageError> {
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
        // A frame may be complete here but not yet on disk, if the process died before its sync.
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
        // If this fails the file stays closed: its content must be read again before it is appended
        // to.
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
