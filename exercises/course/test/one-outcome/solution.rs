//! Invariant: one outcome.

use std::collections::{BTreeMap, BTreeSet};

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::prelude::*;
use quorate_exercises::two_phase::*;

/// A transaction has one outcome, and a commit has every yes (BHG §7.3, AC1 to AC3).
#[derive(Clone, Default)]
struct OneOutcome {
    /// The first outcome that anybody has said.
    outcomes: BTreeMap<Txn, Outcome>,
    /// The participants that have not voted yes.
    missing: BTreeMap<Txn, BTreeSet<NodeId>>,
}

impl Watch for OneOutcome {
    type Fact = Fact;

    fn see(&mut self, node: NodeId, fact: &Fact) -> Result<(), String> {
        match fact {
            Fact::Began { txn, participants, .. } => {
                self.missing.insert(*txn, participants.clone());
            }
            Fact::Prepared { txn, .. } => {
                self.missing.entry(*txn).and_modify(|missing| {
                    missing.remove(&node);
                });
            }
            Fact::Decided { txn, outcome } | Fact::Finished { txn, outcome } => {
                let first = *self.outcomes.entry(*txn).or_insert(*outcome);
                if first != *outcome {
                    return Err(format!("{node} has {txn} {outcome}, and it was {first} before"));
                }
                let missing = self.missing.get(txn).and_then(|missing| missing.first());
                if let (Outcome::Commit, Some(missing)) = (outcome, missing) {
                    return Err(format!("{node} commits {txn}, and {missing} has not voted yes"));
                }
            }
            Fact::Blocked { .. } => {}
        }
        Ok(())
    }
}

hand_in!("test-one-outcome", Watcher::<OneOutcome>::default());
