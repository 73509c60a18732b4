//! The invariant: a property that must hold after every step of every run.

use std::collections::BTreeMap;

use quorate::protocol::{Invariant, InvariantSummary, InvariantViolation, RequestId, StepView};

use super::machine::TwoPhaseCommit;
use super::message::{Fact, Outcome};

/// Invariant: no two nodes decide a transaction differently.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Atomicity {
    outcomes: BTreeMap<RequestId, Outcome>,
}

impl Invariant<TwoPhaseCommit> for Atomicity {
    /// Outcomes that contradict each other do so in either order, so the search may take one order
    /// of two independent steps.
    const COMMUTES: bool = true;

    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("Atomicity", "No two nodes decide a transaction differently.")]
    }

    fn check(&mut self, seen: &StepView<'_, TwoPhaseCommit>) -> Result<(), InvariantViolation> {
        for fact in seen.facts() {
            let Fact::Decided { transaction, outcome } = *fact else { continue };
            let first = *self.outcomes.entry(transaction).or_insert(outcome);
            if first != outcome {
                let detail = format!("{transaction} is {outcome:?} on {}, and {first:?} on another node", seen.node);
                return Err(InvariantViolation::new("Atomicity", detail));
            }
        }
        Ok(())
    }
}
