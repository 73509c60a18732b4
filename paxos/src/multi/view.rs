//! What a state panel shows of a node of Multi-Paxos: the newest slots, however long the log.

use std::collections::BTreeMap;

use quorate_protocol::NodeId;
use serde::Serialize;

use crate::ballot::Ballot;
use crate::entry::{Entry, Slot};
use crate::value::Proposal;

/// How many slots a view shows.
pub const VIEW_WINDOW: usize = 8;

/// The state of a node of Multi-Paxos. Roles that the node does not play are left out.
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
    /// What it is at the moment.
    pub office: Office,
    /// The highest ballot that it has used.
    pub ballot: Option<Ballot>,
    /// Who leads, as far as it knows.
    pub leader: Option<NodeId>,
    /// The acceptors whose promises count so far.
    pub promises: Vec<NodeId>,
    /// The first slot that it does not know to be chosen.
    pub open: Slot,
    /// The slot of its next proposal.
    pub next: Slot,
    /// How many of its proposals are not known to be chosen.
    pub pending: usize,
    /// How many commands wait for the end of phase 1.
    pub queued: usize,
}

/// What a proposer is at the moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Office {
    /// It leaves the lead to another.
    Follower,
    /// It is in phase 1.
    Candidate,
    /// Its phase 1 is complete.
    Leader,
}

/// The state of an acceptor.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct AcceptorView {
    /// The highest ballot that it has promised.
    pub promised: Option<Ballot>,
    /// What it accepted, in the newest slots.
    pub accepted: BTreeMap<Slot, Proposal<Entry>>,
}

/// The state of a learner.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct LearnerView {
    /// The first slot that it does not know to be chosen.
    pub open: Slot,
    /// What it knows to be chosen, in the newest slots.
    pub chosen: BTreeMap<Slot, Proposal<Entry>>,
}

/// The newest slots of a log.
pub(super) fn window(log: &BTreeMap<Slot, Proposal<Entry>>) -> BTreeMap<Slot, Proposal<Entry>> {
    log.iter().rev().take(VIEW_WINDOW).map(|(slot, proposal)| (*slot, proposal.clone())).collect()
}
