//! Wire forms of the arguments and results of Raft's decisions, which a learner's process answers
//! and the grader's process asks for.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::{NodeId, Ruling};
use quorate_raft::{
    AppendSpan, Candidate, Conflict, Election, ElectionKind, LogIndex, Membership, Position, RaftRule, Term, Voter,
};

use crate::serve::ask_back;
use crate::wire::{WireForm, is_wire_form};

is_wire_form!(Term, LogIndex, Position, Conflict, Membership, BTreeSet<NodeId>);

/// Type of `leader_commit`.
pub type LeaderCommit = fn(LogIndex, LogIndex, Term, &dyn Fn(LogIndex) -> Option<Term>) -> LogIndex;

/// Arguments of `leader_commit`: the commit index, the index replicated on a majority, the term,
/// and the terms of some entries. The terms of other entries are requested from the grader.
pub type Commitment = (LogIndex, LogIndex, Term, Vec<(LogIndex, Option<Term>)>);

fn leader_commit(decide: LeaderCommit, given: &str) -> Option<String> {
    let (commit, replicated, current, entries): Commitment = super::given(given)?;
    let known: BTreeMap<LogIndex, Option<Term>> = entries.into_iter().collect();
    let term_at = |index: LogIndex| known.get(&index).copied().unwrap_or_else(|| ask_back(&index));
    super::told(&decide(commit, replicated, current, &term_at))
}

impl WireForm for Election {
    type As = (bool, Term);

    fn to_wire(&self) -> (bool, Term) {
        (self.kind == ElectionKind::Vote, self.term)
    }

    fn from_wire((is_vote, term): (bool, Term)) -> Option<Self> {
        Some(Election { kind: if is_vote { ElectionKind::Vote } else { ElectionKind::PreVote }, term })
    }
}

impl WireForm for Candidate {
    type As = (NodeId, Term, Position);

    fn to_wire(&self) -> Self::As {
        (self.node, self.term, self.last)
    }

    fn from_wire((node, term, last): Self::As) -> Option<Self> {
        Some(Candidate { node, term, last })
    }
}

impl WireForm for Voter {
    type As = (Term, Option<NodeId>, Position, bool, bool);

    fn to_wire(&self) -> Self::As {
        (self.term, self.vote, self.last, self.hears_leader, self.leads)
    }

    fn from_wire((term, vote, last, hears_leader, leads): Self::As) -> Option<Self> {
        Some(Voter { term, vote, last, hears_leader, leads })
    }
}

impl WireForm for AppendSpan {
    type As = (LogIndex, u64, Option<LogIndex>, LogIndex);

    fn to_wire(&self) -> Self::As {
        (self.previous, self.count, self.conflict, self.last)
    }

    fn from_wire((previous, count, conflict, last): Self::As) -> Option<Self> {
        Some(AppendSpan { previous, count, conflict, last })
    }
}

macro_rules! declare {
    ($($decisions:tt)+) => { super::rulebook! { { leader_commit: LeaderCommit, leader_commit; } $($decisions)+ } };
}
crate::raft_decisions!(declare);
