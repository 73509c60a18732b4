//! Invariant: only one value is chosen.

use std::collections::{BTreeMap, BTreeSet};

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// Majority of the three acceptors.
const MAJORITY: usize = 2;

/// Only a single value is chosen (Paxos Made Simple §2.1).
#[derive(Clone, Default)]
struct OneChosen {
    voters: BTreeMap<(Ballot, Value), BTreeSet<NodeId>>,
    chosen: Option<Value>,
}

impl OneChosen {
    fn choose(&mut self, value: &Value) -> Result<(), String> {
        let first = self.chosen.get_or_insert_with(|| value.clone());
        if first == value { Ok(()) } else { Err(format!("{first} was chosen, and now {value} is")) }
    }
}

impl Watch for OneChosen {
    type Fact = Fact;

    fn see(&mut self, node: NodeId, fact: &Fact) -> Result<(), String> {
        match fact {
            Fact::Accepted { ballot, value } => {
                let voters = self.voters.entry((*ballot, value.clone())).or_default();
                voters.insert(node);
                if voters.len() < MAJORITY { Ok(()) } else { self.choose(value) }
            }
            Fact::Chosen { value, .. } => self.choose(value),
            Fact::Promised { .. } | Fact::Proposed { .. } => Ok(()),
        }
    }
}

hand_in!("test-one-chosen", Watcher::<OneChosen>::default());
