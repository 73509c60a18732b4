//! Symmetry reduction of Basic Paxos: permutation of node ids in its state.
//!
//! Acceptors are interchangeable: they are only counted, never told apart. So are learners, unless
//! one of them is distinguished. Proposers are *not*: their ids break the ties between ballots of
//! one round (*Paxos Made Simple* §2.5), so exchanging two of them turns a run into one that need
//! not be possible.

use quorate_protocol::{Renamed, Renaming, nameless};

use super::acceptor::Acceptor;
use super::disk::Disk;
use super::learner::Learner;
use super::message::{Command, Message, Timer};
use super::node::Paxos;
use super::proposer::{Attempt, Proposer, Work};

nameless!(Timer, Command);

impl Renamed for Paxos {
    fn renamed(&self, by: &Renaming) -> Self {
        Paxos {
            proposer: self.proposer.renamed(by),
            acceptor: self.acceptor.renamed(by),
            learner: self.learner.renamed(by),
        }
    }
}

impl Renamed for Proposer {
    fn renamed(&self, by: &Renaming) -> Self {
        Proposer {
            tried: self.tried.renamed(by),
            seen: self.seen.renamed(by),
            prepared: self.prepared.renamed(by),
            work: self.work.renamed(by),
            waiting: self.waiting.clone(),
            ..*self
        }
    }
}

impl Renamed for Work {
    fn renamed(&self, by: &Renaming) -> Self {
        match self {
            Work::Idle => Work::Idle,
            Work::Running { own, attempt } => Work::Running { own: own.clone(), attempt: attempt.renamed(by) },
            Work::Decided(proposal) => Work::Decided(proposal.renamed(by)),
        }
    }
}

impl Renamed for Attempt {
    fn renamed(&self, by: &Renaming) -> Self {
        match self {
            Attempt::Preparing { ballot, heard, reported } => Attempt::Preparing {
                ballot: ballot.renamed(by),
                heard: heard.renamed(by),
                reported: reported.renamed(by),
            },
            Attempt::Proposing(proposal) => Attempt::Proposing(proposal.renamed(by)),
            Attempt::Overtaken => Attempt::Overtaken,
        }
    }
}

impl Renamed for Acceptor {
    fn renamed(&self, by: &Renaming) -> Self {
        Acceptor { word: self.word.renamed(by), accepted: self.accepted.renamed(by) }
    }
}

impl Renamed for Learner {
    fn renamed(&self, by: &Renaming) -> Self {
        Learner { tally: self.tally.renamed(by), chosen: self.chosen.renamed(by) }
    }
}

impl Renamed for Message {
    fn renamed(&self, by: &Renaming) -> Self {
        match self.clone() {
            Message::Prepare { ballot } => Message::Prepare { ballot: ballot.renamed(by) },
            Message::Promise { ballot, accepted } => {
                Message::Promise { ballot: ballot.renamed(by), accepted: accepted.renamed(by) }
            }
            Message::Accept { ballot, value } => Message::Accept { ballot: ballot.renamed(by), value },
            Message::Refused { ballot, promised } => {
                Message::Refused { ballot: ballot.renamed(by), promised: promised.renamed(by) }
            }
            Message::Accepted { ballot, value } => Message::Accepted { ballot: ballot.renamed(by), value },
            Message::Chosen { ballot, value } => Message::Chosen { ballot: ballot.renamed(by), value },
            Message::AskAccepted => Message::AskAccepted,
            Message::AskChosen => Message::AskChosen,
        }
    }
}

impl Renamed for Disk {
    fn renamed(&self, by: &Renaming) -> Self {
        Disk { tried: self.tried.renamed(by), promised: self.promised.renamed(by), accepted: self.accepted.renamed(by) }
    }
}

#[cfg(test)]
mod tests {
    use quorate_protocol::{Constants, Input, Machine, NodeId, Outbox};

    use super::*;
    use crate::ballot::Ballot;
    use crate::config::Config;
    use crate::value::Value;

    /// The machine at `node` after these messages.
    fn after(node: NodeId, inputs: &[(NodeId, Message)]) -> Paxos {
        let all = || [0, 1, 2].map(NodeId);
        let constants = Constants::new(Config::builder([NodeId(3)], all(), all()).build().unwrap());
        let cx = constants.of(node, ());
        let mut out = Outbox::new();
        let mut paxos = Paxos::boot(&cx, &Disk::default(), &mut out);
        for (from, message) in inputs {
            paxos.step(&cx, Input::Deliver { from: *from, message: message.clone() }, &mut out);
        }
        paxos
    }

    #[test]
    fn acceptors_and_learners_that_change_names_are_what_they_would_have_become() {
        let [x, y, z, a] = [0, 1, 2, 3].map(NodeId);
        let around = Renaming::new(vec![y, z, x, a]).unwrap();
        let ballot = Ballot::new(1, a);
        let vote = || Message::Accepted { ballot, value: Value::from(8) };
        let said = [
            (a, Message::Prepare { ballot }),
            (a, Message::Accept { ballot, value: Value::from(8) }),
            (z, vote()),
            (x, vote()),
        ];
        let renamed = said.clone().map(|(from, message)| (from.renamed(&around), message.renamed(&around)));
        assert_eq!(after(y, &said).renamed(&around), after(z, &renamed));
        assert_ne!(after(y, &said).renamed(&around), after(y, &said));
    }
}
