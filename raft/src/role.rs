//! What a node is at the moment, and what only that role needs to know (Raft §5.1, Figure 2 and Figure 4).

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use quorate_protocol::{NodeId, Ticket};
use serde::{Deserialize, Serialize};

use crate::position::LogIndex;
use crate::snapshot::Snapshot;
use crate::state_machine::StateMachine;

/// The roles by name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum RoleName {
    /// Answers leaders and candidates.
    Follower,
    /// Asks whether it would be elected (dissertation §9.6).
    PreCandidate,
    /// Stands for election.
    Candidate,
    /// Takes requests and replicates them.
    Leader,
}

/// The roles, each with its own state.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Role<S: StateMachine> {
    Follower,
    /// With the pre-votes so far.
    PreCandidate(BTreeSet<NodeId>),
    /// With the votes so far.
    Candidate(BTreeSet<NodeId>),
    Leader(Box<Leadership<S>>),
}

impl<S: StateMachine> Role<S> {
    pub(crate) fn name(&self) -> RoleName {
        match self {
            Role::Follower => RoleName::Follower,
            Role::PreCandidate(_) => RoleName::PreCandidate,
            Role::Candidate(_) => RoleName::Candidate,
            Role::Leader(_) => RoleName::Leader,
        }
    }

    /// The leadership, for what only a leader is called to do.
    pub(crate) fn leadership(&self) -> Option<&Leadership<S>> {
        debug_assert!(matches!(self, Role::Leader(_)), "only a leader comes here");
        match self {
            Role::Leader(lead) => Some(lead),
            Role::Follower | Role::PreCandidate(_) | Role::Candidate(_) => None,
        }
    }

    /// The leadership, for what only a leader is called to do, to change it.
    pub(crate) fn leadership_mut(&mut self) -> Option<&mut Leadership<S>> {
        debug_assert!(matches!(self, Role::Leader(_)), "only a leader comes here");
        match self {
            Role::Leader(lead) => Some(lead),
            Role::Follower | Role::PreCandidate(_) | Role::Candidate(_) => None,
        }
    }
}

/// What a leader knows (Raft Figure 2, volatile state on leaders). Gone when it steps down.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Leadership<S: StateMachine> {
    /// Its first entry of its term.
    pub(crate) begun: LogIndex,
    /// The other members, by id.
    pub(crate) followers: Vec<(NodeId, Progress<S>)>,
    /// The newest round in which it asked whether it still leads (dissertation §6.4).
    pub(crate) round: u64,
    /// Questions that wait for their answer, oldest first.
    pub(crate) reads: VecDeque<PendingRead<S>>,
    /// The transfer under way.
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

    /// Follows a change of members: newcomers are probed from the end of the log, who left is forgotten.
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

/// How far a follower is, as its leader knows (Raft Figure 2: nextIndex, matchIndex).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Progress<S: StateMachine> {
    /// The last entry known to agree.
    pub(crate) matched: LogIndex,
    /// The next entry to send.
    pub(crate) next: LogIndex,
    pub(crate) pace: Pace<S>,
    /// The last entry of each append that is not acknowledged yet.
    pub(crate) under_way: VecDeque<LogIndex>,
    /// Whether it has answered since the last look (dissertation §6.2).
    pub(crate) heard: bool,
    /// The newest round that it has answered (dissertation §6.4).
    pub(crate) round: u64,
}

/// How a leader sends to a follower.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Pace<S: StateMachine> {
    /// One append at a time, until the place is found where the logs agree.
    Probe { asked: bool },
    /// Without waiting for answers, up to the window (dissertation §10.2.2).
    Stream,
    /// Chunk by chunk, because entries it needs are gone (Raft §7).
    Snapshot { snapshot: Arc<Snapshot<S>>, offset: u64 },
}

impl<S: StateMachine> Progress<S> {
    pub(crate) fn new(next: LogIndex) -> Self {
        Progress {
            matched: LogIndex(0),
            next,
            pace: Pace::Probe { asked: false },
            under_way: VecDeque::new(),
            heard: false,
            round: 0,
        }
    }

    /// Whether an append could go out now, were there entries to send.
    pub(crate) fn has_room(&self, window: usize) -> bool {
        match self.pace {
            Pace::Probe { asked } => !asked,
            Pace::Stream => self.under_way.len() < window,
            Pace::Snapshot { .. } => false,
        }
    }

    /// Whether it is still to be found out where the logs agree. It is known once the last entry that is known to agree immediately
    /// precedes the next one (dissertation §3.5); of two empty logs it is known from the beginning.
    pub(crate) fn seeks(&self) -> bool {
        matches!(self.pace, Pace::Probe { .. }) && self.matched.next() < self.next
    }

    /// Takes an acknowledgement into account. One that comes late tells nothing about the place that is sought: with `probes`, the
    /// leader goes on seeking it.
    pub(crate) fn agree(&mut self, matched: LogIndex, acknowledged: LogIndex, probes: bool) {
        self.matched = matched;
        self.next = self.next.max(matched.next());
        while self.under_way.front().is_some_and(|last| *last <= acknowledged) {
            self.under_way.pop_front();
        }
        let still_installing = matches!(&self.pace, Pace::Snapshot { snapshot, .. } if matched < snapshot.last.index);
        let still_seeking = probes && self.seeks();
        if !still_installing && !still_seeking {
            self.pace = Pace::Stream;
        }
        debug_assert!(self.matched.next() <= self.next, "what agrees is not sent again");
        debug_assert!(self.under_way.iter().is_sorted(), "appends go out in the order of the log");
    }

    /// The snapshot that is being sent, the newest one if none was, and the offset of the next
    /// chunk.
    pub(crate) fn install(&mut self, newest: &Arc<Snapshot<S>>) -> (Arc<Snapshot<S>>, u64) {
        if let Pace::Snapshot { snapshot, offset } = &self.pace {
            return (Arc::clone(snapshot), *offset);
        }
        self.pace = Pace::Snapshot { snapshot: Arc::clone(newest), offset: 0 };
        self.under_way.clear();
        (Arc::clone(newest), 0)
    }

    /// Goes back to `next`, but not behind what is known to agree, and looks for the place from there.
    pub(crate) fn back_up(&mut self, next: LogIndex) {
        self.next = next.max(self.matched.next());
        self.under_way.clear();
        self.pace = Pace::Probe { asked: false };
    }
}

/// A question that waits for its answer.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct PendingRead<S: StateMachine> {
    pub(crate) ticket: Ticket,
    pub(crate) query: S::Query,
    /// The commit index when it was noted and the round that must be confirmed; `None` while it is too early.
    pub(crate) noted: Option<(LogIndex, u64)>,
}

/// A leadership transfer under way.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Transfer {
    pub(crate) to: NodeId,
    pub(crate) ticket: Ticket,
    /// Whether the successor has been told.
    pub(crate) told: bool,
}
