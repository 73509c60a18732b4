//! The view of a node of Multi-Paxos, for a state panel: the newest slots, whatever the length of
//! the log.

use std::collections::BTreeMap;

use quorate_protocol::NodeId;
use serde::Serialize;

use crate::ballot::Ballot;
use crate::entry::{Entry, Slot};
use crate::value::Proposal;

/// Number of slots in a view.
pub const VIEW_WINDOW: usize = 8;

/// State of a node of Multi-Paxos. Roles that the node does not play are omitted.
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
    /// Its role in leader election.
    pub office: Role,
    /// The highest ballot that it has used.
    pub ballot: Option<Ballot>,
    /// The leader, as far as it knows.
    pub leader: Option<NodeId>,
    /// The acceptors whose promises count so far.
    pub promises: Vec<NodeId>,
    /// The first slot that it does not know to be chosen.
    pub open: Slot,
    /// The slot of its next proposal.
    pub next: Slot,
    /// Number of its proposals not known to be chosen.
    pub pending: usize,
    /// Number of commands queued until the end of phase 1.
    pub queued: usize,
}

/// Role of a proposer in leader election.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Another proposer leads, or none does.
    Follower,
    /// In phase 1.
    Candidate,
    /// Phase 1 is complete.
    Leader,
}

/// The state of an acceptor.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct AcceptorView {
    /// The highest ballot that it has promised.
    pub promised: Option<Ballot>,
    /// The accepted proposals, in the newest slots.
    pub accepted: BTreeMap<Slot, Proposal<Entry>>,
}

/// The state of a learner.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct LearnerView {
    /// The first slot that it does not know to be chosen.
    pub open: Slot,
    /// The proposals that it knows to be chosen, in the newest slots.
    pub chosen: BTreeMap<Slot, Proposal<Entry>>,
}

/// The newest slots of a log.
pub(super) fn window(log: &BTreeMap<Slot, Proposal<Entry>>) -> BTreeMap<Slot, Proposal<Entry>> {
    log.iter().rev().take(VIEW_WINDOW).map(|(slot, proposal)| (*slot, proposal.clone())).collect()
}
