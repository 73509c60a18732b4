//! What a state panel shows of a node: its roles, each in a few fields.

use quorate_protocol::NodeId;
use serde::Serialize;

use crate::ballot::Ballot;
use crate::value::{Proposal, Value};

/// The state of a node of Basic Paxos. Roles that the node does not play are left out.
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
    /// How far it has come.
    pub stage: Stage,
    /// The highest ballot that it has used.
    pub ballot: Option<Ballot>,
    /// What its client wants chosen.
    pub wants: Option<Value>,
    /// The acceptors whose promises count so far.
    pub promises: Vec<NodeId>,
    /// What it proposes, or knows to be chosen.
    pub value: Option<Value>,
    /// How many requests it has still to answer.
    pub waiting: usize,
}

/// How far a proposer has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// No client has asked.
    Idle,
    /// In phase 1.
    Preparing,
    /// In phase 2.
    Proposing,
    /// Overtaken by a higher ballot, waiting to begin again.
    BackingOff,
    /// It knows what was chosen.
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
    /// The latest vote of each acceptor, as far as it heard of them.
    pub votes: Vec<VoteView>,
    /// What it knows to be chosen.
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
