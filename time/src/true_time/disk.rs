//! Stable storage of a server.

use std::collections::BTreeMap;

use quorate_protocol::{RequestId, Time};
use serde::{Deserialize, Serialize};

/// One durable write.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Record {
    /// A transaction has its stamp. It is the same after a crash.
    Stamped {
        /// The transaction.
        ticket: RequestId,
        /// Its stamp.
        timestamp: Time,
    },
}

/// State that survives a crash. Readings of the time do not: they age with a clock whose readings
/// of before the crash are lost.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Disk {
    /// The stamps of the transactions.
    pub stamps: BTreeMap<RequestId, Time>,
}

impl quorate_protocol::Disk for Disk {
    type Record = Record;

    fn apply(&mut self, record: &Record) {
        let Record::Stamped { ticket, timestamp: stamp } = record;
        self.stamps.insert(*ticket, *stamp);
    }
}
