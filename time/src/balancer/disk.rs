//! Stable storage: the count of a node's starts.

use serde::{Deserialize, Serialize};

/// One durable write.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Record {
    /// A node has started.
    Started {
        /// The count of its starts.
        life: u64,
    },
}

/// State that survives a crash. Neither requests nor the health of servers do.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Disk {
    /// The count of this node's starts.
    pub life: u64,
}

impl quorate_protocol::Disk for Disk {
    type Record = Record;

    fn apply(&mut self, record: &Record) {
        let Record::Started { life } = record;
        self.life = *life;
    }
}
