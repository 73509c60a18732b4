//! Safety properties: Raft's Figure 3, and that terms and commit indexes never decrease and votes
//! never change within a term.
//!
//! Each is checked after every step, using only what the step touched: the cost does not grow with
//! the log. After a boot the whole node is read.
//!
//! Two consecutive steps of different nodes can be checked in either order
//! ([`Invariant::COMMUTES`]): entries are compared when either node writes them, and committed
//! entries with leaders when either appears.

use std::collections::BTreeMap;

use quorate_protocol::{Invariant, InvariantViolation, NodeId, StepKind, StepView, Variant};

use crate::entry::Payload;
use crate::fact::Fact;
use crate::message::shown;
use crate::node::Raft;
use crate::position::{LogIndex, Position, Term};
use crate::state_machine::StateMachine;

/// All invariants of this module.
pub type Invariants<S> = (
    ElectionSafety,
    LeaderAppendOnly,
    LogMatching,
    LeaderCompleteness,
    StateMachineSafety<S>,
    MonotoneTerm,
    OneVotePerTerm,
    MonotoneCommit,
);

/// All invariants, in the initial state for a new run. Each holds for
/// [`BY_THE_BOOK`](crate::BY_THE_BOOK) under all faults.
pub fn invariants<S: StateMachine>() -> Invariants<S> {
    Default::default()
}

/// Election Safety: at most one leader is elected in a term (Raft Figure 3, §5.2).
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct ElectionSafety(pub(crate) BTreeMap<Term, NodeId>);

impl<S: StateMachine, M: Variant<Reference = Raft<S>>> Invariant<M> for ElectionSafety {
    const COMMUTES: bool = true;

    fn check(&mut self, step: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        for fact in step.facts() {
            let Fact::LeaderElected { term } = fact else { continue };
            let first = *self.0.entry(*term).or_insert(step.node);
            if first != step.node {
                let detail = format!("both {first} and {} were elected in term {term}", step.node);
                return Err(InvariantViolation::new("ElectionSafety", detail));
            }
        }
        Ok(())
    }
}

/// Leader Append-Only: a leader never overwrites or deletes entries of its log; it only appends
/// (Raft Figure 3, §5.3).
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct LeaderAppendOnly(pub(crate) BTreeMap<NodeId, (Term, Position)>);

impl<S: StateMachine, M: Variant<Reference = Raft<S>>> Invariant<M> for LeaderAppendOnly {
    const COMMUTES: bool = true;

    fn check(&mut self, step: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        let Some(raft) = step.reference().filter(|raft| raft.is_leader()) else {
            self.0.remove(&step.node);
            return Ok(());
        };
        let now = (raft.term(), raft.log().last());
        let Some((term, last)) = self.0.insert(step.node, now).filter(|(term, _)| *term == now.0) else {
            return Ok(());
        };
        let kept = last.index < raft.log().base().index || raft.log().term_at(last.index) == Some(last.term);
        if kept {
            return Ok(());
        }
        let detail = format!("{} leads term {term} and no longer has its entry {last}", step.node);
        Err(InvariantViolation::new("LeaderAppendOnly", detail))
    }
}

/// Log Matching: two logs that contain an entry with the same index and term are equal up to it
/// (Raft Figure 3, §5.3).
///
/// An entry is compared, with the term before it, when it is written; by induction that covers all
/// entries before it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct LogMatching(pub(crate) BTreeMap<NodeId, LogIndex>);

impl<S: StateMachine, M: Variant<Reference = Raft<S>>> Invariant<M> for LogMatching {
    const COMMUTES: bool = true;

    fn check(&mut self, step: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        let Some(raft) = step.reference() else {
            self.0.remove(&step.node);
            return Ok(());
        };
        let last = raft.log().last_index();
        let cut = step.facts().filter_map(|fact| match fact {
            Fact::Truncated { from, .. } => Some(from.previous()),
            _ => None,
        });
        let unchanged = cut.chain(self.0.get(&step.node).copied()).min().unwrap_or_default();
        self.0.insert(step.node, last);
        let written = unchanged.max(raft.log().base().index).next().0..=last.0;
        let others = || step.references().filter(|(other, _)| *other != step.node);
        for index in written.map(LogIndex) {
            others().try_for_each(|other| same_entry((step.node, raft), other, index))?;
        }
        Ok(())
    }
}

/// Compares an entry of two nodes and the term before it, if the entry has the same term on both.
fn same_entry<S: StateMachine>(
    (node, one): (NodeId, &Raft<S>),
    (other_node, other): (NodeId, &Raft<S>),
    index: LogIndex,
) -> Result<(), InvariantViolation> {
    let (Some(mine), Some(theirs)) = (one.log().entry(index), other.log().entry(index)) else { return Ok(()) };
    if mine.term != theirs.term {
        return Ok(());
    }
    let before = index.previous();
    let (term, their_term) = (one.log().term_at(before), other.log().term_at(before));
    if mine.payload == theirs.payload && term == their_term {
        return Ok(());
    }
    let place = Position { index, term: mine.term };
    let detail = format!("the logs of {node} and {other_node} differ at or before entry {place}, which both have");
    Err(InvariantViolation::new("LogMatching", detail))
}

/// Leader Completeness: an entry committed in a term is in the log of every leader of a later term
/// (Raft Figure 3, §5.4).
///
/// Stores the last entry committed in each term; by Log Matching, a log that contains it contains
/// all entries before it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct LeaderCompleteness(pub(crate) BTreeMap<Term, Position>);

impl LeaderCompleteness {
    fn lacks<S: StateMachine>(leader: &Raft<S>, committed: Position) -> bool {
        let log = leader.log();
        committed.index > log.base().index && log.term_at(committed.index) != Some(committed.term)
    }

    fn check_leader<S: StateMachine>(
        (node, leader): (NodeId, &Raft<S>),
        term: Term,
        committed: Position,
    ) -> Result<(), InvariantViolation> {
        if !Self::lacks(leader, committed) {
            return Ok(());
        }
        let detail = format!(
            "entry {committed} was committed in term {term}, and {node}, which leads term {}, does not have it",
            leader.term()
        );
        Err(InvariantViolation::new("LeaderCompleteness", detail))
    }
}

impl<S: StateMachine, M: Variant<Reference = Raft<S>>> Invariant<M> for LeaderCompleteness {
    const COMMUTES: bool = true;

    fn check(&mut self, step: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        let Some(raft) = step.reference() else { return Ok(()) };
        for fact in step.facts() {
            match fact {
                Fact::LeaderElected { term } => {
                    let earlier = self.0.range(..*term).max_by_key(|(_, last)| last.index);
                    if let Some((committed_in, last)) = earlier {
                        Self::check_leader((step.node, raft), *committed_in, *last)?;
                    }
                }
                Fact::Committed { index, term, .. } => {
                    let committed = Position { index: *index, term: *term };
                    let last = self.0.entry(raft.term()).or_default();
                    if committed.index <= last.index {
                        continue;
                    }
                    *last = committed;
                    let later = |(_, other): &(NodeId, &Raft<S>)| other.is_leader() && other.term() > raft.term();
                    let mut leaders = step.references().filter(later);
                    leaders.try_for_each(|leader| Self::check_leader(leader, raft.term(), committed))?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// State Machine Safety: no two nodes apply different entries at the same index (Raft Figure 3,
/// §5.4.3).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct StateMachineSafety<S: StateMachine>(pub(crate) BTreeMap<LogIndex, (Term, Payload<S>)>);

impl<S: StateMachine> Default for StateMachineSafety<S> {
    fn default() -> Self {
        StateMachineSafety(BTreeMap::new())
    }
}

impl<S: StateMachine, M: Variant<Reference = Raft<S>>> Invariant<M> for StateMachineSafety<S> {
    const COMMUTES: bool = true;

    fn check(&mut self, step: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        for fact in step.facts() {
            // Entries are applied in order, in the step that commits them, so `Committed` comes
            // first and carries the term.
            let (index, same) = match fact {
                Fact::Committed { index, term, command } => {
                    let first = self.0.entry(*index).or_insert_with(|| (*term, command.clone()));
                    (index, first.0 == *term && first.1 == *command)
                }
                Fact::Applied { index, command } => {
                    (index, self.0.get(index).is_none_or(|(_, first)| first == command))
                }
                _ => continue,
            };
            if !same {
                let (node, (term, first)) = (step.node, &self.0[index]);
                let detail = match fact {
                    Fact::Committed { term: other, command, .. } => format!(
                        "{node} commits {command:?} of term {other} at index {index}, where {first:?} of term {term} was committed"
                    ),
                    _ => format!(
                        "{node} applies at index {index} another command than {first:?} of term {term}, which was committed there"
                    ),
                };
                return Err(InvariantViolation::new("StateMachineSafety", detail));
            }
        }
        Ok(())
    }
}

/// A node's term never decreases, not even across a crash (Raft §5.1).
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct MonotoneTerm(pub(crate) BTreeMap<NodeId, Term>);

impl<S: StateMachine, M: Variant<Reference = Raft<S>>> Invariant<M> for MonotoneTerm {
    const COMMUTES: bool = true;

    fn check(&mut self, step: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        let Some(term) = step.reference().map(Raft::term) else { return Ok(()) };
        match self.0.insert(step.node, term) {
            Some(before) if before > term => Err(InvariantViolation::new(
                "MonotoneTerm",
                format!("{} went from term {before} back to {term}", step.node),
            )),
            _ => Ok(()),
        }
    }
}

/// A node votes for at most one candidate in a term, even across a crash (Raft §5.2).
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct OneVotePerTerm(pub(crate) BTreeMap<NodeId, (Term, NodeId)>);

impl<S: StateMachine, M: Variant<Reference = Raft<S>>> Invariant<M> for OneVotePerTerm {
    const COMMUTES: bool = true;

    fn check(&mut self, step: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        let Some(raft) = step.reference() else { return Ok(()) };
        let (term, Some(vote)) = (raft.term(), raft.vote()) else { return Ok(()) };
        match self.0.insert(step.node, (term, vote)) {
            Some((same, first)) if same == term && first != vote => {
                let (first, vote) = (shown(Some(first)), shown(Some(vote)));
                let detail = format!("{} voted for {first} and for {vote} in term {term}", step.node);
                Err(InvariantViolation::new("OneVotePerTerm", detail))
            }
            _ => Ok(()),
        }
    }
}

/// A node's commit index never decreases while the node is up (Raft Figure 2, commitIndex).
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct MonotoneCommit(pub(crate) BTreeMap<NodeId, LogIndex>);

impl<S: StateMachine, M: Variant<Reference = Raft<S>>> Invariant<M> for MonotoneCommit {
    const COMMUTES: bool = true;

    fn check(&mut self, step: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        let Some(commit) = step.reference().map(Raft::commit) else { return Ok(()) };
        let before = self.0.insert(step.node, commit);
        match before.filter(|_| step.kind == StepKind::Step) {
            Some(before) if before > commit => {
                let detail = format!("{} went from commit index {before} back to {commit}", step.node);
                Err(InvariantViolation::new("MonotoneCommit", detail))
            }
            _ => Ok(()),
        }
    }
}
