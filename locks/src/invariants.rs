//! Invariants of a lock, judged by true time and by what all nodes do, which no node knows.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::{Invariant, InvariantSummary, InvariantViolation, NodeId, StepView, Time, Variant};

use crate::id::AttemptId;
use crate::message::Fact;
use crate::node::Lock;

/// Type of all invariants of a lock.
pub type Safety = (AtMostOneHolder, OwnLockOnly, TokensNeverDecrease, OneWriteAtATime);

/// All invariants of a lock, under any rulebook.
pub fn invariants() -> Safety {
    Safety::default()
}

/// Order in which the lock was taken: the rank of each attempt that has ever held it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Ranks(BTreeMap<AttemptId, u64>);

impl Ranks {
    fn of(&mut self, attempt: AttemptId) -> u64 {
        let next = self.0.len() as u64;
        *self.0.entry(attempt).or_insert(next)
    }
}

/// At most one client acts under the lock at any real instant.
///
/// The period of a holder begins when it takes the lock and lasts at least until its last act. If it
/// acts after another has taken the lock, there was an instant at which both held it. Nor may a
/// client act under a lock that it has given up.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct AtMostOneHolder {
    newest: Option<(AttemptId, Time)>,
    lost: BTreeSet<AttemptId>,
}

impl<M: Variant<Reference = Lock>> Invariant<M> for AtMostOneHolder {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("AtMostOneHolder", "At most one client acts under the lock at any real instant.")]
    }

    fn check(&mut self, seen: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        for fact in seen.facts() {
            match fact {
                Fact::LockHeld { attempt, .. } => self.newest = Some((*attempt, seen.at)),
                Fact::LockLost { attempt, .. } => {
                    self.lost.insert(*attempt);
                }
                Fact::Acted { attempt } => match self.newest {
                    Some((other, since)) if other.owner != attempt.owner => {
                        let (node, at) = (seen.node, seen.at);
                        let detail = format!(
                            "{node} acted at {at} under {attempt}, and {} has held the lock by {other} since {since}",
                            other.owner
                        );
                        return Err(InvariantViolation::new("AtMostOneHolder", detail));
                    }
                    _ if self.lost.contains(attempt) => {
                        let detail = format!("{} acted under {attempt} after it had given it up", seen.node);
                        return Err(InvariantViolation::new("AtMostOneHolder", detail));
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        Ok(())
    }
}

/// A request to delete a key deletes only what its caller has set.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct OwnLockOnly;

impl<M: Variant<Reference = Lock>> Invariant<M> for OwnLockOnly {
    const COMMUTES: bool = true;

    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("OwnLockOnly", "A request to delete a key deletes only what its caller has set.")]
    }

    fn check(&mut self, seen: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        for fact in seen.facts() {
            if let Fact::KeyDeleted { attempt, by, .. } = fact
                && attempt.owner != by.owner
            {
                let detail = format!("{} deleted for {by} the key that {attempt} had set", seen.node);
                return Err(InvariantViolation::new("OwnLockOnly", detail));
            }
        }
        Ok(())
    }
}

/// A resource accepts no write of an earlier holder than before, even across its crashes.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct TokensNeverDecrease {
    ranks: Ranks,
    newest: BTreeMap<NodeId, (u64, AttemptId)>,
}

impl<M: Variant<Reference = Lock>> Invariant<M> for TokensNeverDecrease {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new(
            "TokensNeverDecrease",
            "A resource accepts no write of an earlier holder than before, even across its crashes.",
        )]
    }

    fn check(&mut self, seen: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        for fact in seen.facts() {
            match fact {
                Fact::LockHeld { attempt, .. } => {
                    self.ranks.of(*attempt);
                }
                Fact::WriteAccepted { attempt, .. } => {
                    let rank = self.ranks.of(*attempt);
                    match self.newest.insert(seen.node, (rank, *attempt)) {
                        Some((before, newer)) if before > rank => {
                            let detail =
                                format!("{} wrote under {attempt} after {newer}, which took the lock later", seen.node);
                            return Err(InvariantViolation::new("TokensNeverDecrease", detail));
                        }
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// While a resource does one write, it begins none of another holder.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct OneWriteAtATime {
    under_way: BTreeMap<NodeId, BTreeSet<AttemptId>>,
}

impl<M: Variant<Reference = Lock>> Invariant<M> for OneWriteAtATime {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new(
            "OneWriteAtATime",
            "While a resource does one write, it begins none of another holder.",
        )]
    }

    fn check(&mut self, seen: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        if seen.kind != quorate_protocol::StepKind::Step {
            self.under_way.remove(&seen.node);
        }
        for fact in seen.facts() {
            match fact {
                Fact::WriteBegan { attempt } => {
                    let under_way = self.under_way.entry(seen.node).or_default();
                    if let Some(other) = under_way.iter().find(|other| other.owner != attempt.owner) {
                        let detail =
                            format!("{} began to write under {attempt} while it wrote under {other}", seen.node);
                        return Err(InvariantViolation::new("OneWriteAtATime", detail));
                    }
                    under_way.insert(*attempt);
                }
                Fact::WriteAccepted { attempt, .. } => {
                    if let Some(under_way) = self.under_way.get_mut(&seen.node) {
                        under_way.remove(attempt);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}
