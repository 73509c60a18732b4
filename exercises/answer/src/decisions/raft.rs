//! Decisions of Raft voters, leaders and followers.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::{NodeId, Ruling};
use quorate_raft::{
    AppendSpan, Candidate, Conflict, Election, ElectionKind, LogIndex, Membership, Position, RaftRule, Term, Voter,
};

use crate::serve::ask_back;
use crate::wire::{Form, as_it_is};

as_it_is!(Term, LogIndex, Position, Conflict, Membership, BTreeSet<NodeId>);

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

impl Form for Election {
    type As = (bool, Term);

    fn form(&self) -> (bool, Term) {
        (self.kind == ElectionKind::Vote, self.term)
    }

    fn of((is_vote, term): (bool, Term)) -> Option<Self> {
        Some(Election { kind: if is_vote { ElectionKind::Vote } else { ElectionKind::PreVote }, term })
    }
}

impl Form for Candidate {
    type As = (NodeId, Term, Position);

    fn form(&self) -> Self::As {
        (self.node, self.term, self.last)
    }

    fn of((node, term, last): Self::As) -> Option<Self> {
        Some(Candidate { node, term, last })
    }
}

impl Form for Voter {
    type As = (Term, Option<NodeId>, Position, bool, bool);

    fn form(&self) -> Self::As {
        (self.term, self.vote, self.last, self.hears_leader, self.leads)
    }

    fn of((term, vote, last, hears_leader, leads): Self::As) -> Option<Self> {
        Some(Voter { term, vote, last, hears_leader, leads })
    }
}

impl Form for AppendSpan {
    type As = (LogIndex, u64, Option<LogIndex>, LogIndex);

    fn form(&self) -> Self::As {
        (self.previous, self.count, self.conflict, self.last)
    }

    fn of((previous, count, conflict, last): Self::As) -> Option<Self> {
        Some(AppendSpan { previous, count, conflict, last })
    }
}

macro_rules! declare {
    ($($decisions:tt)+) => { super::rulebook! { { leader_commit: LeaderCommit, leader_commit; } $($decisions)+ } };
}
crate::raft_decisions!(declare);
