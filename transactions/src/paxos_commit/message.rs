//! Messages, timers and facts of Paxos Commit.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use quorate_paxos::{Ballot, Proposal};
use quorate_protocol::{NodeId, RequestId};
use serde::{Deserialize, Serialize};

use crate::command::Outcome;
use crate::id::{Row, Txn};

/// Vote of a participant: the value of its instance of Paxos.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Vote {
    /// The change is on disk, and can be committed.
    Prepared,
    /// The change is not made.
    Aborted,
}

impl fmt::Display for Vote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(if *self == Vote::Prepared { "Prepared" } else { "Aborted" })
    }
}

/// Votes in several instances of one transaction, by participant.
pub type Votes = BTreeMap<NodeId, Vote>;

/// A message between nodes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Message {
    /// Leader to participant: prepare this change, and vote.
    Prepare {
        /// The transaction.
        txn: Txn,
        /// The row to change.
        row: Row,
        /// The amount that is added to it.
        by: i64,
        /// All participants of the transaction, so that any leader can be told of them.
        participants: BTreeSet<NodeId>,
    },
    /// Participant to acceptors, phase 2a of ballot 0 in its own instance: its vote.
    Vote {
        /// The transaction.
        txn: Txn,
        /// The vote.
        vote: Vote,
    },
    /// Leader to acceptors, phase 1a in all instances: promise this ballot.
    NewBallot {
        /// The transaction.
        txn: Txn,
        /// The ballot.
        ballot: Ballot,
    },
    /// Acceptor to leader, phase 1b: the promise, with the votes accepted so far.
    Promise {
        /// The transaction.
        txn: Txn,
        /// The ballot promised.
        ballot: Ballot,
        /// The vote accepted last in each instance, with its ballot.
        accepted: BTreeMap<NodeId, Proposal<Vote>>,
    },
    /// Leader to acceptors, phase 2a in all instances: accept these votes.
    Propose {
        /// The transaction.
        txn: Txn,
        /// The ballot.
        ballot: Ballot,
        /// The votes.
        votes: Votes,
    },
    /// Acceptor to leader, phase 2b: these votes are accepted.
    Accepted {
        /// The transaction.
        txn: Txn,
        /// The ballot.
        ballot: Ballot,
        /// The votes.
        votes: Votes,
    },
    /// Acceptor to leader: a higher ballot is promised.
    Refused {
        /// The transaction.
        txn: Txn,
        /// The ballot refused.
        ballot: Ballot,
        /// The ballot promised.
        promised: Ballot,
    },
    /// To a participant: the transaction is committed.
    Commit {
        /// The transaction.
        txn: Txn,
    },
    /// To a participant: the transaction is aborted.
    Abort {
        /// The transaction.
        txn: Txn,
    },
    /// From a participant in doubt to a leader.
    WhatBecame {
        /// The transaction.
        txn: Txn,
        /// Its participants: a leader that does not know it needs them to finish it.
        participants: BTreeSet<NodeId>,
    },
}

impl Message {
    /// The message that reports an outcome.
    pub(crate) fn of(outcome: Outcome, txn: Txn) -> Self {
        match outcome {
            Outcome::Commit => Message::Commit { txn },
            Outcome::Abort => Message::Abort { txn },
        }
    }
}

/// The timers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Timer {
    /// At a leader: a transaction is not decided.
    Late {
        /// The transaction.
        txn: Txn,
    },
    /// At a participant in doubt: time to ask what became of its transactions.
    Ask,
}

/// An observable event.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Fact {
    /// The first leader has begun a transaction for a client.
    Began {
        /// The transaction.
        txn: Txn,
        /// The client's request.
        ticket: RequestId,
        /// Its participants.
        participants: BTreeSet<NodeId>,
    },
    /// This participant votes Prepared.
    Prepared {
        /// The transaction.
        txn: Txn,
        /// The row, which is now locked.
        row: Row,
        /// The amount to be added to it.
        by: i64,
    },
    /// This acceptor has accepted votes.
    Accepted {
        /// The transaction.
        txn: Txn,
        /// The ballot.
        ballot: Ballot,
        /// The votes.
        votes: Votes,
    },
    /// A leader knows the outcome.
    Decided {
        /// The transaction.
        txn: Txn,
        /// Its outcome.
        outcome: Outcome,
    },
    /// This participant has committed or aborted its part.
    Finished {
        /// The transaction.
        txn: Txn,
        /// Its outcome here.
        outcome: Outcome,
    },
}
