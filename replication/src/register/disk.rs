//! Stable storage of a replica.

use std::collections::BTreeMap;

use quorate_protocol::{ClientId, Permutation, Permute, RequestId};
use serde::{Deserialize, Serialize};

use super::version::Version;
use crate::{Key, Tick};

/// One durable write.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Record {
    /// The replica holds these versions of a key, and no others.
    Stored {
        /// The key.
        key: Key,
        /// Its versions, by stamp.
        versions: Vec<Version>,
        /// The replica's clock afterwards.
        clock: Tick,
    },
    /// The replica has given a stamp to the write of a client, so a copy of the request is not
    /// carried out again.
    Begun {
        /// The request.
        ticket: RequestId,
    },
}

/// State that survives a crash. An application keeps nothing: its session ends with it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Disk {
    /// The versions of each key.
    pub copies: BTreeMap<Key, Vec<Version>>,
    /// The newest reading of the clock that orders writes.
    pub clock: Tick,
    /// The newest write of each client that has a stamp.
    pub begun: BTreeMap<ClientId, u64>,
}

impl quorate_protocol::Disk for Disk {
    type Record = Record;

    fn apply(&mut self, record: &Record) {
        match record {
            Record::Stored { key, versions, clock } => {
                self.copies.insert(key.clone(), versions.clone());
                self.clock = *clock;
            }
            Record::Begun { ticket } => {
                let newest = self.begun.entry(ticket.client).or_default();
                *newest = (*newest).max(ticket.number);
            }
        }
    }
}

impl Permute for Disk {
    fn permuted(&self, by: &Permutation) -> Self {
        Disk { copies: self.copies.permuted(by), ..self.clone() }
    }
}
