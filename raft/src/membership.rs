//! Cluster membership: configurations of voters and learners (dissertation ch. 4; Raft §6 for joint
//! consensus).
//!
//! A node uses the newest configuration in its log, committed or not; [`History`] therefore keeps
//! the ones that a truncation could restore. This module defines configurations; how a leader
//! changes them is in [`reconfiguration`](crate::reconfiguration).

use std::fmt;

use quorate_protocol::NodeId;
use serde::{Deserialize, Serialize};

use crate::position::LogIndex;

/// A configuration: voters, learners, and during joint consensus the outgoing voters.
///
/// ```
/// use quorate_protocol::NodeId;
/// use quorate_raft::{ConfigChange, Membership};
///
/// let three = Membership::new([0, 1, 2].map(NodeId), []);
/// let joint = three.after(&ConfigChange::Replace { voters: vec![NodeId(2), NodeId(3)] })?;
/// assert!(joint.is_joint());
/// assert_eq!(joint.to_string(), "n3 n4, leaving n1 n2 n3");
/// assert_eq!(joint.settled(), Membership::new([2, 3].map(NodeId), []));
/// # Ok::<(), quorate_raft::ChangeError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Membership {
    pub(crate) voters: Vec<NodeId>,
    /// Voters of the old configuration during joint consensus (Raft §6); empty otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) outgoing: Vec<NodeId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) learners: Vec<NodeId>,
}

/// A change of the configuration.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum ConfigChange {
    /// Adds a node that receives the log without a vote (dissertation §4.2.1).
    AddLearner(NodeId),
    /// Makes a learner a voter (dissertation §4.1).
    AddVoter(NodeId),
    /// Removes a node, voter or learner (dissertation §4.1).
    Remove(NodeId),
    /// Replaces the set of voters by any other, through joint consensus (Raft §6,
    /// dissertation §4.3).
    Replace {
        /// The new voters.
        voters: Vec<NodeId>,
    },
}

/// The reason that a change is invalid.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ChangeError {
    /// The node is already a voter.
    AlreadyVoter(NodeId),
    /// The node is not a learner yet.
    NotALearner(NodeId),
    /// The node is the only voter.
    LastVoter(NodeId),
    /// The new configuration has no voters.
    NoVoters,
}

impl fmt::Display for ChangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ChangeError::AlreadyVoter(node) => write!(f, "{node} is a voter and cannot be a learner too"),
            ChangeError::NotALearner(node) => write!(f, "{node} is not a learner yet: add it as one first"),
            ChangeError::LastVoter(node) => write!(f, "{node} is the only voter: add another first"),
            ChangeError::NoVoters => f.write_str("the new configuration has no voters: name at least one"),
        }
    }
}

impl std::error::Error for ChangeError {}

fn sorted(nodes: impl IntoIterator<Item = NodeId>) -> Vec<NodeId> {
    let mut nodes: Vec<NodeId> = nodes.into_iter().collect();
    nodes.sort_unstable();
    nodes.dedup();
    nodes
}

impl Membership {
    /// A configuration of these voters and learners.
    pub fn new(voters: impl IntoIterator<Item = NodeId>, learners: impl IntoIterator<Item = NodeId>) -> Self {
        Membership { voters: sorted(voters), outgoing: Vec::new(), learners: sorted(learners) }
    }

    /// The voters; during joint consensus those of the new configuration.
    pub fn voters(&self) -> &[NodeId] {
        &self.voters
    }

    /// Voters of the old configuration during joint consensus.
    pub fn outgoing(&self) -> &[NodeId] {
        &self.outgoing
    }

    /// The nodes that receive the log without a vote.
    pub fn learners(&self) -> &[NodeId] {
        &self.learners
    }

    /// Whether this is a joint configuration (Raft §6).
    pub fn is_joint(&self) -> bool {
        !self.outgoing.is_empty()
    }

    /// Whether the node has a vote.
    pub fn is_voter(&self, node: NodeId) -> bool {
        self.voters.contains(&node) || self.outgoing.contains(&node)
    }

    /// All nodes that receive the log, without duplicates, in order.
    pub fn members(&self) -> Vec<NodeId> {
        sorted(self.voters.iter().chain(&self.outgoing).chain(&self.learners).copied())
    }

    /// All voters, without duplicates, in order.
    pub fn electorate(&self) -> Vec<NodeId> {
        sorted(self.voters.iter().chain(&self.outgoing).copied())
    }

    /// Each set of voters that must agree by majority: one, or two during joint consensus.
    pub fn groups(&self) -> impl Iterator<Item = &[NodeId]> {
        [self.voters.as_slice(), self.outgoing.as_slice()].into_iter().filter(|group| !group.is_empty())
    }

    /// The configuration after a change; unchanged if there is nothing to do.
    ///
    /// # Errors
    /// [`ChangeError`] if the change is invalid here.
    pub fn after(&self, change: &ConfigChange) -> Result<Membership, ChangeError> {
        let mut next = self.clone();
        match change {
            ConfigChange::AddLearner(node) if self.is_voter(*node) => return Err(ChangeError::AlreadyVoter(*node)),
            ConfigChange::AddLearner(node) => next.learners = sorted(self.learners.iter().copied().chain([*node])),
            ConfigChange::AddVoter(node) if self.voters.contains(node) => {}
            ConfigChange::AddVoter(node) if !self.learners.contains(node) => {
                return Err(ChangeError::NotALearner(*node));
            }
            ConfigChange::AddVoter(node) => {
                next.learners.retain(|learner| learner != node);
                next.voters = sorted(self.voters.iter().copied().chain([*node]));
            }
            ConfigChange::Remove(node) if self.voters == [*node] => return Err(ChangeError::LastVoter(*node)),
            ConfigChange::Remove(node) => {
                next.learners.retain(|learner| learner != node);
                next.voters.retain(|voter| voter != node);
            }
            ConfigChange::Replace { voters } if voters.is_empty() => return Err(ChangeError::NoVoters),
            ConfigChange::Replace { voters } => {
                next.voters = sorted(voters.iter().copied());
                next.learners.retain(|learner| !next.voters.contains(learner));
                if next.voters != self.voters {
                    next.outgoing = self.voters.clone();
                }
            }
        }
        Ok(next)
    }

    /// The configuration once joint consensus is over: the new voters alone.
    #[must_use]
    pub fn settled(&self) -> Membership {
        Membership { outgoing: Vec::new(), ..self.clone() }
    }
}

impl fmt::Display for Membership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = |label: &str, nodes: &[NodeId]| {
            f.write_str(label)?;
            nodes.iter().enumerate().try_for_each(|(at, node)| write!(f, "{}{node}", if at == 0 { "" } else { " " }))
        };
        list("", &self.voters)?;
        if !self.outgoing.is_empty() {
            list(", leaving ", &self.outgoing)?;
        }
        if !self.learners.is_empty() {
            list(", learning ", &self.learners)?;
        }
        Ok(())
    }
}

/// The configurations in a node's log, oldest first, after the one from its snapshot or its config.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct History {
    pub(crate) first: (LogIndex, Membership),
    pub(crate) later: Vec<(LogIndex, Membership)>,
}

impl History {
    pub(crate) fn new(index: LogIndex, membership: Membership) -> Self {
        History { first: (index, membership), later: Vec::new() }
    }

    /// The newest configuration and the index of its entry: the one in force (Raft §6).
    pub(crate) fn newest(&self) -> (LogIndex, &Membership) {
        let (index, membership) = self.later.last().unwrap_or(&self.first);
        (*index, membership)
    }

    /// The configuration that was in force at an index.
    pub(crate) fn at(&self, index: LogIndex) -> &Membership {
        let upto = self.later.partition_point(|(at, _)| *at <= index);
        upto.checked_sub(1).map_or(&self.first.1, |last| &self.later[last].1)
    }

    /// The configuration in force at an index, and all later ones: if `index` is the commit index,
    /// a truncation may put any of them in force again.
    pub(crate) fn since(&self, index: LogIndex) -> impl Iterator<Item = &Membership> {
        let upto = self.later.partition_point(|(at, _)| *at <= index);
        std::iter::once(self.at(index)).chain(self.later[upto..].iter().map(|(_, membership)| membership))
    }

    pub(crate) fn push(&mut self, index: LogIndex, membership: Membership) {
        debug_assert!(
            self.later.last().is_none_or(|(at, _)| *at <= index),
            "configurations come in the order of the log"
        );
        self.later.push((index, membership));
    }

    /// Drops the configurations of truncated entries, which restores the previous one.
    pub(crate) fn truncate(&mut self, from: LogIndex) {
        self.later.retain(|(index, _)| *index < from);
    }

    /// Starts from this configuration, and keeps the ones after it.
    pub(crate) fn rebase(&mut self, index: LogIndex, membership: Membership) {
        self.later.retain(|(at, _)| *at > index);
        self.first = (index, membership);
    }

    /// Drops the configurations that the one in force at `upto` has superseded for good.
    pub(crate) fn settle(&mut self, upto: LogIndex) {
        let settled = self.later.partition_point(|(at, _)| *at <= upto);
        if let Some(last) = self.later.drain(..settled).next_back() {
            self.first = last;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(ids: &[u32]) -> Membership {
        Membership::new(ids.iter().copied().map(NodeId), [])
    }

    #[test]
    fn a_learner_comes_before_a_voter() {
        let three = nodes(&[0, 1, 2]);
        assert_eq!(three.after(&ConfigChange::AddVoter(NodeId(3))), Err(ChangeError::NotALearner(NodeId(3))));
        let learning = three.after(&ConfigChange::AddLearner(NodeId(3))).unwrap();
        assert_eq!(learning.to_string(), "n1 n2 n3, learning n4");
        assert_eq!(learning.after(&ConfigChange::AddVoter(NodeId(3))), Ok(nodes(&[0, 1, 2, 3])));
        assert_eq!(three.after(&ConfigChange::AddLearner(NodeId(0))), Err(ChangeError::AlreadyVoter(NodeId(0))));
    }

    #[test]
    fn a_node_is_removed_whether_it_votes_or_learns() {
        let learning = Membership::new([0, 1].map(NodeId), [2, 3].map(NodeId));
        let without = |node| learning.after(&ConfigChange::Remove(NodeId(node))).unwrap().to_string();
        assert_eq!([1, 2].map(without), ["n1, learning n3 n4", "n1 n2, learning n4"]);
    }

    #[test]
    fn a_learner_that_becomes_a_voter_learns_no_more() {
        let learning = Membership::new([0, 1].map(NodeId), [2, 3].map(NodeId));
        let replaced = learning.after(&ConfigChange::Replace { voters: vec![NodeId(0), NodeId(2)] }).unwrap();
        assert_eq!(replaced.to_string(), "n1 n3, leaving n1 n2, learning n4");
    }

    #[test]
    fn changes_that_leave_nobody_are_refused() {
        assert_eq!(nodes(&[0]).after(&ConfigChange::Remove(NodeId(0))), Err(ChangeError::LastVoter(NodeId(0))));
        assert_eq!(nodes(&[0]).after(&ConfigChange::Replace { voters: vec![] }), Err(ChangeError::NoVoters));
    }

    #[test]
    fn what_is_already_so_changes_nothing() {
        let two = nodes(&[0, 1]);
        for change in [
            ConfigChange::AddVoter(NodeId(1)),
            ConfigChange::Remove(NodeId(7)),
            ConfigChange::Replace { voters: vec![NodeId(1), NodeId(0)] },
        ] {
            assert_eq!(two.after(&change), Ok(two.clone()), "{change:?}");
        }
    }

    #[test]
    fn a_truncation_brings_the_configuration_before_back() {
        let mut history = History::new(LogIndex(0), nodes(&[0]));
        history.push(LogIndex(3), nodes(&[0, 1]));
        history.push(LogIndex(5), nodes(&[0, 1, 2]));
        assert_eq!(history.at(LogIndex(4)), &nodes(&[0, 1]));
        assert_eq!(history.at(LogIndex(2)), &nodes(&[0]));
        let voters = |index| history.since(LogIndex(index)).map(|each| each.voters.len()).collect::<Vec<_>>();
        assert_eq!([2, 3, 4, 5].map(voters), [vec![1, 2, 3], vec![2, 3], vec![2, 3], vec![3]]);
        history.truncate(LogIndex(5));
        assert_eq!(history.newest(), (LogIndex(3), &nodes(&[0, 1])));
        history.settle(LogIndex(9));
        history.truncate(LogIndex(1));
        assert_eq!(history.newest().1, &nodes(&[0, 1]), "what is settled stays");
    }

    #[test]
    fn a_snapshot_replaces_the_configurations_up_to_its_last_entry() {
        let mut history = History::new(LogIndex(0), nodes(&[0]));
        history.push(LogIndex(3), nodes(&[0, 1]));
        history.push(LogIndex(5), nodes(&[0, 1, 2]));
        let mut settled = history.clone();
        settled.settle(LogIndex(3));
        settled.truncate(LogIndex(1));
        assert_eq!(settled.newest(), (LogIndex(3), &nodes(&[0, 1])));
        history.rebase(LogIndex(3), nodes(&[7]));
        assert_eq!((history.at(LogIndex(4)), history.newest().0), (&nodes(&[7]), LogIndex(5)));
        history.rebase(LogIndex(5), nodes(&[8]));
        assert_eq!(history.newest(), (LogIndex(5), &nodes(&[8])));
    }
}
