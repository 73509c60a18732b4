//! Adapter from a watcher to an invariant of the simulator.

use std::fmt;
use std::hash::{Hash, Hasher};

use quorate_protocol::{Invariant, InvariantViolation, Machine, NodeId, StepView};

use super::Watch;

/// Name of the violation when a watcher objects in a correct run.
pub(super) const FALSE_ALARM: &str = "FalseAlarm";
/// Name of the violation when a watcher has objected by the time the reference invariant breaks.
pub(super) const NOTICED: &str = "Noticed";

/// Watcher during one run: alone in a correct run, and beside the reference invariant in that of a
/// broken system.
///
/// A correct run ends where the watcher objects. The other ends where the reference invariant
/// breaks: with its name if the watcher has missed the violation, otherwise as noticed.
///
/// The simulator requires invariants that can be compared and printed; a learner's watcher need not
/// support that. Within one grading, the number of facts and the objection identify its state well
/// enough.
#[derive(Clone)]
pub(super) struct FactReplay<W, I = ()> {
    watcher: W,
    fact_count: u64,
    objection: Option<String>,
    reference: Option<I>,
}

impl<W: Watch> FactReplay<W> {
    /// Creates a watcher for a correct run, where any objection is a false alarm.
    pub(super) fn alone() -> Self {
        FactReplay { watcher: W::default(), fact_count: 0, objection: None, reference: None }
    }

    /// Number of facts received.
    pub(super) fn fact_count(&self) -> u64 {
        self.fact_count
    }
}

impl<W: Watch, I> FactReplay<W, I> {
    /// Creates a watcher for the run of a broken system, beside the invariant that breaks there.
    pub(super) fn beside(reference: I) -> Self {
        FactReplay { watcher: W::default(), fact_count: 0, objection: None, reference: Some(reference) }
    }
}

impl<W, M, I> Invariant<M> for FactReplay<W, I>
where
    M: Machine,
    W: Watch<Fact = M::Fact>,
    I: Invariant<M>,
{
    fn requested(&mut self, node: NodeId, command: &M::Command) {
        if let Some(reference) = &mut self.reference {
            reference.requested(node, command);
        }
    }

    fn check(&mut self, seen: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        for fact in seen.facts() {
            // After its objection a watcher needs no more facts.
            if self.objection.is_none() {
                self.fact_count += 1;
                self.objection = self.watcher.see(seen.node, fact).err();
            }
        }
        match (&mut self.reference, &self.objection) {
            (None, None) => Ok(()),
            (None, Some(objection)) => Err(InvariantViolation::new(FALSE_ALARM, objection)),
            (Some(reference), None) => reference.check(seen),
            (Some(reference), Some(objection)) => reference
                .check(seen)
                .map_err(|broken| InvariantViolation::new(NOTICED, format!("{broken}; {objection}"))),
        }
    }
}

impl<W, I> FactReplay<W, I> {
    fn so_far(&self) -> (u64, &Option<String>, &Option<I>) {
        (self.fact_count, &self.objection, &self.reference)
    }
}

impl<W, I: PartialEq> PartialEq for FactReplay<W, I> {
    fn eq(&self, other: &Self) -> bool {
        self.so_far() == other.so_far()
    }
}

impl<W, I: Eq> Eq for FactReplay<W, I> {}

impl<W, I: Hash> Hash for FactReplay<W, I> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.so_far().hash(state);
    }
}

impl<W, I: fmt::Debug> fmt::Debug for FactReplay<W, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Hearing").field(&self.so_far()).finish()
    }
}
