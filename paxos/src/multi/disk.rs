//! Stable storage of a node of Multi-Paxos: one promise for all slots, votes and chosen entries of
//! each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ballot::Ballot;
use crate::entry::{Entry, Slot};
use crate::value::Proposal;

/// One durable write.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Record {
    /// The proposer is about to use this ballot.
    Tried {
        /// The ballot.
        ballot: Ballot,
    },
    /// The acceptor promised this ballot.
    Promised {
        /// The ballot.
        ballot: Ballot,
    },
    /// The acceptor accepted this proposal.
    Accepted {
        /// The slot.
        slot: Slot,
        /// The ballot.
        ballot: Ballot,
        /// The accepted entry.
        #[serde(flatten)]
        entry: Entry,
    },
    /// The learner learned a chosen entry: its ledger, as *The Part-Time Parliament* calls it.
    Chosen {
        /// The slot.
        slot: Slot,
        /// A ballot in which it was chosen.
        ballot: Ballot,
        /// The chosen entry.
        #[serde(flatten)]
        entry: Entry,
    },
}

/// Stable storage of a whole node.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Disk {
    /// The highest ballot that the proposer has used.
    pub tried: Option<Ballot>,
    /// The highest ballot that the acceptor has promised.
    pub promised: Option<Ballot>,
    /// The proposal that the acceptor accepted last, in each slot.
    pub accepted: BTreeMap<Slot, Proposal<Entry>>,
    /// The entries that the learner knows to be chosen.
    pub chosen: BTreeMap<Slot, Proposal<Entry>>,
}

impl quorate_protocol::Disk for Disk {
    type Record = Record;

    fn apply(&mut self, record: &Record) {
        let proposal = |ballot: &Ballot, entry: &Entry| Proposal { ballot: *ballot, value: entry.clone() };
        match record {
            Record::Tried { ballot } => self.tried = Some(*ballot),
            Record::Promised { ballot } => self.promised = Some(*ballot),
            Record::Accepted { slot, ballot, entry } => {
                self.accepted.insert(*slot, proposal(ballot, entry));
            }
            Record::Chosen { slot, ballot, entry } => {
                self.chosen.insert(*slot, proposal(ballot, entry));
            }
        }
    }
}
