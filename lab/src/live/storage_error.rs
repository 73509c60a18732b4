//! Errors of durable storage.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::identity::ClusterId;

/// The reason why a disk cannot be used.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum StorageError {
    /// An error of the operating system.
    Io {
        /// The operation that failed, as in `cannot append to`.
        doing: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The system's error.
        source: Arc<io::Error>,
    },
    /// Another writer has it open: another process, or another [`Wal`](super::Wal) of this one.
    InUse {
        /// The directory.
        directory: PathBuf,
        /// The file in it whose lock is held.
        lock: PathBuf,
    },
    /// The file contains something other than a log.
    NotALog {
        /// The file.
        path: PathBuf,
    },
    /// The file's format is that of another version of this program.
    OtherFormat {
        /// The file.
        path: PathBuf,
        /// The number of its format.
        found: String,
        /// The format that can be read.
        expected: u32,
    },
    /// The file belongs elsewhere: to another protocol, node or cluster.
    Misplaced {
        /// The file.
        path: PathBuf,
        /// The property that differs.
        what: Belonging,
        /// The value in the file.
        found: String,
        /// The value for this run.
        expected: String,
    },
    /// A node that is known to have run has lost its log, or part of it.
    LostMemory {
        /// The file.
        path: PathBuf,
        /// The missing part.
        loss: LogLoss,
        /// The evidence that there was more.
        evidence: String,
    },
    /// The file is damaged: something in the middle has changed, and later records depend on it.
    Corrupt {
        /// The file.
        path: PathBuf,
        /// The first byte of the damaged frame, from 0.
        offset: u64,
    },
    /// The manifest of a directory is damaged.
    BadManifest {
        /// The file.
        path: PathBuf,
        /// The first byte of the damage, from 0.
        offset: u64,
    },
    /// A frame is intact, but its records are unknown to this protocol: they belong to another
    /// state machine or version.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The first byte of the frame, from 0.
        offset: u64,
        /// The error of serde.
        detail: String,
    },
    /// A record that JSON cannot express, such as a map whose keys are structs.
    Inexpressible {
        /// The file it was meant for.
        path: PathBuf,
        /// The error of serde.
        detail: String,
    },
    /// The log was used before a run had begun on it.
    NotBegun {
        /// The file.
        path: PathBuf,
    },
}

/// The property by which a file belongs to a run.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Belonging {
    /// A protocol.
    Protocol,
    /// The number of nodes of the cluster.
    Nodes,
    /// A node of the cluster.
    Node,
    /// The cluster's id.
    Cluster,
}

/// The kind of loss of a node's log.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum LogLoss {
    /// Its file is missing.
    Missing,
    /// Its file is empty.
    Empty,
    /// The end of its file is missing, although it was durable.
    Cut {
        /// The end of the last whole frame.
        found: u64,
        /// The offset up to which everything was durable.
        durable: u64,
    },
    /// Its file is an old copy.
    Stale {
        /// The newest run recorded in it.
        found: u64,
        /// A later run that it took part in.
        known: u64,
    },
}

impl StorageError {
    /// An error of the system, for implementations of [`Storage`](super::Storage).
    pub fn io(doing: &'static str, path: &Path, source: io::Error) -> Self {
        StorageError::Io { doing, path: path.to_owned(), source: Arc::new(source) }
    }
}

/// The error for a file of one cluster among those of another.
pub(super) fn other_cluster(path: &Path, found: ClusterId, expected: ClusterId) -> StorageError {
    let (path, what) = (path.to_owned(), Belonging::Cluster);
    StorageError::Misplaced { path, what, found: found.to_string(), expected: expected.to_string() }
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StorageError::Io { doing, path, source } => write!(
                f,
                "cannot {doing} {}: {source}; free disk space or use a writable directory, then restart the node",
                path.display()
            ),
            StorageError::InUse { directory, lock } => write!(
                f,
                "the directory {} is in use: another process holds the lock {}; stop that process, or use another directory for this node",
                directory.display(),
                lock.display()
            ),
            StorageError::NotALog { path } => {
                write!(f, "{} is not a log of this program; use another directory for this node", path.display())
            }
            StorageError::OtherFormat { path, found, expected } => write!(
                f,
                "{} has format {found}, and this version only reads format {expected}; open the directory with the version that wrote it, or start a new cluster in an empty directory",
                path.display()
            ),
            StorageError::Misplaced { path, what, found, expected } => {
                write!(f, "{} belongs to ", path.display())?;
                what.explain(found, expected, f)
            }
            StorageError::LostMemory { path, loss, evidence } => write!(
                f,
                "{} {loss}, but {evidence}: a node that lost its disk may break its promises, so it must not restart under the same identity (Ongaro's dissertation, §3.8); restore the file as the node left it, or start a new cluster in an empty directory",
                path.display()
            ),
            StorageError::Corrupt { path, offset } => write!(
                f,
                "{} is corrupt at byte {offset}, and later records depend on it; replace the node under a new id, or restore the file from a copy",
                path.display()
            ),
            StorageError::BadManifest { path, offset } => write!(
                f,
                "{} is corrupt at byte {offset}; restore it from a copy, or, if all logs in its directory are as the nodes left them, remove it: it is then rebuilt from them",
                path.display()
            ),
            StorageError::Unreadable { path, offset, detail } => write!(
                f,
                "{} has intact records at byte {offset} that this protocol does not know; open it with the state machine and the version that wrote it ({detail})",
                path.display()
            ),
            StorageError::Inexpressible { path, detail } => {
                write!(f, "cannot encode a record for {} as JSON: {detail}", path.display())
            }
            StorageError::NotBegun { path } => {
                write!(
                    f,
                    "{} is used before a run started on it; call Storage::open and Storage::begin",
                    path.display()
                )
            }
        }
    }
}

impl std::error::Error for StorageError {}

impl Belonging {
    fn explain(self, found: &str, expected: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Belonging::Protocol => {
                write!(f, "protocol {found}, not {expected}; run {found} there, or {expected} in another directory")
            }
            Belonging::Nodes => write!(
                f,
                "a cluster of {found} nodes, not {expected}; use the same number of nodes as before, or start a new cluster in an empty directory"
            ),
            Belonging::Node => {
                write!(
                    f,
                    "node {found}, not {expected}; the files of two nodes were exchanged, so put each back in its place"
                )
            }
            Belonging::Cluster => {
                write!(
                    f,
                    "cluster {found}, and the other files here belong to {expected}; put it back in its own directory"
                )
            }
        }
    }
}

impl fmt::Display for LogLoss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LogLoss::Missing => f.write_str("is missing"),
            LogLoss::Empty => f.write_str("is empty"),
            LogLoss::Cut { found, durable } => write!(f, "ends at byte {found}, and {durable} bytes were durable"),
            LogLoss::Stale { found, known } => {
                write!(f, "is an old copy: its last run is {found}, and the last run of the node is {known}")
            }
        }
    }
}
