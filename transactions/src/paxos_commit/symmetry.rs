//! Permutation of node ids (symmetry reduction): participants are interchangeable, and so are
//! acceptors. Leaders are not: their ids order the ballots of one round.

use quorate_protocol::{Permutation, Permute, no_node_ids};

use super::acceptor::Acceptor;
use super::disk::{Accepts, Begun, Disk};
use super::invariants::OneVoteChosen;
use super::leader::{Attempt, Leader, Open};
use super::message::{Message, Timer, Vote};
use super::node::PaxosCommit;
use super::participant::Participant;

no_node_ids!(Vote, Timer);

impl Permute for PaxosCommit {
    fn permuted(&self, by: &Permutation) -> Self {
        PaxosCommit {
            leader: self.leader.permuted(by),
            participant: self.participant.permuted(by),
            acceptor: self.acceptor.permuted(by),
        }
    }
}

impl Permute for Leader {
    fn permuted(&self, by: &Permutation) -> Self {
        Leader {
            tried: self.tried.permuted(by),
            seen: self.seen.permuted(by),
            open: self.open.permuted(by),
            ..self.clone()
        }
    }
}

impl Permute for Open {
    fn permuted(&self, by: &Permutation) -> Self {
        Open {
            participants: self.participants.permuted(by),
            attempt: self.attempt.permuted(by),
            accepted: self.accepted.permuted(by),
        }
    }
}

impl Permute for Attempt {
    fn permuted(&self, by: &Permutation) -> Self {
        match self {
            Attempt::Voting => Attempt::Voting,
            Attempt::Asking { ballot, promises } => {
                Attempt::Asking { ballot: ballot.permuted(by), promises: promises.permuted(by) }
            }
            Attempt::Proposing { ballot } => Attempt::Proposing { ballot: ballot.permuted(by) },
        }
    }
}

impl Permute for Participant {
    fn permuted(&self, by: &Permutation) -> Self {
        Participant { prepared: self.prepared.permuted(by), ..self.clone() }
    }
}

impl Permute for Acceptor {
    fn permuted(&self, by: &Permutation) -> Self {
        Acceptor { accepts: self.accepts.permuted(by) }
    }
}

impl Permute for Accepts {
    fn permuted(&self, by: &Permutation) -> Self {
        Accepts { promised: self.promised.permuted(by), votes: self.votes.permuted(by) }
    }
}

impl Permute for Begun {
    fn permuted(&self, by: &Permutation) -> Self {
        Begun { ticket: self.ticket, participants: self.participants.permuted(by) }
    }
}

impl Permute for Disk {
    fn permuted(&self, by: &Permutation) -> Self {
        Disk {
            begun: self.begun.permuted(by),
            tried: self.tried.permuted(by),
            accepts: self.accepts.permuted(by),
            prepared: self.prepared.permuted(by),
            ..self.clone()
        }
    }
}

impl Permute for Message {
    fn permuted(&self, by: &Permutation) -> Self {
        let mut renamed = self.clone();
        match &mut renamed {
            Message::Prepare { participants, .. } | Message::WhatBecame { participants, .. } => {
                *participants = participants.permuted(by);
            }
            Message::NewBallot { ballot, .. } => *ballot = ballot.permuted(by),
            Message::Promise { ballot, accepted, .. } => {
                *ballot = ballot.permuted(by);
                *accepted = accepted.permuted(by);
            }
            Message::Propose { ballot, votes, .. } | Message::Accepted { ballot, votes, .. } => {
                *ballot = ballot.permuted(by);
                *votes = votes.permuted(by);
            }
            Message::Refused { ballot, promised, .. } => {
                *ballot = ballot.permuted(by);
                *promised = promised.permuted(by);
            }
            Message::Vote { .. } | Message::Commit { .. } | Message::Abort { .. } => {}
        }
        renamed
    }
}

impl Permute for OneVoteChosen {
    fn permuted(&self, by: &Permutation) -> Self {
        OneVoteChosen {
            participants: self.participants.permuted(by),
            accepted: self.accepted.permuted(by),
            chosen: self.chosen.permuted(by),
        }
    }
}
