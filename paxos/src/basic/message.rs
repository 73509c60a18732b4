//! Messages, timers, commands, replies and facts of Basic Paxos.
//!
//! The messages carry no more than *Paxos Made Simple* §2.2 and §2.3 need: a prepare is a number,
//! without a value.

use serde::{Deserialize, Serialize};

use crate::ballot::Ballot;
use crate::value::{Proposal, Value};

/// A message between nodes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Message {
    /// Proposer to acceptors, phase 1(a): asks them to promise this ballot.
    Prepare {
        /// The ballot to be promised.
        ballot: Ballot,
    },
    /// Acceptor to proposer, phase 1(b): promises to accept nothing below this ballot.
    Promise {
        /// The ballot promised.
        ballot: Ballot,
        /// The proposal of the highest ballot that the acceptor has accepted.
        accepted: Option<Proposal>,
    },
    /// Proposer to acceptors, phase 2(a): asks them to accept this proposal.
    Accept {
        /// The ballot.
        ballot: Ballot,
        /// Its value.
        value: Value,
    },
    /// Acceptor to proposer: the ballot is refused because a higher one was promised (§2.2, the
    /// advice at the end).
    Refused {
        /// The ballot refused.
        ballot: Ballot,
        /// The higher ballot promised.
        promised: Ballot,
    },
    /// Acceptor to learners, phase 2(b): the acceptor's vote.
    Accepted {
        /// The ballot.
        ballot: Ballot,
        /// The value.
        value: Value,
    },
    /// Learner to learners and proposers: this value was chosen.
    Chosen {
        /// A ballot in which it was chosen.
        ballot: Ballot,
        /// The value.
        value: Value,
    },
    /// Learner to acceptors: asks for the accepted proposal. The answer is
    /// [`Accepted`](Message::Accepted).
    AskAccepted,
    /// Learner to learners: asks for the chosen value. The answer is [`Chosen`](Message::Chosen).
    AskChosen,
}

/// A timer of a node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Timer {
    /// The proposer retries with a higher ballot.
    Retry,
    /// The learner, which has learned nothing yet, asks the other nodes.
    CatchUp,
}

/// A client's request to a proposer.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Command {
    /// Get a value chosen: this one, if no other has been chosen.
    Propose {
        /// The value.
        value: Value,
        /// The round to use, if it is above those that the proposer has used; otherwise the next
        /// one above.
        ///
        /// The paper lets a proposer take any unused number of its own, and abandon a proposal at
        /// any time: a request that names a round therefore begins a ballot even while another is
        /// running. `None` lets the proposer choose.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        round: Option<u64>,
    },
}

/// An answer to a client.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// This value was chosen, perhaps as another proposer's proposal.
    Chosen {
        /// The one chosen value.
        value: Value,
    },
    /// The node is not a proposer: ask one that is.
    NotAProposer,
}

/// A fact: an observable event of the algorithm.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Fact {
    /// An acceptor promised a ballot.
    Promised {
        /// The ballot.
        ballot: Ballot,
    },
    /// A proposer assigned a value to a ballot.
    Proposed {
        /// The ballot.
        ballot: Ballot,
        /// Its value.
        value: Value,
    },
    /// An acceptor accepted a proposal.
    Accepted {
        /// The ballot.
        ballot: Ballot,
        /// The value.
        value: Value,
    },
    /// A learner learned the chosen value.
    Chosen {
        /// A ballot in which it was chosen.
        ballot: Ballot,
        /// The value.
        value: Value,
    },
}
