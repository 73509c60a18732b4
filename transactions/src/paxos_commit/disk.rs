//! Stable storage of a node of Paxos Commit.

use std::collections::{BTreeMap, BTreeSet};

use quorate_paxos::{Ballot, Proposal};
use quorate_protocol::{ClientId, NodeId, RequestId};
use serde::{Deserialize, Serialize};

use super::message::{Vote, Votes};
use crate::command::Outcome;
use crate::id::{Row, Txn};
use crate::request::{Decided, remember};
use crate::two_phase::Prepared;

/// A transaction that the first leader has begun.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Begun {
    /// The request that it answers.
    pub ticket: RequestId,
    /// The participants.
    pub participants: BTreeSet<NodeId>,
}

/// An acceptor's promise and votes for one transaction.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Accepts {
    /// The highest ballot promised, in all instances alike.
    pub promised: Option<Ballot>,
    /// The vote accepted last in each instance, with its ballot.
    pub votes: BTreeMap<NodeId, Proposal<Vote>>,
}

impl Accepts {
    /// Accepts votes in a ballot. Ballot 0 needs no promise: it is below all others.
    pub(super) fn accept(&mut self, ballot: Ballot, votes: &Votes) {
        if ballot.round > 0 {
            self.promised = self.promised.max(Some(ballot));
        }
        self.votes.extend(votes.iter().map(|(node, vote)| (*node, Proposal { ballot, value: *vote })));
    }
}

/// One durable write.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Record {
    /// The first leader begins a transaction.
    Begun {
        /// The transaction.
        txn: Txn,
        /// Data kept about it.
        begun: Begun,
    },
    /// The first leader knows the outcome of a transaction that it has begun.
    Decided {
        /// The transaction.
        txn: Txn,
        /// The request that it answers.
        ticket: RequestId,
        /// Its outcome.
        outcome: Outcome,
    },
    /// A leader uses this ballot.
    Tried {
        /// The ballot.
        ballot: Ballot,
    },
    /// An acceptor promises a ballot.
    Promised {
        /// The transaction.
        txn: Txn,
        /// The ballot.
        ballot: Ballot,
    },
    /// An acceptor accepts votes.
    Accepted {
        /// The transaction.
        txn: Txn,
        /// The ballot.
        ballot: Ballot,
        /// The votes.
        votes: Votes,
    },
    /// A participant votes Prepared.
    Prepared {
        /// The transaction.
        txn: Txn,
        /// Its change here.
        prepared: Prepared,
    },
    /// A participant has installed its change, or has dropped it.
    Finished {
        /// The transaction.
        txn: Txn,
        /// Its outcome.
        outcome: Outcome,
    },
}

/// State that survives a crash.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Disk {
    /// Number of the first leader's last life in which it began a transaction.
    pub life: u64,
    /// The first leader's transactions of which it does not know the outcome.
    pub begun: BTreeMap<Txn, Begun>,
    /// The newest decided request of each client.
    pub decided: BTreeMap<ClientId, Decided>,
    /// The highest ballot that a leader has used.
    pub tried: Option<Ballot>,
    /// An acceptor's promises and votes.
    pub accepts: BTreeMap<Txn, Accepts>,
    /// A participant's rows that were ever changed.
    pub rows: BTreeMap<Row, i64>,
    /// The changes for which a participant voted Prepared, and of which it does not know the
    /// outcome.
    pub prepared: BTreeMap<Txn, Prepared>,
    /// The outcomes that a participant has reached.
    pub outcomes: BTreeMap<Txn, Outcome>,
}

impl quorate_protocol::Disk for Disk {
    type Record = Record;

    fn apply(&mut self, record: &Record) {
        match record {
            Record::Begun { txn, begun } => {
                self.life = self.life.max(txn.life);
                self.begun.insert(*txn, begun.clone());
            }
            Record::Decided { txn, ticket, outcome } => {
                self.begun.remove(txn);
                remember(&mut self.decided, *ticket, *txn, *outcome);
            }
            Record::Tried { ballot } => self.tried = self.tried.max(Some(*ballot)),
            Record::Promised { txn, ballot } => self.accepts.entry(*txn).or_default().promised = Some(*ballot),
            Record::Accepted { txn, ballot, votes } => self.accepts.entry(*txn).or_default().accept(*ballot, votes),
            Record::Prepared { txn, prepared } => {
                self.prepared.insert(*txn, prepared.clone());
            }
            Record::Finished { txn, outcome } => {
                let prepared = self.prepared.remove(txn);
                if let (Outcome::Commit, Some(Prepared { row, after, .. })) = (outcome, prepared) {
                    self.rows.insert(row, after);
                }
                self.outcomes.insert(*txn, *outcome);
            }
        }
    }
}
