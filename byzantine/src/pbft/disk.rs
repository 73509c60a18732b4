//! Stable storage of a replica: all that it has told others, so that it contradicts nothing after a
//! restart.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::message::{Certificate, Checkpoint, NewView, Proposal};
use super::request::{Account, Request};
use crate::sealed::Sealed;

/// One durable write.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Record {
    /// The replica proposes this, or says that it has accepted it.
    Accepted {
        /// The proposal.
        proposal: Proposal,
    },
    /// The replica has a prepared certificate, and says so.
    Prepared {
        /// The certificate.
        certificate: Certificate,
    },
    /// The replica has gone on to the next number.
    Executed {
        /// The request that was executed; `None` for the null request, or one that was executed
        /// under an earlier number.
        request: Option<Request>,
    },
    /// The replica tells the state that it has now.
    Checkpoint,
    /// A checkpoint is proved.
    Stable {
        /// The proof, which holds the state.
        proof: BTreeSet<Sealed<Checkpoint>>,
    },
    /// The replica leaves its view for this one.
    ViewChange {
        /// The view.
        view: u64,
    },
    /// The view has begun, with these proposals.
    NewView {
        /// The new view.
        new_view: Box<Sealed<NewView>>,
    },
}

/// State that survives a crash.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Disk {
    /// The view.
    pub view: u64,
    /// Whether the replica waits for the view to begin.
    pub changing: bool,
    /// The message that began the view; none in view 0.
    pub new_view: Option<Box<Sealed<NewView>>>,
    /// The proposals accepted in this view, by number, above the stable checkpoint.
    pub accepted: BTreeMap<u64, Proposal>,
    /// The newest prepared certificate of each number above the stable checkpoint.
    pub prepared: BTreeMap<u64, Certificate>,
    /// The number that was executed last.
    pub executed: u64,
    /// The state after it.
    pub state: Account,
    /// The states that the replica has told, by number, above the stable checkpoint.
    pub checkpoints: BTreeMap<u64, Account>,
    /// The number of the stable checkpoint.
    pub stable: u64,
    /// Its proof.
    pub proof: BTreeSet<Sealed<Checkpoint>>,
}

impl quorate_protocol::Disk for Disk {
    type Record = Record;

    fn apply(&mut self, record: &Record) {
        match record {
            Record::Accepted { proposal } => {
                self.accepted.insert(proposal.pre_prepare.body().number, proposal.clone());
            }
            Record::Prepared { certificate } => {
                self.prepared.insert(certificate.proposal.pre_prepare.body().number, certificate.clone());
            }
            Record::Executed { request } => {
                self.executed += 1;
                if let Some(request) = request {
                    self.state.execute(request);
                }
            }
            Record::Checkpoint => {
                self.checkpoints.insert(self.executed, self.state.clone());
            }
            Record::Stable { proof } => self.stabilise(proof),
            Record::ViewChange { view } => {
                (self.view, self.changing, self.new_view) = (*view, true, None);
                self.accepted.clear();
            }
            Record::NewView { new_view } => {
                (self.view, self.changing) = (new_view.body().view, false);
                self.accepted = new_view.body().proposals.clone();
                self.new_view = Some(new_view.clone());
            }
        }
    }
}

impl Disk {
    fn stabilise(&mut self, proof: &BTreeSet<Sealed<Checkpoint>>) {
        let Some(checkpoint) = proof.first().map(Sealed::body) else { return };
        let number = checkpoint.number;
        (self.stable, self.proof) = (number, proof.clone());
        self.accepted.retain(|at, _| *at > number);
        self.prepared.retain(|at, _| *at > number);
        self.checkpoints.retain(|at, _| *at > number);
        if self.executed < number {
            (self.executed, self.state) = (number, checkpoint.state.clone());
        }
    }
}
