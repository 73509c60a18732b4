//! Stable storage of a node of Basic Paxos (*Paxos Made Simple* §2.2 and §2.5).

use serde::{Deserialize, Serialize};

use crate::ballot::Ballot;
use crate::value::{Proposal, Value};

/// One durable write.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Record {
    /// The proposer is about to use this ballot (§2.5).
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
        /// The ballot.
        ballot: Ballot,
        /// The value.
        value: Value,
    },
}

/// Stable storage of a whole node: three entries (*Paxos Made Simple* §2.2 and §2.5).
///
/// Learners persist nothing: the acceptors can always be asked for the chosen value.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Disk {
    /// The highest ballot that the proposer has used.
    pub tried: Option<Ballot>,
    /// The highest ballot that the acceptor has promised.
    pub promised: Option<Ballot>,
    /// The proposal that the acceptor accepted last.
    pub accepted: Option<Proposal>,
}

impl quorate_protocol::Disk for Disk {
    type Record = Record;

    fn apply(&mut self, record: &Record) {
        match record {
            Record::Tried { ballot } => self.tried = Some(*ballot),
            Record::Promised { ballot } => self.promised = Some(*ballot),
            Record::Accepted { ballot, value } => {
                self.accepted = Some(Proposal { ballot: *ballot, value: value.clone() });
            }
        }
    }
}
