//! Messages, timers, commands, replies and facts of Multi-Paxos.
//!
//! Prepares and promises cover all slots from one on; proposals and votes cover one slot each.

use quorate_protocol::NodeId;
use serde::{Deserialize, Serialize};

use crate::ballot::Ballot;
use crate::entry::{Entry, Slot};
use crate::value::Value;

/// A message between nodes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Message {
    /// Proposer to acceptors, phase 1(a): asks them to promise this ballot for every slot.
    Prepare {
        /// The ballot to be promised.
        ballot: Ballot,
        /// The first slot that the proposer does not know to be chosen. Reports are requested from
        /// there on.
        from_slot: Slot,
    },
    /// Acceptor to proposer, phase 1(b): promises to accept nothing below this ballot in any slot.
    Promise {
        /// The ballot promised.
        ballot: Ballot,
        /// The proposals that the acceptor has accepted in the slots asked for.
        accepted: Vec<SlotProposal>,
    },
    /// Leader to acceptors, phase 2(a): asks them to accept this proposal.
    Accept {
        /// The slot.
        slot: Slot,
        /// The ballot.
        ballot: Ballot,
        /// The entry to accept.
        #[serde(flatten)]
        entry: Entry,
    },
    /// Acceptor to proposer: the ballot is refused because a higher one was promised.
    Refused {
        /// The ballot refused.
        ballot: Ballot,
        /// The higher ballot promised.
        promised: Ballot,
    },
    /// Acceptor to learners, phase 2(b): the acceptor's vote.
    Accepted {
        /// The slot.
        slot: Slot,
        /// The ballot.
        ballot: Ballot,
        /// The accepted entry.
        #[serde(flatten)]
        entry: Entry,
    },
    /// Learner to learners, or in the order of slots to the proposer on its own node: this entry
    /// was chosen.
    Chosen {
        /// The slot.
        slot: Slot,
        /// A ballot in which it was chosen.
        ballot: Ballot,
        /// The chosen entry.
        #[serde(flatten)]
        entry: Entry,
    },
    /// Leader to proposers and learners: heartbeat.
    Heartbeat {
        /// The leader's ballot.
        ballot: Ballot,
        /// The first slot that the leader does not know to be chosen.
        open: Slot,
    },
    /// Learner to learner: asks for the chosen entries from this slot on. The answer is
    /// [`Log`](Message::Log).
    AskChosen {
        /// The first slot that the requesting learner misses.
        from_slot: Slot,
    },
    /// Learner to learner: a segment of the log, of at most [`LOG_BATCH`](super::LOG_BATCH) slots.
    Log {
        /// The chosen entries.
        chosen: Vec<SlotProposal>,
    },
}

/// A proposal and its slot.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct SlotProposal {
    /// The slot.
    pub slot: Slot,
    /// The ballot.
    pub ballot: Ballot,
    /// The accepted or chosen entry.
    #[serde(flatten)]
    pub entry: Entry,
}

/// A timer of a node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Timer {
    /// Election timeout: the proposer has heard from no leader for too long.
    Election,
    /// The leader's next heartbeat is due.
    Heartbeat,
}

/// A client's request to the leader.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Command {
    /// Append a command to the log.
    Propose {
        /// The command.
        value: Value,
    },
}

/// An answer to a client.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// The client's command was chosen in this slot, and all slots before it are known to be
    /// chosen.
    Chosen {
        /// The slot.
        slot: Slot,
        /// The command.
        value: Value,
    },
    /// This node does not lead: ask the leader, if one is known, with the same ticket.
    ///
    /// This says nothing about the command, which an earlier attempt may have proposed. The same
    /// ticket prevents a second execution.
    NotLeader {
        /// The leader, as far as this node knows.
        leader: Option<NodeId>,
    },
}

/// A fact: an observable event of the algorithm.
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
    /// A leader assigned an entry to a slot of its ballot.
    Proposed {
        /// The slot.
        slot: Slot,
        /// The ballot.
        ballot: Ballot,
        /// The proposed entry.
        #[serde(flatten)]
        entry: Entry,
    },
    /// An acceptor accepted a proposal.
    Accepted {
        /// The slot.
        slot: Slot,
        /// The ballot.
        ballot: Ballot,
        /// The accepted entry.
        #[serde(flatten)]
        entry: Entry,
    },
    /// A learner learned a chosen entry.
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
