//! Messages, timers and facts of PBFT.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::{NodeId, RequestId};
use serde::{Deserialize, Serialize};

use super::request::{Account, Digest, Request};
use crate::sealed::{Claims, Sealed};

/// The primary's proposal of a request for a number, PRE-PREPARE without the request.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct PrePrepare {
    /// The view.
    pub view: u64,
    /// The number.
    pub number: u64,
    /// The digest of the request.
    pub digest: Digest,
    /// The primary.
    pub replica: NodeId,
}

/// A replica's vote: PREPARE, or COMMIT.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Vote {
    /// The phase, so that no prepare passes for a commit.
    pub phase: Phase,
    /// The view.
    pub view: u64,
    /// The number.
    pub number: u64,
    /// The digest of the request.
    pub digest: Digest,
    /// The replica.
    pub replica: NodeId,
}

/// Phase of a vote.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Phase {
    /// The replica has accepted the proposal.
    Prepare,
    /// The replica has a prepared certificate for it.
    Commit,
}

/// A replica's report of a result to a client.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Report {
    /// The view in which the replica is.
    pub view: u64,
    /// The request.
    pub ticket: RequestId,
    /// The amount of the account after it.
    pub total: i64,
    /// The replica.
    pub replica: NodeId,
}

/// A replica's state after a number. The state stands for its digest.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The number.
    pub number: u64,
    /// The state.
    pub state: Account,
    /// The replica.
    pub replica: NodeId,
}

/// A proposal with its request; none for the null request.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Proposal {
    /// The primary's part.
    pub pre_prepare: Sealed<PrePrepare>,
    /// The request, as its client has sealed it.
    pub request: Option<Sealed<Request>>,
}

/// A prepared certificate: a proposal, and the prepares of 2f backups.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Certificate {
    /// The proposal.
    pub proposal: Proposal,
    /// The prepares.
    pub prepares: BTreeSet<Sealed<Vote>>,
}

impl Certificate {
    /// The view in which the proposal was prepared.
    pub fn view(&self) -> u64 {
        self.proposal.pre_prepare.body().view
    }
}

/// A replica's wish for a view, with all that it has prepared.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct ViewChange {
    /// The view that shall begin.
    pub view: u64,
    /// The number of the last stable checkpoint.
    pub stable: u64,
    /// The proof of that checkpoint: 2f+1 reports, none for number 0.
    pub proof: BTreeSet<Sealed<Checkpoint>>,
    /// The prepared certificates above it, by number.
    pub prepared: BTreeMap<u64, Certificate>,
    /// The replica.
    pub replica: NodeId,
}

/// The beginning of a view.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct NewView {
    /// The view.
    pub view: u64,
    /// The view changes of 2f+1 replicas.
    pub view_changes: BTreeSet<Sealed<ViewChange>>,
    /// The proposals that follow from them, by number.
    pub proposals: BTreeMap<u64, Proposal>,
    /// The primary.
    pub replica: NodeId,
}

macro_rules! claims {
    ($($body:ty),+) => {
        $(impl Claims for $body {
            fn claimed(&self) -> NodeId {
                self.replica
            }
        })+
    };
}

claims!(PrePrepare, Vote, Report, Checkpoint, ViewChange, NewView);

/// A message between nodes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Message {
    /// Client to replica, or backup to primary: execute this.
    Request {
        /// The request.
        request: Sealed<Request>,
    },
    /// Primary to backups: this request has this number.
    PrePrepare {
        /// The proposal.
        proposal: Proposal,
    },
    /// Backup to replicas: the proposal is accepted.
    Prepare {
        /// The vote.
        vote: Sealed<Vote>,
    },
    /// Replica to replicas: the proposal is prepared.
    Commit {
        /// The vote.
        vote: Sealed<Vote>,
    },
    /// Replica to client: the result.
    Report {
        /// The report.
        report: Sealed<Report>,
    },
    /// Replica to replicas: the state after this number.
    Checkpoint {
        /// The checkpoint.
        checkpoint: Sealed<Checkpoint>,
    },
    /// Replica to a replica that has fallen behind: a proved checkpoint.
    State {
        /// The reports of 2f+1 replicas.
        proof: BTreeSet<Sealed<Checkpoint>>,
    },
    /// Replica to replicas: the next view shall begin.
    ViewChange {
        /// The view change.
        view_change: Sealed<ViewChange>,
    },
    /// The primary of a view to replicas: it begins.
    NewView {
        /// The new view.
        new_view: Sealed<NewView>,
    },
    /// Replica to replicas: how far the sender is. It asks for what it has missed, and needs no
    /// seal.
    Status {
        /// Its view.
        view: u64,
        /// Whether it waits for that view to begin.
        changing: bool,
        /// The number up to which all is committed in that view.
        committed: u64,
        /// Its last stable checkpoint.
        stable: u64,
        /// Whether it asks for the receiver's status in turn.
        asks: bool,
    },
}

/// The timers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Timer {
    /// At a proxy: the answer to a request is late.
    Retry {
        /// The request.
        ticket: RequestId,
    },
    /// At a replica: a request that waits, or the new view, is late.
    Progress,
    /// At a replica: time to tell others how far it is.
    Status,
}

/// An observable event.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Fact {
    /// A proxy has taken a request from a client.
    Asked {
        /// The request.
        request: Request,
    },
    /// A proxy has answered a client.
    Answered {
        /// The request.
        ticket: RequestId,
        /// The amount that it was told.
        total: i64,
    },
    /// A replica has a prepared certificate.
    Prepared {
        /// The view.
        view: u64,
        /// The number.
        number: u64,
        /// The request.
        digest: Digest,
    },
    /// A request is committed at a replica.
    Committed {
        /// The view.
        view: u64,
        /// The number.
        number: u64,
        /// The request.
        digest: Digest,
    },
    /// A replica has executed a request; not the null request, and not a request again.
    Executed {
        /// The number.
        number: u64,
        /// The request.
        request: Sealed<Request>,
        /// The amount of the account afterwards.
        total: i64,
    },
    /// A checkpoint is stable at a replica.
    Stable {
        /// The number.
        number: u64,
    },
    /// A replica wants the next view.
    Suspected {
        /// The view that shall begin.
        view: u64,
    },
    /// A replica has entered a view.
    Entered {
        /// The view.
        view: u64,
    },
}
