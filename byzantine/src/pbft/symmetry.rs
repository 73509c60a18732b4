//! Permutation of node ids (symmetry reduction): in one view the backups are interchangeable.
//!
//! The primary of a view follows from its number, which a permutation does not change. So the
//! reduction is sound only where all replicas stay in one view, as in a search without timers, and
//! for honest backups.

use quorate_protocol::{Permutation, Permute, no_node_ids};

use super::disk::Disk;
use super::invariants::{AskedAndOnce, CommittedSurvives, OneRequestPerNumber, SameState, TrueAnswers};
use super::liar::Memory;
use super::message::{
    Certificate, Checkpoint, Message, NewView, Phase, PrePrepare, Proposal, Report, Timer, ViewChange, Vote,
};
use super::node::Pbft;
use super::proxy::{Open, Proxy};
use super::replica::{Replica, Votes};
use super::request::{Account, Command, Digest, Executed, Request};

no_node_ids!(Account, Command, Executed, Phase, Timer, SameState, TrueAnswers);

impl Permute for Request {
    fn permuted(&self, by: &Permutation) -> Self {
        Request { proxy: self.proxy.permuted(by), ..*self }
    }
}

impl Permute for Digest {
    fn permuted(&self, by: &Permutation) -> Self {
        Digest(self.0.permuted(by))
    }
}

impl Permute for PrePrepare {
    fn permuted(&self, by: &Permutation) -> Self {
        PrePrepare { digest: self.digest.permuted(by), replica: self.replica.permuted(by), ..*self }
    }
}

impl Permute for Vote {
    fn permuted(&self, by: &Permutation) -> Self {
        Vote { digest: self.digest.permuted(by), replica: self.replica.permuted(by), ..*self }
    }
}

impl Permute for Report {
    fn permuted(&self, by: &Permutation) -> Self {
        Report { replica: self.replica.permuted(by), ..*self }
    }
}

impl Permute for Checkpoint {
    fn permuted(&self, by: &Permutation) -> Self {
        Checkpoint { replica: self.replica.permuted(by), ..self.clone() }
    }
}

impl Permute for Proposal {
    fn permuted(&self, by: &Permutation) -> Self {
        Proposal { pre_prepare: self.pre_prepare.permuted(by), request: self.request.permuted(by) }
    }
}

impl Permute for Certificate {
    fn permuted(&self, by: &Permutation) -> Self {
        Certificate { proposal: self.proposal.permuted(by), prepares: self.prepares.permuted(by) }
    }
}

impl Permute for ViewChange {
    fn permuted(&self, by: &Permutation) -> Self {
        ViewChange {
            proof: self.proof.permuted(by),
            prepared: self.prepared.permuted(by),
            replica: self.replica.permuted(by),
            ..*self
        }
    }
}

impl Permute for NewView {
    fn permuted(&self, by: &Permutation) -> Self {
        NewView {
            view_changes: self.view_changes.permuted(by),
            proposals: self.proposals.permuted(by),
            replica: self.replica.permuted(by),
            ..*self
        }
    }
}

impl Permute for Message {
    fn permuted(&self, by: &Permutation) -> Self {
        match self {
            Message::Request { request } => Message::Request { request: request.permuted(by) },
            Message::PrePrepare { proposal } => Message::PrePrepare { proposal: proposal.permuted(by) },
            Message::Prepare { vote } => Message::Prepare { vote: vote.permuted(by) },
            Message::Commit { vote } => Message::Commit { vote: vote.permuted(by) },
            Message::Report { report } => Message::Report { report: report.permuted(by) },
            Message::Checkpoint { checkpoint } => Message::Checkpoint { checkpoint: checkpoint.permuted(by) },
            Message::State { proof } => Message::State { proof: proof.permuted(by) },
            Message::ViewChange { view_change } => Message::ViewChange { view_change: view_change.permuted(by) },
            Message::NewView { new_view } => Message::NewView { new_view: new_view.permuted(by) },
            Message::Status { .. } => self.clone(),
        }
    }
}

impl Permute for Disk {
    fn permuted(&self, by: &Permutation) -> Self {
        Disk {
            new_view: self.new_view.permuted(by),
            accepted: self.accepted.permuted(by),
            prepared: self.prepared.permuted(by),
            proof: self.proof.permuted(by),
            ..self.clone()
        }
    }
}

impl Permute for Votes {
    fn permuted(&self, by: &Permutation) -> Self {
        Votes { prepares: self.prepares.permuted(by), commits: self.commits.permuted(by), committed: self.committed }
    }
}

impl Permute for Replica {
    fn permuted(&self, by: &Permutation) -> Self {
        Replica {
            disk: self.disk.permuted(by),
            votes: self.votes.permuted(by),
            checkpoints: self.checkpoints.permuted(by),
            view_changes: self.view_changes.permuted(by),
            pending: self.pending.permuted(by),
            ..*self
        }
    }
}

impl Permute for Open {
    fn permuted(&self, by: &Permutation) -> Self {
        Open { request: self.request.permuted(by), reports: self.reports.permuted(by) }
    }
}

impl Permute for Proxy {
    fn permuted(&self, by: &Permutation) -> Self {
        Proxy { open: self.open.permuted(by), ..self.clone() }
    }
}

impl Permute for Memory {
    fn permuted(&self, by: &Permutation) -> Self {
        self.renamed(by)
    }
}

impl Permute for Pbft {
    fn permuted(&self, by: &Permutation) -> Self {
        Pbft { replica: self.replica.permuted(by), proxy: self.proxy.permuted(by), memory: self.memory.permuted(by) }
    }
}

impl Permute for OneRequestPerNumber {
    fn permuted(&self, by: &Permutation) -> Self {
        OneRequestPerNumber { committed: self.committed.permuted(by) }
    }
}

impl Permute for CommittedSurvives {
    fn permuted(&self, by: &Permutation) -> Self {
        CommittedSurvives { committed: self.committed.permuted(by), prepared: self.prepared.permuted(by) }
    }
}

impl Permute for AskedAndOnce {
    fn permuted(&self, by: &Permutation) -> Self {
        AskedAndOnce { executed: self.executed.permuted(by) }
    }
}
