//! The messages, timers, requests, answers and facts of Basic Paxos.
//!
//! The messages are those of *Paxos Made Simple* §2.2 and §2.3, and no more than they need: a prepare is a number, without a value.

use serde::{Deserialize, Serialize};

use crate::ballot::Ballot;
use crate::value::{Proposal, Value};

/// What nodes say to each other.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Message {
    /// Proposer to acceptors, phase 1(a): will you promise this ballot?
    Prepare {
        /// The ballot to be promised.
        ballot: Ballot,
    },
    /// Acceptor to proposer, phase 1(b): I accept nothing below this ballot any more.
    Promise {
        /// The ballot promised.
        ballot: Ballot,
        /// The proposal of the highest ballot that the acceptor has accepted.
        accepted: Option<Proposal>,
    },
    /// Proposer to acceptors, phase 2(a): accept this proposal.
    Accept {
        /// The ballot.
        ballot: Ballot,
        /// Its value.
        value: Value,
    },
    /// Acceptor to proposer: a higher ballot was promised, abandon yours (§2.2, the advice at the end).
    Refused {
        /// The ballot refused.
        ballot: Ballot,
        /// The ballot that stands in its way.
        promised: Ballot,
    },
    /// Acceptor to learners, phase 2(b): my vote.
    Accepted {
        /// The ballot.
        ballot: Ballot,
        /// The value.
        value: Value,
    },
    /// Learner to learners and proposers: this was chosen.
    Chosen {
        /// A ballot in which it was chosen.
        ballot: Ballot,
        /// The value.
        value: Value,
    },
    /// Learner to acceptors: what did you accept? The answer is [`Accepted`](Message::Accepted).
    AskAccepted,
    /// Learner to learners: do you know what was chosen? The answer is [`Chosen`](Message::Chosen).
    AskChosen,
}

/// What nodes wait for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Timer {
    /// The proposer begins again with a higher ballot.
    Retry,
    /// The learner, still without news, asks around.
    CatchUp,
}

/// What clients ask proposers for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Command {
    /// Get a value chosen: this one, if it is still open which.
    Propose {
        /// The value.
        value: Value,
        /// At least this round, if it is above those that the proposer has used, else the least that is.
        ///
        /// The paper lets a proposer take any unused number of its own, and abandon a proposal at any time: a request
        /// that names a round therefore begins a ballot even while another is running. `None` lets the proposer choose.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        round: Option<u64>,
    },
}

/// What clients are answered.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// This was chosen, perhaps on another proposer's proposal.
    Chosen {
        /// The one chosen value.
        value: Value,
    },
    /// The node proposes nothing: ask a proposer.
    NotAProposer,
}

/// What becomes true.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Fact {
    /// An acceptor promised a ballot.
    Promised {
        /// The ballot.
        ballot: Ballot,
    },
    /// A proposer gave a ballot its value.
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
    /// A learner learned what was chosen.
    Chosen {
        /// A ballot in which it was chosen.
        ballot: Ballot,
        /// The value.
        value: Value,
    },
}
