//! Stable storage of a generator and of the registry.

use std::collections::BTreeMap;

use quorate_protocol::NodeId;
use serde::{Deserialize, Serialize};

use super::message::Lease;

/// One durable write.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Record {
    /// A generator holds a lease.
    Held {
        /// The lease.
        lease: Lease,
    },
    /// A generator may have used all ticks up to this one.
    Reserved {
        /// The tick.
        tick: u64,
    },
    /// The registry has leased a worker number.
    Leased {
        /// The holder.
        to: NodeId,
        /// The lease.
        lease: Lease,
    },
}

/// State that survives a crash.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Disk {
    /// At a generator: its lease.
    pub held: Option<Lease>,
    /// At a generator: the last tick that it may have used.
    pub reserved: Option<u64>,
    /// At the registry: the last lease of each worker number, with its holder.
    pub leased: BTreeMap<u32, (NodeId, Lease)>,
}

impl quorate_protocol::Disk for Disk {
    type Record = Record;

    fn apply(&mut self, record: &Record) {
        match record {
            Record::Held { lease } => self.held = Some(*lease),
            Record::Reserved { tick } => self.reserved = Some(*tick),
            Record::Leased { to, lease } => {
                self.leased.insert(lease.worker, (*to, *lease));
            }
        }
    }
}
