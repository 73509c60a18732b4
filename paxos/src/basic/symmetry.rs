//! Symmetry reduction of Basic Paxos: permutation of node ids in its state.
//!
//! Acceptors are interchangeable: they are only counted, never told apart. So are learners, unless
//! one of them is distinguished. Proposers are *not*: their ids break the ties between ballots of
//! one round (*Paxos Made Simple* §2.5), so exchanging two of them turns a run into one that need
//! not be possible.

use quorate_protocol::{Permutation, Permute, no_node_ids};

use super::acceptor::Acceptor;
use super::disk::Disk;
use super::learner::Learner;
use super::message::{Command, Message, Timer};
use super::node::Paxos;
use super::proposer::{Attempt, Proposer, ProposerState};

no_node_ids!(Timer, Command);

impl Permute for Paxos {
    fn permuted(&self, by: &Permutation) -> Self {
        Paxos {
            proposer: self.proposer.permuted(by),
            acceptor: self.acceptor.permuted(by),
            learner: self.learner.permuted(by),
        }
    }
}

impl Permute for Proposer {
    fn permuted(&self, by: &Permutation) -> Self {
        Proposer {
            tried: self.tried.permuted(by),
            seen: self.seen.permuted(by),
            prepared: self.prepared.permuted(by),
            state: self.state.permuted(by),
            waiting: self.waiting.clone(),
            ..*self
        }
    }
}

impl Permute for ProposerState {
    fn permuted(&self, by: &Permutation) -> Self {
        match self {
            ProposerState::Idle => ProposerState::Idle,
            ProposerState::Running { own, attempt } => {
                ProposerState::Running { own: own.clone(), attempt: attempt.permuted(by) }
            }
            ProposerState::Decided(proposal) => ProposerState::Decided(proposal.permuted(by)),
        }
    }
}

impl Permute for Attempt {
    fn permuted(&self, by: &Permutation) -> Self {
        match self {
            Attempt::Preparing { ballot, promises, reported } => Attempt::Preparing {
                ballot: ballot.permuted(by),
                promises: promises.permuted(by),
                reported: reported.permuted(by),
            },
            Attempt::Proposing(proposal) => Attempt::Proposing(proposal.permuted(by)),
            Attempt::Preempted => Attempt::Preempted,
        }
    }
}

impl Permute for Acceptor {
    fn permuted(&self, by: &Permutation) -> Self {
        Acceptor { promises: self.promises.permuted(by), accepted: self.accepted.permuted(by) }
    }
}

impl Permute for Learner {
    fn permuted(&self, by: &Permutation) -> Self {
        Learner { tally: self.tally.permuted(by), chosen: self.chosen.permuted(by) }
    }
}

impl Permute for Message {
    fn permuted(&self, by: &Permutation) -> Self {
        match self.clone() {
            Message::Prepare { ballot } => Message::Prepare { ballot: ballot.permuted(by) },
            Message::Promise { ballot, accepted } => {
                Message::Promise { ballot: ballot.permuted(by), accepted: accepted.permuted(by) }
            }
            Message::Accept { ballot, value } => Message::Accept { ballot: ballot.permuted(by), value },
            Message::Refused { ballot, promised } => {
                Message::Refused { ballot: ballot.permuted(by), promised: promised.permuted(by) }
            }
            Message::Accepted { ballot, value } => Message::Accepted { ballot: ballot.permuted(by), value },
            Message::Chosen { ballot, value } => Message::Chosen { ballot: ballot.permuted(by), value },
            Message::AskAccepted => Message::AskAccepted,
            Message::AskChosen => Message::AskChosen,
        }
    }
}

impl Permute for Disk {
    fn permuted(&self, by: &Permutation) -> Self {
        Disk {
            tried: self.tried.permuted(by),
            promised: self.promised.permuted(by),
            accepted: self.accepted.permuted(by),
        }
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
        let around = Permutation::new(vec![y, z, x, a]).unwrap();
        let ballot = Ballot::new(1, a);
        let vote = || Message::Accepted { ballot, value: Value::from(8) };
        let said = [
            (a, Message::Prepare { ballot }),
            (a, Message::Accept { ballot, value: Value::from(8) }),
            (z, vote()),
            (x, vote()),
        ];
        let renamed = said.clone().map(|(from, message)| (from.permuted(&around), message.permuted(&around)));
        assert_eq!(after(y, &said).permuted(&around), after(z, &renamed));
        assert_ne!(after(y, &said).permuted(&around), after(y, &said));
    }
}
