//! Lock file of a log: excludes other writers.
//!
//! The lock is on a separate file beside the log: compaction replaces the log's file, and a lock
//! belongs to the file and not to its name.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

use fs4::{FileExt, TryLockError};

use super::super::storage_error::StorageError;

/// A lock that is held until this is dropped, or the process ends.
#[derive(Debug)]
pub(super) struct DirectoryLock {
    lock: File,
}

impl DirectoryLock {
    /// Acquires the lock of a log in that directory.
    pub(super) fn acquire(directory: &Path, log: &Path) -> Result<Self, StorageError> {
        let lock = name(log);
        let io = |source| StorageError::io("lock", &lock, source);
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&lock).map_err(io)?;
        match FileExt::try_lock(&file) {
            Ok(()) => Ok(DirectoryLock { lock: file }),
            Err(TryLockError::WouldBlock) => Err(StorageError::InUse { directory: directory.to_owned(), lock }),
            Err(TryLockError::Error(source)) => Err(io(source)),
        }
    }
}

impl Drop for DirectoryLock {
    /// Closing the file is not enough: a child process that another thread is just starting has it
    /// open, too, for a moment.
    fn drop(&mut self) {
        // If unlocking fails, the system unlocks it when the process ends.
        _ = FileExt::unlock(&self.lock);
    }
}

/// The name of the lock file: `n1.log` is locked by `n1.log.lock`.
fn name(log: &Path) -> PathBuf {
    let mut name = log.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}
