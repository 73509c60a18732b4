//! Roles of a node (follower, candidate, leader), and the state that belongs to each (Raft §5.1,
//! Figure 2 and Figure 4).

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use quorate_protocol::{NodeId, RequestId};
use serde::{Deserialize, Serialize};

use crate::position::LogIndex;
use crate::snapshot::Snapshot;
use crate::state_machine::StateMachine;

/// Role of a node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Role {
    /// Responds to leaders and candidates.
    Follower,
    /// Asks for pre-votes (dissertation §9.6).
    PreCandidate,
    /// Requests votes.
    Candidate,
    /// Accepts client requests and replicates them.
    Leader,
}

/// A role with its state.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum RoleState<S: StateMachine> {
    Follower,
    /// The pre-votes so far.
    PreCandidate(BTreeSet<NodeId>),
    /// The votes so far.
    Candidate(BTreeSet<NodeId>),
    Leader(Box<Leadership<S>>),
}

impl<S: StateMachine> RoleState<S> {
    pub(crate) fn name(&self) -> Role {
        match self {
            RoleState::Follower => Role::Follower,
            RoleState::PreCandidate(_) => Role::PreCandidate,
            RoleState::Candidate(_) => Role::Candidate,
            RoleState::Leader(_) => Role::Leader,
        }
    }

    /// The leader's state, for operations that only a leader performs.
    pub(crate) fn leadership(&self) -> Option<&Leadership<S>> {
        debug_assert!(matches!(self, RoleState::Leader(_)), "only a leader comes here");
        match self {
            RoleState::Leader(lead) => Some(lead),
            RoleState::Follower | RoleState::PreCandidate(_) | RoleState::Candidate(_) => None,
        }
    }

    /// The leader's state, mutable, for operations that only a leader performs.
    pub(crate) fn leadership_mut(&mut self) -> Option<&mut Leadership<S>> {
        debug_assert!(matches!(self, RoleState::Leader(_)), "only a leader comes here");
        match self {
            RoleState::Leader(lead) => Some(lead),
            RoleState::Follower | RoleState::PreCandidate(_) | RoleState::Candidate(_) => None,
        }
    }
}

/// State of a leader (Raft Figure 2, volatile state on leaders), discarded when it steps down.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Leadership<S: StateMachine> {
    /// The leader's first entry of its term.
    pub(crate) begun: LogIndex,
    /// The other members, by id.
    pub(crate) followers: Vec<(NodeId, Progress<S>)>,
    /// The newest round of heartbeats that confirms leadership (dissertation §6.4).
    pub(crate) round: u64,
    /// Reads that are not answered yet, oldest first.
    pub(crate) reads: VecDeque<PendingRead<S>>,
    /// The leadership transfer in progress.
    pub(crate) transfer: Option<Transfer>,
}

impl<S: StateMachine> Leadership<S> {
    pub(crate) fn new(begun: LogIndex) -> Self {
        Leadership { begun, followers: Vec::new(), round: 0, reads: VecDeque::new(), transfer: None }
    }

    pub(crate) fn follower(&self, node: NodeId) -> Option<&Progress<S>> {
        self.followers.iter().find(|(id, _)| *id == node).map(|(_, progress)| progress)
    }

    pub(crate) fn follower_mut(&mut self, node: NodeId) -> Option<&mut Progress<S>> {
        self.followers.iter_mut().find(|(id, _)| *id == node).map(|(_, progress)| progress)
    }

    /// Follows a membership change: new members are probed from the end of the log, removed ones
    /// are dropped.
    pub(crate) fn track(&mut self, others: impl Iterator<Item = NodeId>, next: LogIndex) {
        let known = std::mem::take(&mut self.followers);
        let mut known = known.into_iter().peekable();
        self.followers = others
            .map(|node| {
                while known.next_if(|(id, _)| *id < node).is_some() {}
                known.next_if(|(id, _)| *id == node).unwrap_or_else(|| (node, Progress::new(next)))
            })
            .collect();
        debug_assert!(self.followers.is_sorted_by(|(a, _), (b, _)| a < b), "followers are in the order of their ids");
    }
}

/// Replication progress of a follower, as its leader knows it (Raft Figure 2: nextIndex,
/// matchIndex).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Progress<S: StateMachine> {
    /// The match index: the last entry known to agree.
    pub(crate) matched: LogIndex,
    /// The next index: the next entry to send.
    pub(crate) next: LogIndex,
    pub(crate) state: ReplicationState<S>,
    /// The last entry of each AppendEntries that is not acknowledged yet.
    pub(crate) inflight: VecDeque<LogIndex>,
    /// Whether the follower has answered since the last quorum check (dissertation §6.2).
    pub(crate) recently_active: bool,
    /// The newest round that the follower has answered (dissertation §6.4).
    pub(crate) round: u64,
}

/// The replication mode of a follower.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum ReplicationState<S: StateMachine> {
    /// One AppendEntries at a time, until the leader has found where the logs agree.
    Probe { asked: bool },
    /// Pipelined, up to the window (dissertation §10.2.2).
    Replicate,
    /// Snapshot chunks, because the leader has discarded entries that the follower needs (Raft §7).
    Snapshot { snapshot: Arc<Snapshot<S>>, offset: u64 },
}

impl<S: StateMachine> Progress<S> {
    pub(crate) fn new(next: LogIndex) -> Self {
        Progress {
            matched: LogIndex(0),
            next,
            state: ReplicationState::Probe { asked: false },
            inflight: VecDeque::new(),
            recently_active: false,
            round: 0,
        }
    }

    /// Whether an AppendEntries could be sent now if there were entries to send.
    pub(crate) fn has_room(&self, window: usize) -> bool {
        match self.state {
            ReplicationState::Probe { asked } => !asked,
            ReplicationState::Replicate => self.inflight.len() < window,
            ReplicationState::Snapshot { .. } => false,
        }
    }

    /// Whether the place where the logs agree is still unknown. It is known once the match index
    /// immediately precedes the next index (dissertation §3.5); for two empty logs, from the
    /// beginning.
    pub(crate) fn is_probing(&self) -> bool {
        matches!(self.state, ReplicationState::Probe { .. }) && self.matched.next() < self.next
    }

    /// Processes an acknowledgement. A delayed one says nothing about the place where the logs
    /// agree: with `probes`, the leader keeps probing.
    pub(crate) fn agree(&mut self, matched: LogIndex, acknowledged: LogIndex, probes: bool) {
        self.matched = matched;
        self.next = self.next.max(matched.next());
        while self.inflight.front().is_some_and(|last| *last <= acknowledged) {
            self.inflight.pop_front();
        }
        let still_installing =
            matches!(&self.state, ReplicationState::Snapshot { snapshot, .. } if matched < snapshot.last.index);
        let still_seeking = probes && self.is_probing();
        if !still_installing && !still_seeking {
            self.state = ReplicationState::Replicate;
        }
        debug_assert!(self.matched.next() <= self.next, "what agrees is not sent again");
        debug_assert!(self.inflight.iter().is_sorted(), "appends go out in the order of the log");
    }

    /// Returns the snapshot being sent, or `newest` if none is, and the offset of the next chunk.
    pub(crate) fn install(&mut self, newest: &Arc<Snapshot<S>>) -> (Arc<Snapshot<S>>, u64) {
        if let ReplicationState::Snapshot { snapshot, offset } = &self.state {
            return (Arc::clone(snapshot), *offset);
        }
        self.state = ReplicationState::Snapshot { snapshot: Arc::clone(newest), offset: 0 };
        self.inflight.clear();
        (Arc::clone(newest), 0)
    }

    /// Moves the next index back to `next`, but not below the match index, and probes from there.
    pub(crate) fn back_up(&mut self, next: LogIndex) {
        self.next = next.max(self.matched.next());
        self.inflight.clear();
        self.state = ReplicationState::Probe { asked: false };
    }
}

/// A read that is not answered yet.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct PendingRead<S: StateMachine> {
    pub(crate) ticket: RequestId,
    pub(crate) query: S::Query,
    /// The read index and the round that must be confirmed; `None` until an entry of the leader's
    /// term is committed.
    pub(crate) noted: Option<(LogIndex, u64)>,
}

/// A leadership transfer in progress.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Transfer {
    pub(crate) to: NodeId,
    pub(crate) ticket: RequestId,
    /// Whether TimeoutNow has been sent to the successor.
    pub(crate) timeout_now_sent: bool,
}
