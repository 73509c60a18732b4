//! The view of a node of Basic Paxos: the fields of each role that a state panel shows.

use quorate_protocol::NodeId;
use serde::Serialize;

use crate::ballot::Ballot;
use crate::value::{Proposal, Value};

/// State of a node of Basic Paxos. Roles that the node does not play are omitted.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct View {
    /// The proposer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposer: Option<ProposerView>,
    /// The acceptor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acceptor: Option<AcceptorView>,
    /// The learner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learner: Option<LearnerView>,
}

/// The state of a proposer.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ProposerView {
    /// The phase it is in.
    pub stage: Stage,
    /// The highest ballot that it has used.
    pub ballot: Option<Ballot>,
    /// The value of its client.
    pub wants: Option<Value>,
    /// The acceptors whose promises count so far.
    pub promises: Vec<NodeId>,
    /// The value that it proposes, or knows to be chosen.
    pub value: Option<Value>,
    /// Number of requests still to be answered.
    pub waiting: usize,
}

/// Phase of a proposer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// No client has asked yet.
    Idle,
    /// In phase 1.
    Preparing,
    /// In phase 2.
    Proposing,
    /// Preempted by a higher ballot, waiting to retry.
    BackingOff,
    /// The chosen value is known.
    Decided,
}

/// The state of an acceptor.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct AcceptorView {
    /// The highest ballot that it has promised.
    pub promised: Option<Ballot>,
    /// The proposal that it accepted last.
    pub accepted: Option<Proposal>,
}

/// The state of a learner.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct LearnerView {
    /// The latest vote of each acceptor, as far as known.
    pub votes: Vec<VoteView>,
    /// The proposal that it knows to be chosen.
    pub chosen: Option<Proposal>,
}

/// A vote that a learner counts.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct VoteView {
    /// The acceptor.
    pub from: NodeId,
    /// Its ballot.
    pub ballot: Ballot,
    /// Its value.
    pub value: Value,
}
