//! View of a node for state panels: Figure 2's state, with the newest few entries of the log.

use std::collections::BTreeMap;

use quorate_protocol::NodeId;
use serde::Serialize;

use crate::entry::Entry;
use crate::membership::Membership;
use crate::node::{Cx, Raft};
use crate::position::{LogIndex, Position, Term};
use crate::role::{Progress, ReplicationState, Role, RoleState};
use crate::state_machine::StateMachine;

/// Number of entries shown, the newest ones.
const WINDOW: u64 = 8;

/// The displayed state of a node. Its size does not grow with the log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(bound = "")]
pub struct View<S: StateMachine> {
    /// The role.
    pub role: Role,
    /// The current term.
    pub term: Term,
    /// The vote in the current term.
    pub vote: Option<NodeId>,
    /// The leader of the current term, as far as the node knows.
    pub leader: Option<NodeId>,
    /// The commit index.
    pub commit: LogIndex,
    /// The last entry applied.
    pub applied: LogIndex,
    /// The last entry of the log.
    pub last: Position,
    /// The newest entries, by index.
    pub log: BTreeMap<LogIndex, Entry<S>>,
    /// The last entry that the snapshot replaces, if there is a snapshot.
    pub snapshot: Option<Position>,
    /// The configuration in force.
    pub membership: Membership,
    /// The votes a candidate has so far.
    pub votes: Vec<NodeId>,
    /// The leader's replication progress for each follower.
    pub followers: BTreeMap<NodeId, FollowerView>,
    /// A short summary of the state machine.
    pub state: String,
}

/// Replication progress of a follower, as its leader knows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct FollowerView {
    /// The match index: the last entry known to agree.
    pub matched: LogIndex,
    /// The next index: the next entry to send.
    pub next: LogIndex,
    /// The replication mode.
    pub pace: ReplicationStateName,
}

/// The replication mode of a follower.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum ReplicationStateName {
    /// One AppendEntries at a time, probing for the place where the logs agree.
    Probe,
    /// Pipelined, without waiting for answers.
    Stream,
    /// Snapshot, chunk by chunk.
    Snapshot,
}

impl FollowerView {
    fn of<S: StateMachine>(progress: &Progress<S>) -> Self {
        let pace = match progress.state {
            ReplicationState::Probe { .. } => ReplicationStateName::Probe,
            ReplicationState::Replicate => ReplicationStateName::Stream,
            ReplicationState::Snapshot { .. } => ReplicationStateName::Snapshot,
        };
        FollowerView { matched: progress.matched, next: progress.next, pace }
    }
}

impl<S: StateMachine> View<S> {
    pub(crate) fn of(cx: &Cx<S>, raft: &Raft<S>) -> Self {
        let last = raft.log.last();
        let oldest = LogIndex(last.index.next().0.saturating_sub(WINDOW));
        let newest = raft.log.numbered(oldest, last.index);
        let votes = match &raft.role {
            RoleState::PreCandidate(votes) | RoleState::Candidate(votes) => votes.iter().copied().collect(),
            RoleState::Follower | RoleState::Leader(_) => Vec::new(),
        };
        let followers = match &raft.role {
            RoleState::Leader(lead) => {
                lead.followers.iter().map(|(node, each)| (*node, FollowerView::of(each))).collect()
            }
            _ => BTreeMap::new(),
        };
        View {
            role: raft.role.name(),
            term: raft.term,
            vote: raft.vote,
            leader: raft.leader,
            commit: raft.commit,
            applied: raft.applied,
            last,
            log: newest.map(|(index, entry)| (index, entry.clone())).collect(),
            snapshot: raft.snapshot.as_ref().map(|snapshot| snapshot.last),
            membership: raft.in_force(cx).clone(),
            votes,
            followers,
            state: raft.state.summary(),
        }
    }
}

#[cfg(test)]
mod tests {
    use quorate_protocol::{Constants, Input, Machine, Outbox};

    use super::*;
    use crate::config::Settings;
    use crate::counter::Counter;
    use crate::disk::Disk;
    use crate::message::{Message, Timer};

    #[test]
    fn a_view_is_written_with_indexes_and_names_as_keys() {
        let constants = Constants::new(Settings::nodes(2).build().unwrap());
        let cx = constants.of(NodeId(0), ());
        let mut out = Outbox::new();
        let mut raft = Raft::<Counter>::boot(&cx, &Disk::default(), &mut out);
        raft.step(&cx, Input::Fire(Timer::Election), &mut out);
        let granted = Message::VoteGranted { term: Term(1) };
        raft.step(&cx, Input::Deliver { from: NodeId(1), message: granted }, &mut out);
        let json = serde_json::to_value(raft.view(&cx)).unwrap();
        assert_eq!(json["role"], "Leader");
        assert_eq!(json["log"]["1"]["command"], "no-op");
        assert_eq!(json["followers"]["n2"]["pace"], "Probe");
    }
}
