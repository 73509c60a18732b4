//! Symmetry reduction: permutes the node ids in Raft's data, for checkers that identify states
//! equal up to a permutation.
//!
//! All voters of a configuration are interchangeable: elections and commitment count them
//! (Raft §5.2, §5.4.2), and no rule of the paper compares ids. Collections ordered by id are sorted
//! again.

use std::collections::BTreeMap;

use quorate_protocol::{NodeId, Renamed, Renaming, nameless};

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
use crate::membership::{Change, History, Membership};
use crate::message::{AppendEntries, InstallSnapshot, Message, Timer};
use crate::node::Raft;
use crate::position::{LogIndex, Position, Term};
use crate::role::{Leadership, Pace, Progress, Role, Transfer};
use crate::rules::RaftRule;
use crate::snapshot::{Incoming, Snapshot};
use crate::state_machine::StateMachine;

/// A state machine that does not depend on node ids: its states, commands, queries and replies
/// contain none.
pub trait Impersonal: StateMachine {}

impl Impersonal for Counter {}
impl Impersonal for KeyValue {}

nameless!(Term, LogIndex, Position, Timer, RaftRule, LeaderCompleteness);

impl<S: Impersonal> Renamed for Raft<S> {
    fn renamed(&self, by: &Renaming) -> Self {
        Raft {
            vote: self.vote.renamed(by),
            log: self.log.renamed(by),
            snapshot: self.snapshot.renamed(by),
            memberships: self.memberships.renamed(by),
            role: self.role.renamed(by),
            leader: self.leader.renamed(by),
            incoming: self.incoming.renamed(by),
            ..self.clone()
        }
    }
}

impl<S: Impersonal> Renamed for Role<S> {
    fn renamed(&self, by: &Renaming) -> Self {
        match self {
            Role::Follower => Role::Follower,
            Role::PreCandidate(votes) => Role::PreCandidate(votes.renamed(by)),
            Role::Candidate(votes) => Role::Candidate(votes.renamed(by)),
            Role::Leader(lead) => Role::Leader(lead.renamed(by)),
        }
    }
}

impl<S: Impersonal> Renamed for Leadership<S> {
    fn renamed(&self, by: &Renaming) -> Self {
        let mut followers = self.followers.renamed(by);
        followers.sort_unstable_by_key(|(node, _)| *node);
        let transfer = self.transfer.map(|transfer| Transfer { to: transfer.to.renamed(by), ..transfer });
        Leadership { followers, transfer, ..self.clone() }
    }
}

impl<S: Impersonal> Renamed for Progress<S> {
    fn renamed(&self, by: &Renaming) -> Self {
        let mut progress = self.clone();
        if let Pace::Snapshot { snapshot, .. } = &mut progress.pace {
            *snapshot = snapshot.renamed(by);
        }
        progress
    }
}

impl<S: Impersonal> Renamed for Log<S> {
    fn renamed(&self, by: &Renaming) -> Self {
        let mut log = self.clone();
        log.truncate(self.base().index.next());
        self.entries().iter().for_each(|entry| log.push(entry.renamed(by)));
        log
    }
}

impl<S: Impersonal> Renamed for Entry<S> {
    fn renamed(&self, by: &Renaming) -> Self {
        Entry { term: self.term, payload: self.payload.renamed(by) }
    }
}

impl<S: Impersonal> Renamed for Payload<S> {
    fn renamed(&self, by: &Renaming) -> Self {
        match self {
            Payload::Configure(configuration) => Payload::Configure(configuration.renamed(by)),
            Payload::Noop | Payload::Apply { .. } => self.clone(),
        }
    }
}

impl Renamed for Configuration {
    fn renamed(&self, by: &Renaming) -> Self {
        Configuration { membership: self.membership.renamed(by), ticket: self.ticket }
    }
}

impl Renamed for Membership {
    fn renamed(&self, by: &Renaming) -> Self {
        let [voters, outgoing, learners] =
            [&self.voters, &self.outgoing, &self.learners].map(|nodes| in_order(nodes, by));
        Membership { voters, outgoing, learners }
    }
}

fn in_order(nodes: &[NodeId], by: &Renaming) -> Vec<NodeId> {
    let mut nodes: Vec<NodeId> = nodes.iter().map(|&node| by.of(node)).collect();
    nodes.sort_unstable();
    nodes
}

impl Renamed for History {
    fn renamed(&self, by: &Renaming) -> Self {
        History { first: self.first.renamed(by), later: self.later.renamed(by) }
    }
}

impl<S: Impersonal> Renamed for Snapshot<S> {
    fn renamed(&self, by: &Renaming) -> Self {
        Snapshot { membership: self.membership.renamed(by), ..self.clone() }
    }
}

impl<S: Impersonal> Renamed for Incoming<S> {
    fn renamed(&self, by: &Renaming) -> Self {
        let mut incoming = self.clone();
        incoming.snapshot = incoming.snapshot.renamed(by);
        incoming
    }
}

impl<S: Impersonal> Renamed for Disk<S> {
    fn renamed(&self, by: &Renaming) -> Self {
        let mut disk = self.clone();
        (disk.vote, disk.snapshot, disk.log) = (self.vote.renamed(by), self.snapshot.renamed(by), self.log.renamed(by));
        disk
    }
}

impl<S: Impersonal> Renamed for Record<S> {
    fn renamed(&self, by: &Renaming) -> Self {
        match self {
            Record::Vote { candidate } => Record::Vote { candidate: candidate.renamed(by) },
            Record::Append { previous, entries } => {
                Record::Append { previous: *previous, entries: entries.renamed(by) }
            }
            Record::Snapshot { snapshot, base } => Record::Snapshot { snapshot: snapshot.renamed(by), base: *base },
            Record::Term { .. } | Record::Truncate { .. } => self.clone(),
        }
    }
}

impl<S: Impersonal> Renamed for Batch<S> {
    fn renamed(&self, by: &Renaming) -> Self {
        let entries: Vec<Entry<S>> = self.iter().map(|entry| entry.renamed(by)).collect();
        Batch::new(&entries)
    }
}

impl<S: Impersonal> Renamed for Message<S> {
    fn renamed(&self, by: &Renaming) -> Self {
        match self {
            Message::AppendEntries(append) => {
                Message::AppendEntries(AppendEntries { entries: append.entries.renamed(by), ..append.clone() })
            }
            Message::InstallSnapshot(install) => Message::InstallSnapshot(Box::new(InstallSnapshot {
                membership: install.membership.renamed(by),
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

impl<S: Impersonal> Renamed for Command<S> {
    fn renamed(&self, by: &Renaming) -> Self {
        match self {
            Command::ChangeMembership(change) => Command::ChangeMembership(change.renamed(by)),
            Command::TransferLeadership(to) => Command::TransferLeadership(to.renamed(by)),
            Command::Apply(_) | Command::Read(_) => self.clone(),
        }
    }
}

impl Renamed for Change {
    fn renamed(&self, by: &Renaming) -> Self {
        match self {
            Change::AddLearner(node) => Change::AddLearner(node.renamed(by)),
            Change::AddVoter(node) => Change::AddVoter(node.renamed(by)),
            Change::Remove(node) => Change::Remove(node.renamed(by)),
            Change::Replace { voters } => Change::Replace { voters: in_order(voters, by) },
        }
    }
}

/// Implements `Renamed` for invariants that are a map with nodes as keys or values.
macro_rules! maps {
    ($($invariant:ident),+) => {
        $(
            impl Renamed for $invariant {
                fn renamed(&self, by: &Renaming) -> Self {
                    $invariant(self.0.renamed(by))
                }
            }
        )+
    };
}

maps!(ElectionSafety, LeaderAppendOnly, LogMatching, MonotoneTerm, OneVotePerTerm, MonotoneCommit);

impl<S: Impersonal> Renamed for StateMachineSafety<S> {
    fn renamed(&self, by: &Renaming) -> Self {
        let first: BTreeMap<LogIndex, (Term, Payload<S>)> = self.0.renamed(by);
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
        assert!(raft.leads() && raft.commit() == LogIndex(1));
        raft
    }

    #[test]
    fn a_leader_that_changes_names_is_what_it_would_have_become() {
        let [a, b, c] = [0, 1, 2].map(NodeId);
        let around = Renaming::new(vec![b, c, a]).unwrap();
        assert_eq!(leader(a, b).renamed(&around), leader(b, c));
        assert_eq!(leader(b, c).renamed(&around), leader(c, a), "followers are in order again");
        assert_ne!(leader(a, b).renamed(&around), leader(b, a));
    }

    #[test]
    fn configurations_name_nodes_wherever_they_travel() {
        let by = Renaming::new([2, 1, 0].map(NodeId).to_vec()).unwrap();
        let of = |ids: &[u32]| {
            let membership = Membership::new(ids.iter().copied().map(NodeId), []);
            let configuration = Configuration { membership, ticket: None };
            Batch::<Counter>::of(Entry { term: Term(1), payload: Payload::Configure(Box::new(configuration)) })
        };
        let append = |entries| Record::Append { previous: LogIndex(0), entries };
        assert_eq!(append(of(&[0, 1])).renamed(&by), append(of(&[1, 2])));
    }
}
