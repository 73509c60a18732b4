//! Where a node's records go before anything leaves the node, and come from when it starts again.

use std::path::PathBuf;

use quorate_protocol::{Disk, Time};

use super::identity::{Identity, Past, Run};
use super::storage_error::StorageError;

/// What keeps a node's durable writes.
///
/// A node's thread hands over what a batch of inputs made its machine write, and lets no message, answer or further step
/// out before [`write`](Self::write) has returned: that is the contract of [`Effect::Persist`](quorate_protocol::Effect), for many
/// inputs at the price of one sync (*group commit*).
///
/// A cluster opens the storages of all its nodes first, tells all of them then that a run begins,
/// and loads from them only after that: so a node that is not who it should be, or has lost its
/// memory, is noticed before any node says a word.
pub trait Storage<D: Disk>: Send {
    /// Makes sure that what is kept here is that node's and as it was written, and that nobody else
    /// writes here. Returns what is remembered of earlier runs: `None` if there were none, as far
    /// as this storage can tell. Changes nothing.
    ///
    /// # Errors
    /// When it cannot be read, is damaged, or belongs to another node or protocol.
    fn open(&mut self, identity: &Identity) -> Result<Option<Past>, StorageError>;

    /// Where it is kept, for messages: a file, if it is one.
    fn place(&self) -> PathBuf;

    /// Makes durable that a run begins, so that the next one is given a higher number.
    ///
    /// # Errors
    /// When it cannot be written.
    fn begin(&mut self, run: &Run) -> Result<(), StorageError>;

    /// Makes durable that the node's clock may show times up to this one, so that it goes on from
    /// there in the next run.
    ///
    /// # Errors
    /// When it cannot be written.
    fn reserve_clock(&mut self, until: Time) -> Result<(), StorageError>;

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
pub struct Memory<D> {
    disk: D,
    past: Option<Past>,
}

impl<D: Disk> Memory<D> {
    /// What it holds.
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

    fn begin(&mut self, run: &Run) -> Result<(), StorageError> {
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
        records.iter().for_each(|record| self.disk.write(record));
        Ok(())
    }

    fn wipe(&mut self) -> Result<(), StorageError> {
        self.disk = D::default();
        Ok(())
    }
}
