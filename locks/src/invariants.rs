//! Invariants of a lock, judged by true time and by what all nodes do, which no node knows.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::{Invariant, InvariantSummary, InvariantViolation, Machine, NodeId, StepKind, StepView, Time};

use crate::config::{Config, Guard};
use crate::coordination;
use crate::id::AttemptId;
use crate::message::Fact;
use crate::sequencer::LockMode;

/// Type of all invariants of a lock.
pub type Safety = (AtMostOneHolder, OwnLockOnly, TokensNeverDecrease, OneWriteAtATime, NoLostWrite);

/// All invariants of a lock, under any rulebook.
pub fn invariants() -> Safety {
    Safety::default()
}

/// All invariants of a lock; of the order of writes those alone that the guards promise, so that a
/// run compares guards and goes on where one of them is fooled.
pub fn promised_invariants(config: &Config) -> Safety {
    let none = |promise: fn(Guard) -> bool| {
        let others = config.others.iter().filter(|(_, guard)| !promise(*guard)).map(|(node, _)| *node);
        others.chain(config.resource.filter(|_| !promise(config.guard))).collect()
    };
    let mut safety = Safety::default();
    safety.2.exempt = none(Guard::needs_order);
    safety.3.exempt = none(|guard| guard != Guard::FenceInTwoSteps);
    safety
}

/// A fact that may tell of a lock.
pub trait LockFact {
    /// Whether the numbers of all clients' attempts are in one order, that of the locks.
    const IS_ORDERED: bool;

    /// The event in the life of a lock that it tells of.
    fn event(&self) -> Option<LockEvent>;
}

/// An event in the life of a lock.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LockEvent {
    /// A client holds the lock.
    Held(AttemptId, LockMode),
    /// It has acted under it.
    Acted(AttemptId),
    /// It no longer holds it.
    Lost(AttemptId),
    /// The service has freed the lock of the first, because the second client has asked for it.
    Freed(AttemptId, NodeId),
    /// The service lets the lock of the first live longer, because the second client has asked.
    Extended(AttemptId, NodeId),
    /// A resource has begun a write that takes more than one step.
    WriteBegan(AttemptId),
    /// A resource has written.
    Wrote(AttemptId),
    /// A holder has read the resource; the second is the lock of the newest write that it found.
    Opened(AttemptId, Option<AttemptId>),
    /// A write is on a majority of the replicas.
    Completed(AttemptId),
}

impl LockFact for Fact {
    const IS_ORDERED: bool = false;

    fn event(&self) -> Option<LockEvent> {
        Some(match self {
            Fact::LockHeld { attempt, .. } => LockEvent::Held(*attempt, LockMode::Exclusive),
            Fact::Acted { attempt } => LockEvent::Acted(*attempt),
            Fact::LockLost { attempt, .. } => LockEvent::Lost(*attempt),
            Fact::KeyDeleted { attempt, by, .. } => LockEvent::Freed(*attempt, by.owner),
            Fact::WriteBegan { attempt } => LockEvent::WriteBegan(*attempt),
            Fact::WriteAccepted { attempt, .. } => LockEvent::Wrote(*attempt),
            Fact::KeyExtended { attempt, by, .. } => LockEvent::Extended(*attempt, by.owner),
            Fact::ResourceOpened { attempt, found } => LockEvent::Opened(*attempt, *found),
            Fact::WriteCompleted { attempt, .. } => LockEvent::Completed(*attempt),
            Fact::KeySet { .. }
            | Fact::KeyExpired { .. }
            | Fact::WriteRefused { .. }
            | Fact::OlderFileWritten { .. }
            | Fact::WritesUndone { .. }
            | Fact::WritesCommitted { .. }
            | Fact::LockExtended { .. } => return None,
        })
    }
}

impl LockFact for coordination::Fact {
    const IS_ORDERED: bool = true;

    fn event(&self) -> Option<LockEvent> {
        use coordination::Fact;

        Some(match self {
            Fact::LockHeld { attempt, mode, .. } => LockEvent::Held(*attempt, *mode),
            Fact::Acted { attempt } => LockEvent::Acted(*attempt),
            Fact::LockLost { attempt, .. } => LockEvent::Lost(*attempt),
            Fact::NodeDeleted { attempt, by } | Fact::LockReleased { attempt, by } => LockEvent::Freed(*attempt, *by),
            Fact::Resource(fact) => return fact.event(),
            Fact::Raft(_)
            | Fact::LeaderElected { .. }
            | Fact::SessionEnded { .. }
            | Fact::Woken
            | Fact::InJeopardy { .. } => return None,
        })
    }
}

fn events<'a, M: Machine<Fact: LockFact>>(seen: &'a StepView<'_, M>) -> impl Iterator<Item = LockEvent> + 'a {
    seen.facts().filter_map(LockFact::event)
}

/// Order in which the lock was taken: the rank of each attempt that has ever held it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Ranks(BTreeMap<AttemptId, u64>);

impl Ranks {
    fn of<F: LockFact>(&mut self, attempt: AttemptId) -> u64 {
        if F::IS_ORDERED {
            return attempt.number;
        }
        let next = self.0.len() as u64;
        *self.0.entry(attempt).or_insert(next)
    }
}

/// At most one client acts under the lock at any real instant; or several, if all hold it in shared
/// mode.
///
/// The period of a holder begins when it takes the lock and lasts at least until its last act. If
/// it acts after another has taken the lock, there was an instant at which both held it. Nor may a
/// client act under a lock that it has given up.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct AtMostOneHolder {
    /// The newest holder in exclusive mode.
    newest: Option<(AttemptId, Time)>,
    /// The holders in shared mode since.
    readers: BTreeMap<AttemptId, Time>,
    lost: BTreeSet<AttemptId>,
}

impl AtMostOneHolder {
    /// A client that has taken the lock after this one, in a mode that excludes it, and when.
    fn excluded_by(&self, attempt: AttemptId) -> Option<(AttemptId, Time)> {
        if self.readers.contains_key(&attempt) {
            return None;
        }
        let newest = self.newest.filter(|(other, _)| other.owner != attempt.owner);
        let reader = self.readers.iter().find(|(other, _)| other.owner != attempt.owner);
        newest.or(reader.map(|(other, since)| (*other, *since)))
    }
}

impl<M: Machine<Fact: LockFact>> Invariant<M> for AtMostOneHolder {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("AtMostOneHolder", "At most one client acts under the lock at any real instant.")]
    }

    fn check(&mut self, seen: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        for event in events(seen) {
            match event {
                LockEvent::Held(attempt, LockMode::Exclusive) => {
                    self.newest = Some((attempt, seen.at));
                    self.readers.clear();
                }
                LockEvent::Held(attempt, LockMode::Shared) => {
                    self.readers.insert(attempt, seen.at);
                }
                LockEvent::Lost(attempt) => {
                    self.lost.insert(attempt);
                }
                LockEvent::Acted(attempt) => match self.excluded_by(attempt) {
                    Some((other, since)) => {
                        let (node, at) = (seen.node, seen.at);
                        let detail = format!(
                            "{node} acted at {at} under {attempt}, and {} has held the lock by {other} since {since}",
                            other.owner
                        );
                        return Err(InvariantViolation::new("AtMostOneHolder", detail));
                    }
                    None if self.lost.contains(&attempt) => {
                        let detail = format!("{} acted under {attempt} after it had given it up", seen.node);
                        return Err(InvariantViolation::new("AtMostOneHolder", detail));
                    }
                    None => {}
                },
                _ => {}
            }
        }
        Ok(())
    }
}

/// A request to delete a key, or to let it live longer, concerns only what its caller has set.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct OwnLockOnly;

impl<M: Machine<Fact: LockFact>> Invariant<M> for OwnLockOnly {
    const COMMUTES: bool = true;

    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new(
            "OwnLockOnly",
            "A request to delete or extend a key concerns only what its caller has set.",
        )]
    }

    fn check(&mut self, seen: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        for event in events(seen) {
            let (attempt, by, done) = match event {
                LockEvent::Freed(attempt, by) => (attempt, by, "deleted"),
                LockEvent::Extended(attempt, by) => (attempt, by, "extended"),
                _ => continue,
            };
            if attempt.owner != by {
                let detail = format!("{} {done} for {by} the key that {attempt} had set", seen.node);
                return Err(InvariantViolation::new("OwnLockOnly", detail));
            }
        }
        Ok(())
    }
}

/// A resource accepts no write of an earlier holder than before, even across its crashes.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct TokensNeverDecrease {
    /// Resources of which it is not asked.
    exempt: BTreeSet<NodeId>,
    ranks: Ranks,
    newest: BTreeMap<NodeId, (u64, AttemptId)>,
}

impl<M: Machine<Fact: LockFact>> Invariant<M> for TokensNeverDecrease {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new(
            "TokensNeverDecrease",
            "A resource accepts no write of an earlier holder than before, even across its crashes.",
        )]
    }

    fn check(&mut self, seen: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        for event in events(seen) {
            match event {
                LockEvent::Held(attempt, _) => {
                    self.ranks.of::<M::Fact>(attempt);
                }
                LockEvent::Wrote(attempt) if !self.exempt.contains(&seen.node) => {
                    let rank = self.ranks.of::<M::Fact>(attempt);
                    match self.newest.insert(seen.node, (rank, attempt)) {
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
    /// Resources of which it is not asked.
    exempt: BTreeSet<NodeId>,
    under_way: BTreeMap<NodeId, BTreeSet<AttemptId>>,
}

impl<M: Machine<Fact: LockFact>> Invariant<M> for OneWriteAtATime {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new(
            "OneWriteAtATime",
            "While a resource does one write, it begins none of another holder.",
        )]
    }

    fn check(&mut self, seen: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        if seen.kind != StepKind::Step {
            self.under_way.remove(&seen.node);
        }
        for event in events(seen) {
            match event {
                LockEvent::WriteBegan(attempt) if !self.exempt.contains(&seen.node) => {
                    let under_way = self.under_way.entry(seen.node).or_default();
                    if let Some(other) = under_way.iter().find(|other| other.owner != attempt.owner) {
                        let detail =
                            format!("{} began to write under {attempt} while it wrote under {other}", seen.node);
                        return Err(InvariantViolation::new("OneWriteAtATime", detail));
                    }
                    under_way.insert(attempt);
                }
                LockEvent::Wrote(attempt) => {
                    if let Some(under_way) = self.under_way.get_mut(&seen.node) {
                        under_way.remove(&attempt);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// A holder that has read the resource knows of every write that an earlier holder completes.
///
/// Otherwise it goes on from an older value: a write is complete, its writer is told so, and it is
/// lost.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct NoLostWrite {
    ranks: Ranks,
    /// The newest write that each holder has found, by the rank of the holder.
    opened: BTreeMap<u64, (AttemptId, Option<u64>)>,
    /// The writes that are complete, by the rank of the writer.
    completed: BTreeMap<u64, AttemptId>,
}

impl NoLostWrite {
    /// A holder that has read the resource, and an earlier one whose complete write it missed.
    fn lost(&self) -> Option<(AttemptId, AttemptId)> {
        self.opened.iter().find_map(|(reader, (opened, found))| {
            let mut earlier = self.completed.range(..*reader);
            earlier.find(|(writer, _)| *found < Some(**writer)).map(|(_, attempt)| (*opened, *attempt))
        })
    }
}

impl<M: Machine<Fact: LockFact>> Invariant<M> for NoLostWrite {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new(
            "NoLostWrite",
            "A holder that has read the resource knows of every write that an earlier holder completes.",
        )]
    }

    fn check(&mut self, seen: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        for event in events(seen) {
            match event {
                LockEvent::Held(attempt, _) => {
                    self.ranks.of::<M::Fact>(attempt);
                }
                LockEvent::Opened(attempt, found) => {
                    let found = found.map(|found| self.ranks.of::<M::Fact>(found));
                    self.opened.insert(self.ranks.of::<M::Fact>(attempt), (attempt, found));
                }
                LockEvent::Completed(attempt) => {
                    self.completed.insert(self.ranks.of::<M::Fact>(attempt), attempt);
                }
                _ => continue,
            }
            if let Some((reader, writer)) = self.lost() {
                let detail =
                    format!("a write under {writer} is complete, and {reader} had read the resource without it");
                return Err(InvariantViolation::new("NoLostWrite", detail));
            }
        }
        Ok(())
    }
}
