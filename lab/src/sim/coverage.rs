//! Coverage of a run: counts of rules, boots and crashes, so that a suite can tell whether it
//! tested anything.

use std::collections::BTreeMap;

use quorate_protocol::{Invariant, InvariantViolation, Machine, StepKind, StepView};

/// Counts rules, boots and crashes. It is an invariant that always holds.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Coverage<M: Machine> {
    rules: BTreeMap<M::Rule, u64>,
    boots: u64,
    crashes: u64,
}

impl<M: Machine> Default for Coverage<M> {
    fn default() -> Self {
        Coverage { rules: BTreeMap::new(), boots: 0, crashes: 0 }
    }
}

impl<M: Machine> Coverage<M> {
    /// Returns the number of times that a rule fired.
    pub fn of(&self, rule: M::Rule) -> u64 {
        self.rules.get(&rule).copied().unwrap_or_default()
    }

    /// Returns every rule that fired, with its count.
    pub fn rules(&self) -> impl Iterator<Item = (M::Rule, u64)> + '_ {
        self.rules.iter().map(|(rule, count)| (*rule, *count))
    }

    /// Returns the number of boots.
    pub fn boots(&self) -> u64 {
        self.boots
    }

    /// Returns the number of crashes.
    pub fn crashes(&self) -> u64 {
        self.crashes
    }

    /// Adds the counts of another run.
    pub fn add(&mut self, other: &Coverage<M>) {
        for (rule, count) in other.rules() {
            *self.rules.entry(rule).or_default() += count;
        }
        self.boots += other.boots;
        self.crashes += other.crashes;
    }
}

impl<M: Machine> Invariant<M> for Coverage<M> {
    fn check(&mut self, seen: &StepView<'_, M>) -> Result<(), InvariantViolation> {
        match seen.kind {
            StepKind::Boot => self.boots += 1,
            StepKind::Crash => self.crashes += 1,
            StepKind::Step => {}
        }
        for rule in seen.out.rules() {
            *self.rules.entry(rule).or_default() += 1;
        }
        Ok(())
    }
}
