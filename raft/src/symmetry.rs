//! Symmetry reduction: permutes the node ids in Raft's data, for checkers that identify states
//! equal up to a permutation.
//!
//! All voters of a configuration are interchangeable: elections and commitment count them
//! (Raft §5.2, §5.4.2), and no rule of the paper compares ids. Collections ordered by id are sorted
//! again.

use std::collections::BTreeMap;

use quorate_protocol::{NodeId, Permutation, Permute, no_node_ids};

use crate::client::Command;
use crate::counter::Counter;
use crate::disk::{Disk, Record};
use crate::entry::{Configuration, Entry, Payload};
use crate::invariants::{
    ElectionSafety, LeaderAppendOnly, LeaderCompleteness, LogMatching, MonotoneCommit, MonotoneTerm, OneVotePerTerm,
    StateMachineSafety,
};
use crate::kv::KeyValue;
use crate::log::{Batch, Log};
use crate::membership::{ConfigChange, History, Membership};
use crate::message::{AppendEntries, InstallSnapshot, Message, Timer};
use crate::node::Raft;
use crate::position::{LogIndex, Position, Term};
use crate::role::{Leadership, Progress, ReplicationState, RoleState, Transfer};
use crate::rules::RaftRule;
use crate::snapshot::{Incoming, Snapshot};
use crate::state_machine::StateMachine;

/// A state machine that does not depend on node ids: its states, commands, queries and replies
/// contain none.
pub trait NodeAgnostic: StateMachine {}

impl NodeAgnostic for Counter {}
impl NodeAgnostic for KeyValue {}

no_node_ids!(Term, LogIndex, Position, Timer, RaftRule, LeaderCompleteness);

impl<S: NodeAgnostic> Permute for Raft<S> {
    fn permuted(&self, by: &Permutation) -> Self {
        Raft {
            vote: self.vote.permuted(by),
            log: self.log.permuted(by),
            snapshot: self.snapshot.permuted(by),
            memberships: self.memberships.permuted(by),
            role: self.role.permuted(by),
            leader: self.leader.permuted(by),
            incoming: self.incoming.permuted(by),
            ..self.clone()
        }
    }
}

impl<S: NodeAgnostic> Permute for RoleState<S> {
    fn permuted(&self, by: &Permutation) -> Self {
        match self {
            RoleState::Follower => RoleState::Follower,
            RoleState::PreCandidate(votes) => RoleState::PreCandidate(votes.permuted(by)),
            RoleState::Candidate(votes) => RoleState::Candidate(votes.permuted(by)),
            RoleState::Leader(lead) => RoleState::Leader(lead.permuted(by)),
        }
    }
}

impl<S: NodeAgnostic> Permute for Leadership<S> {
    fn permuted(&self, by: &Permutation) -> Self {
        let mut followers = self.followers.permuted(by);
        followers.sort_unstable_by_key(|(node, _)| *node);
        let transfer = self.transfer.map(|transfer| Transfer { to: transfer.to.permuted(by), ..transfer });
        Leadership { followers, transfer, ..self.clone() }
    }
}

impl<S: NodeAgnostic> Permute for Progress<S> {
    fn permuted(&self, by: &Permutation) -> Self {
        let mut progress = self.clone();
        if let ReplicationState::Snapshot { snapshot, .. } = &mut progress.state {
            *snapshot = snapshot.permuted(by);
        }
        progress
    }
}

impl<S: NodeAgnostic> Permute for Log<S> {
    fn permuted(&self, by: &Permutation) -> Self {
        let mut log = self.clone();
        log.truncate(self.base().index.next());
        self.entries().iter().for_each(|entry| log.push(entry.permuted(by)));
        log
    }
}

impl<S: NodeAgnostic> Permute for Entry<S> {
    fn permuted(&self, by: &Permutation) -> Self {
        Entry { term: self.term, payload: self.payload.permuted(by) }
    }
}

impl<S: NodeAgnostic> Permute for Payload<S> {
    fn permuted(&self, by: &Permutation) -> Self {
        match self {
            Payload::Configure(configuration) => Payload::Configure(configuration.permuted(by)),
            Payload::Noop | Payload::Apply { .. } => self.clone(),
        }
    }
}

impl Permute for Configuration {
    fn permuted(&self, by: &Permutation) -> Self {
        Configuration { membership: self.membership.permuted(by), ticket: self.ticket }
    }
}

impl Permute for Membership {
    fn permuted(&self, by: &Permutation) -> Self {
        let [voters, outgoing, learners] =
            [&self.voters, &self.outgoing, &self.learners].map(|nodes| in_order(nodes, by));
        Membership { voters, outgoing, learners }
    }
}

fn in_order(nodes: &[NodeId], by: &Permutation) -> Vec<NodeId> {
    let mut nodes: Vec<NodeId> = nodes.iter().map(|&node| by.of(node)).collect();
    nodes.sort_unstable();
    nodes
}

impl Permute for History {
    fn permuted(&self, by: &Permutation) -> Self {
        History { first: self.first.permuted(by), later: self.later.permuted(by) }
    }
}

impl<S: NodeAgnostic> Permute for Snapshot<S> {
    fn permuted(&self, by: &Permutation) -> Self {
        Snapshot { membership: self.membership.permuted(by), ..self.clone() }
    }
}

impl<S: NodeAgnostic> Permute for Incoming<S> {
    fn permuted(&self, by: &Permutation) -> Self {
        let mut incoming = self.clone();
        incoming.snapshot = incoming.snapshot.permuted(by);
        incoming
    }
}

impl<S: NodeAgnostic> Permute for Disk<S> {
    fn permuted(&self, by: &Permutation) -> Self {
        let mut disk = self.clone();
        (disk.vote, disk.snapshot, disk.log) =
            (self.vote.permuted(by), self.snapshot.permuted(by), self.log.permuted(by));
        disk
    }
}

impl<S: NodeAgnostic> Permute for Record<S> {
    fn permuted(&self, by: &Permutation) -> Self {
        match self {
            Record::Vote { candidate } => Record::Vote { candidate: candidate.permuted(by) },
            Record::Append { previous, entries } => {
                Record::Append { previous: *previous, entries: entries.permuted(by) }
            }
            Record::Snapshot { snapshot, base } => Record::Snapshot { snapshot: snapshot.permuted(by), base: *base },
            Record::Term { .. } | Record::Truncate { .. } => self.clone(),
        }
    }
}

impl<S: NodeAgnostic> Permute for Batch<S> {
    fn permuted(&self, by: &Permutation) -> Self {
        let entries: Vec<Entry<S>> = self.iter().map(|entry| entry.permuted(by)).collect();
        Batch::new(&entries)
    }
}

impl<S: NodeAgnostic> Permute for Message<S> {
    fn permuted(&self, by: &Permutation) -> Self {
        match self {
            Message::AppendEntries(append) => {
                Message::AppendEntries(AppendEntries { entries: append.entries.permuted(by), ..append.clone() })
            }
            Message::InstallSnapshot(install) => Message::InstallSnapshot(Box::new(InstallSnapshot {
                membership: install.membership.permuted(by),
                ..InstallSnapshot::clone(install)
            })),
            Message::RequestVote(_)
            | Message::VoteGranted { .. }
            | Message::VoteRefused { .. }
            | Message::RequestPreVote(_)
            | Message::PreVoteGranted { .. }
            | Message::PreVoteRefused { .. }
            | Message::Appended(_)
            | Message::AppendRefused(_)
            | Message::ChunkStored(_)
            | Message::TimeoutNow { .. } => self.clone(),
        }
    }
}

impl<S: NodeAgnostic> Permute for Command<S> {
    fn permuted(&self, by: &Permutation) -> Self {
        match self {
            Command::ChangeMembership(change) => Command::ChangeMembership(change.permuted(by)),
            Command::TransferLeadership(to) => Command::TransferLeadership(to.permuted(by)),
            Command::Apply(_) | Command::Read(_) => self.clone(),
        }
    }
}

impl Permute for ConfigChange {
    fn permuted(&self, by: &Permutation) -> Self {
        match self {
            ConfigChange::AddLearner(node) => ConfigChange::AddLearner(node.permuted(by)),
            ConfigChange::AddVoter(node) => ConfigChange::AddVoter(node.permuted(by)),
            ConfigChange::Remove(node) => ConfigChange::Remove(node.permuted(by)),
            ConfigChange::Replace { voters } => ConfigChange::Replace { voters: in_order(voters, by) },
        }
    }
}

/// Implements `Permute` for invariants that are a map with nodes as keys or values.
macro_rules! maps {
    ($($invariant:ident),+) => {
        $(
            impl Permute for $invariant {
                fn permuted(&self, by: &Permutation) -> Self {
                    $invariant(self.0.permuted(by))
                }
            }
        )+
    };
}

maps!(ElectionSafety, LeaderAppendOnly, LogMatching, MonotoneTerm, OneVotePerTerm, MonotoneCommit);

impl<S: NodeAgnostic> Permute for StateMachineSafety<S> {
    fn permuted(&self, by: &Permutation) -> Self {
        let first: BTreeMap<LogIndex, (Term, Payload<S>)> = self.0.permuted(by);
        StateMachineSafety(first)
    }
}

#[cfg(test)]
mod tests {
    use quorate_protocol::{Constants, Input, Machine, Outbox};

    use super::*;
    use crate::config::Settings;
    use crate::message::Appended;

    /// A leader of three nodes: `candidate`, elected by `voter`, which has also acknowledged its
    /// first entry.
    fn leader(candidate: NodeId, voter: NodeId) -> Raft<Counter> {
        let constants = Constants::new(Settings::nodes(3).build().unwrap());
        let cx = constants.of(candidate, ());
        let mut out = Outbox::new();
        let mut raft = Raft::<Counter>::boot(&cx, &Disk::default(), &mut out);
        raft.step(&cx, Input::Fire(Timer::Election), &mut out);
        for message in [
            Message::VoteGranted { term: Term(1) },
            Message::Appended(Appended { term: Term(1), matched: LogIndex(1), round: 0 }),
        ] {
            raft.step(&cx, Input::Deliver { from: voter, message }, &mut out);
        }
        assert!(raft.is_leader() && raft.commit() == LogIndex(1));
        raft
    }

    #[test]
    fn a_leader_that_changes_names_is_what_it_would_have_become() {
        let [a, b, c] = [0, 1, 2].map(NodeId);
        let around = Permutation::new(vec![b, c, a]).unwrap();
        assert_eq!(leader(a, b).permuted(&around), leader(b, c));
        assert_eq!(leader(b, c).permuted(&around), leader(c, a), "followers are in order again");
        assert_ne!(leader(a, b).permuted(&around), leader(b, a));
    }

    #[test]
    fn configurations_name_nodes_wherever_they_travel() {
        let by = Permutation::new([2, 1, 0].map(NodeId).to_vec()).unwrap();
        let of = |ids: &[u32]| {
            let membership = Membership::new(ids.iter().copied().map(NodeId), []);
            let configuration = Configuration { membership, ticket: None };
            Batch::<Counter>::of(Entry { term: Term(1), payload: Payload::Configure(Box::new(configuration)) })
        };
        let append = |entries| Record::Append { previous: LogIndex(0), entries };
        assert_eq!(append(of(&[0, 1])).permuted(&by), append(of(&[1, 2])));
    }
}
