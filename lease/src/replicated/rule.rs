//! The rules of both: a server cites Raft where it does what Raft says, and the leases' own rules elsewhere.

use quorate_protocol::Rule;
use quorate_raft::RaftRule;

use crate::LeaseRule;

/// A rule of Raft or of leases.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ReplicatedRule {
    /// Of Raft.
    Raft(RaftRule),
    /// Of leases.
    Lease(LeaseRule),
}

const RAFT: &[RaftRule] = RaftRule::ALL;
const LEASE: &[LeaseRule] = LeaseRule::ALL;

const BOTH: [ReplicatedRule; RAFT.len() + LEASE.len()] = {
    let mut both = [ReplicatedRule::Raft(RAFT[0]); RAFT.len() + LEASE.len()];
    let mut index = 0;
    while index < both.len() {
        both[index] = if index < RAFT.len() {
            ReplicatedRule::Raft(RAFT[index])
        } else {
            ReplicatedRule::Lease(LEASE[index - RAFT.len()])
        };
        index += 1;
    }
    both
};

impl Rule for ReplicatedRule {
    const ALL: &'static [Self] = &BOTH;

    fn id(self) -> &'static str {
        match self {
            ReplicatedRule::Raft(rule) => rule.id(),
            ReplicatedRule::Lease(rule) => rule.id(),
        }
    }

    fn cite(self) -> &'static str {
        match self {
            ReplicatedRule::Raft(rule) => rule.cite(),
            ReplicatedRule::Lease(rule) => rule.cite(),
        }
    }

    fn says(self) -> &'static str {
        match self {
            ReplicatedRule::Raft(rule) => rule.says(),
            ReplicatedRule::Lease(rule) => rule.says(),
        }
    }
}

impl From<LeaseRule> for ReplicatedRule {
    fn from(rule: LeaseRule) -> Self {
        ReplicatedRule::Lease(rule)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_rules_share_a_name() {
        let names: BTreeSet<_> = ReplicatedRule::ALL.iter().map(|rule| rule.id()).collect();
        assert_eq!(names.len(), RAFT.len() + LEASE.len());
    }
}
