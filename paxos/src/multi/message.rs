//! The messages, timers, requests, answers and facts of Multi-Paxos.
//!
//! Prepares and promises speak of all slots from one on; proposals and votes of one slot each.

use quorate_protocol::NodeId;
use serde::{Deserialize, Serialize};

use crate::ballot::Ballot;
use crate::entry::{Entry, Slot};
use crate::value::Value;

/// What nodes say to each other.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Message {
    /// Proposer to acceptors, phase 1(a): will you promise this ballot, for every slot?
    Prepare {
        /// The ballot to be promised.
        ballot: Ballot,
        /// The first slot that the proposer does not know to be chosen. It asks for reports from there on.
        from_slot: Slot,
    },
    /// Acceptor to proposer, phase 1(b): I accept nothing below this ballot any more, in any slot.
    Promise {
        /// The ballot promised.
        ballot: Ballot,
        /// What the acceptor has accepted in the slots asked for.
        accepted: Vec<Report>,
    },
    /// Leader to acceptors, phase 2(a): accept this proposal.
    Accept {
        /// The slot.
        slot: Slot,
        /// The ballot.
        ballot: Ballot,
        /// What to accept.
        #[serde(flatten)]
        entry: Entry,
    },
    /// Acceptor to proposer: a higher ballot was promised, abandon yours.
    Refused {
        /// The ballot refused.
        ballot: Ballot,
        /// The ballot that stands in its way.
        promised: Ballot,
    },
    /// Acceptor to learners, phase 2(b): my vote.
    Accepted {
        /// The slot.
        slot: Slot,
        /// The ballot.
        ballot: Ballot,
        /// What was accepted.
        #[serde(flatten)]
        entry: Entry,
    },
    /// Learner to learners, or in the order of slots to the proposer on its own node: this was chosen.
    Chosen {
        /// The slot.
        slot: Slot,
        /// A ballot in which it was chosen.
        ballot: Ballot,
        /// What was chosen.
        #[serde(flatten)]
        entry: Entry,
    },
    /// Leader to proposers and learners: I lead.
    Heartbeat {
        /// The leader's ballot.
        ballot: Ballot,
        /// The first slot that the leader does not know to be chosen.
        open: Slot,
    },
    /// Learner to a learner: what was chosen from this slot on? The answer is [`Log`](Message::Log).
    AskChosen {
        /// The first slot that the asking learner misses.
        from_slot: Slot,
    },
    /// Learner to learner: a stretch of the log, at most [`LOG_BATCH`](super::LOG_BATCH) slots long.
    Log {
        /// What was chosen.
        chosen: Vec<Report>,
    },
}

/// A proposal in its slot.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Report {
    /// The slot.
    pub slot: Slot,
    /// The ballot.
    pub ballot: Ballot,
    /// What was accepted, or chosen.
    #[serde(flatten)]
    pub entry: Entry,
}

/// What nodes wait for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Timer {
    /// The proposer has heard from no leader for too long.
    Election,
    /// The leader is about to show that it is there.
    Heartbeat,
}

/// What clients ask the leader for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Command {
    /// Put a command into the log.
    Propose {
        /// The command.
        value: Value,
    },
}

/// What clients are answered.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// The client's command was chosen in this slot, and all slots before it are known.
    Chosen {
        /// The slot.
        slot: Slot,
        /// The command.
        value: Value,
    },
    /// Another node leads, or none: ask there, with the same ticket.
    ///
    /// This says nothing about the command, which an earlier attempt may have proposed. The same ticket keeps it from being
    /// executed twice.
    NotLeader {
        /// Who leads, as far as this node knows.
        leader: Option<NodeId>,
    },
}

/// What becomes true.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Fact {
    /// An acceptor promised a ballot, for every slot.
    Promised {
        /// The ballot.
        ballot: Ballot,
    },
    /// A proposer has completed phase 1 of its ballot.
    Leads {
        /// The ballot.
        ballot: Ballot,
    },
    /// A leader gave a ballot its value in a slot.
    Proposed {
        /// The slot.
        slot: Slot,
        /// The ballot.
        ballot: Ballot,
        /// What it proposes.
        #[serde(flatten)]
        entry: Entry,
    },
    /// An acceptor accepted a proposal.
    Accepted {
        /// The slot.
        slot: Slot,
        /// The ballot.
        ballot: Ballot,
        /// What was accepted.
        #[serde(flatten)]
        entry: Entry,
    },
    /// A learner learned what was chosen.
    Chosen {
        /// The slot.
        slot: Slot,
        /// A ballot in which it was chosen.
        ballot: Ballot,
        /// What was chosen.
        #[serde(flatten)]
        entry: Entry,
    },
}
