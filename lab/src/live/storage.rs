//! Where a node's records go before anything leaves the node, and come from when it starts again.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use quorate_protocol::Disk;

/// What keeps a node's durable writes.
///
/// A node's thread hands over what a batch of inputs made its machine write, and lets no message, answer or further step
/// out before [`write`](Self::write) has returned: that is the contract of [`Effect::Persist`](quorate_protocol::Effect), for many
/// inputs at the price of one sync (*group commit*).
pub trait Storage<D: Disk>: Send {
    /// What the records written so far add up to; a blank disk at first. Called at every boot.
    ///
    /// # Errors
    /// When it cannot be read, or is not what was written.
    fn load(&mut self) -> Result<D, StorageError>;

    /// Makes the records durable, in order. Once this has returned they survive the end of the process.
    ///
    /// # Errors
    /// When some of them may not be durable. The node stops then, and what it had to say stays unsaid.
    fn write(&mut self, records: &[D::Record]) -> Result<(), StorageError>;

    /// Forgets everything, as a new disk would.
    ///
    /// # Errors
    /// When that is not possible.
    fn wipe(&mut self) -> Result<(), StorageError>;
}

/// A disk in memory. It survives the crash of a node's thread, and not the end of the process.
#[derive(Clone, Debug, Default)]
pub struct Memory<D>(pub D);

impl<D: Disk> Storage<D> for Memory<D> {
    fn load(&mut self) -> Result<D, StorageError> {
        Ok(self.0.clone())
    }

    fn write(&mut self, records: &[D::Record]) -> Result<(), StorageError> {
        records.iter().for_each(|record| self.0.write(record));
        Ok(())
    }

    fn wipe(&mut self) -> Result<(), StorageError> {
        self.0 = D::default();
        Ok(())
    }
}

/// Why a disk cannot be used.
#[derive(Clone, Debug)]
pub enum StorageError {
    /// The system refuses.
    Io {
        /// What was tried, as in `cannot append to`.
        doing: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        source: Arc<io::Error>,
    },
    /// Somebody else writes there: another process, or another [`Wal`](super::Wal) of this one.
    InUse {
        /// The directory.
        directory: PathBuf,
        /// The file in it whose lock is held.
        lock: PathBuf,
    },
    /// There is something else in the file.
    NotALog {
        /// The file.
        path: PathBuf,
    },
    /// The file is not what was written: something in the middle has changed, and what follows depends on it.
    Corrupt {
        /// The file.
        path: PathBuf,
        /// The first byte of the frame that is spoilt, from 0.
        offset: u64,
    },
    /// A record that JSON cannot express, such as a map whose keys are structs.
    Inexpressible {
        /// The file it was meant for.
        path: PathBuf,
        /// What serde says.
        detail: String,
    },
}

impl StorageError {
    /// An error of the system, for those who implement [`Storage`].
    pub fn io(doing: &'static str, path: &Path, source: io::Error) -> Self {
        StorageError::Io { doing, path: path.to_owned(), source: Arc::new(source) }
    }
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StorageError::Io { doing, path, source } => write!(
                f,
                "cannot {doing} {}: {source}; make room or give it a place that can be written, then restart the node",
                path.display()
            ),
            StorageError::InUse { directory, lock } => write!(
                f,
                "the directory {} is in use: somebody holds the lock {}; end that process, or give the node a directory of its own",
                directory.display(),
                lock.display()
            ),
            StorageError::NotALog { path } => {
                write!(f, "{} is not a log of this program: give the node a place of its own", path.display())
            }
            StorageError::Corrupt { path, offset } => write!(
                f,
                "{} is damaged at byte {offset}, and what follows depends on it: replace the node under a new id, \
                 or restore the file from a copy",
                path.display()
            ),
            StorageError::Inexpressible { path, detail } => {
                write!(f, "a record for {} cannot be written as JSON: {detail}", path.display())
            }
        }
    }
}

impl std::error::Error for StorageError {}
