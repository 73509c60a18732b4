//! Permutation of node ids (symmetry reduction): participants are interchangeable.

use quorate_protocol::{Permutation, Permute, no_node_ids};

use super::coordinator::{Coordinator, Open, Stage};
use super::disk::{Commit, Disk, Prepared};
use super::invariants::{AmountsAddUp, CommitNeedsEveryYes, EachRequestOnce, SameOutcome, YesStays};
use super::message::{Message, Timer};
use super::node::TwoPhase;
use super::participant::{Part, Participant};
use crate::command::{Change, Command, Outcome};
use crate::id::{Row, Txn};
use crate::request::Decided;

no_node_ids!(Txn, Row, Change, Outcome, Timer, Decided, SameOutcome, EachRequestOnce);

impl Permute for TwoPhase {
    fn permuted(&self, by: &Permutation) -> Self {
        TwoPhase { coordinator: self.coordinator.permuted(by), participant: self.participant.permuted(by) }
    }
}

impl Permute for Coordinator {
    fn permuted(&self, by: &Permutation) -> Self {
        Coordinator { open: self.open.permuted(by), ..self.clone() }
    }
}

impl Permute for Open {
    fn permuted(&self, by: &Permutation) -> Self {
        let stage = match &self.stage {
            Stage::Voting(votes) => Stage::Voting(votes.permuted(by)),
            Stage::Committing(done) => Stage::Committing(done.permuted(by)),
        };
        Open { ticket: self.ticket, participants: self.participants.permuted(by), stage }
    }
}

impl Permute for Participant {
    fn permuted(&self, by: &Permutation) -> Self {
        Participant { prepared: self.prepared.permuted(by), waiting: self.waiting.permuted(by), ..self.clone() }
    }
}

impl Permute for Part {
    fn permuted(&self, by: &Permutation) -> Self {
        Part { participants: self.participants.permuted(by), ..self.clone() }
    }
}

impl Permute for Prepared {
    fn permuted(&self, by: &Permutation) -> Self {
        Prepared { participants: self.participants.permuted(by), ..self.clone() }
    }
}

impl Permute for Commit {
    fn permuted(&self, by: &Permutation) -> Self {
        Commit { ticket: self.ticket, participants: self.participants.permuted(by) }
    }
}

impl Permute for Disk {
    fn permuted(&self, by: &Permutation) -> Self {
        Disk { commits: self.commits.permuted(by), prepared: self.prepared.permuted(by), ..self.clone() }
    }
}

impl Permute for Message {
    fn permuted(&self, by: &Permutation) -> Self {
        let mut renamed = self.clone();
        if let Message::Prepare { participants, .. } = &mut renamed {
            *participants = participants.permuted(by);
        }
        renamed
    }
}

impl Permute for Command {
    fn permuted(&self, by: &Permutation) -> Self {
        let Command::Transact { changes } = self;
        Command::Transact { changes: changes.permuted(by) }
    }
}

impl Permute for CommitNeedsEveryYes {
    fn permuted(&self, by: &Permutation) -> Self {
        CommitNeedsEveryYes { missing: self.missing.permuted(by) }
    }
}

impl Permute for YesStays {
    fn permuted(&self, by: &Permutation) -> Self {
        YesStays { promised: self.promised.permuted(by) }
    }
}

impl Permute for AmountsAddUp {
    fn permuted(&self, by: &Permutation) -> Self {
        AmountsAddUp { changes: self.changes.permuted(by) }
    }
}
