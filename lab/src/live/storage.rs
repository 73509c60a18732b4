//! Durable storage of a node's records: written before output leaves the node, read when it boots.

use std::path::PathBuf;

use quorate_protocol::{Disk, Time};

use super::identity::{Identity, Past, RunId};
use super::storage_error::StorageError;

/// Durable storage of one node.
///
/// A node's thread passes on the records of a batch of inputs, and sends no message or answer and
/// takes no further step before [`write`](Self::write) has returned: that is the contract of
/// [`Effect::Persist`](quorate_protocol::Effect), for many inputs at the price of one sync (*group
/// commit*).
///
/// A cluster first opens the storages of all its nodes, then tells all of them that a run begins,
/// and only then loads from them: so a storage that belongs to another node, or has lost records,
/// is detected before any node sends a message.
pub trait Storage<D: Disk>: Send {
    /// Checks that the content belongs to this node and is undamaged, and that no one else writes
    /// here. Returns the record of earlier runs: `None` if there were none, as far as this storage
    /// can tell. Changes nothing.
    ///
    /// # Errors
    /// When it cannot be read, is damaged, or belongs to another node or protocol.
    fn open(&mut self, identity: &Identity) -> Result<Option<Past>, StorageError>;

    /// The location, for messages: a file, if it is one.
    fn place(&self) -> PathBuf;

    /// Makes durable that a run begins, so that the next one is given a higher number.
    ///
    /// # Errors
    /// When it cannot be written.
    fn begin(&mut self, run: &RunId) -> Result<(), StorageError>;

    /// Makes durable that the node's clock may show times up to this one, so that it continues from
    /// there in the next run.
    ///
    /// # Errors
    /// When it cannot be written.
    fn reserve_clock(&mut self, until: Time) -> Result<(), StorageError>;

    /// The disk after all records written so far; blank at first. Called at every boot.
    ///
    /// # Errors
    /// When it cannot be read, or is damaged.
    fn load(&mut self) -> Result<D, StorageError>;

    /// Makes the records durable, in order. Once this has returned they survive the end of the
    /// process.
    ///
    /// # Errors
    /// When some of them may not be durable. The node then stops, and its pending output is
    /// discarded.
    fn write(&mut self, records: &[D::Record]) -> Result<(), StorageError>;

    /// Erases everything, as if the disk were replaced.
    ///
    /// # Errors
    /// When that is not possible.
    fn wipe(&mut self) -> Result<(), StorageError>;
}

/// A disk in memory. It survives a crash of the node's thread, but not the end of the process.
#[derive(Clone, Debug, Default)]
pub struct Memory<D> {
    disk: D,
    past: Option<Past>,
}

impl<D: Disk> Memory<D> {
    /// The content of the disk.
    pub fn disk(&self) -> &D {
        &self.disk
    }
}

impl<D: Disk> Storage<D> for Memory<D> {
    fn open(&mut self, _: &Identity) -> Result<Option<Past>, StorageError> {
        Ok(self.past.map(|past| Past { written: self.disk != D::default(), ..past }))
    }

    fn place(&self) -> PathBuf {
        PathBuf::from("the disk in memory")
    }

    fn begin(&mut self, run: &RunId) -> Result<(), StorageError> {
        let clock = self.past.map_or(Time::ZERO, |past| past.clock);
        self.past = Some(Past { cluster: run.cluster, run: run.number, clock, written: false });
        Ok(())
    }

    fn reserve_clock(&mut self, until: Time) -> Result<(), StorageError> {
        if let Some(past) = &mut self.past {
            past.clock = until;
        }
        Ok(())
    }

    fn load(&mut self) -> Result<D, StorageError> {
        Ok(self.disk.clone())
    }

    fn write(&mut self, records: &[D::Record]) -> Result<(), StorageError> {
        records.iter().for_each(|record| self.disk.apply(record));
        Ok(())
    }

    fn wipe(&mut self) -> Result<(), StorageError> {
        self.disk = D::default();
        Ok(())
    }
}
