//! Invariant: acceptors keep their promises.

use std::collections::BTreeMap;

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

/// The ballots that an acceptor promises and accepts never decrease (Paxos Made Simple §2.2).
#[derive(Clone, Default)]
struct PromisesKept {
    highest: BTreeMap<NodeId, Ballot>,
}

impl Watch for PromisesKept {
    type Fact = Fact;

    fn see(&mut self, node: NodeId, fact: &Fact) -> Result<(), String> {
        let ballot = match fact {
            Fact::Promised { ballot } | Fact::Accepted { ballot, .. } => *ballot,
            Fact::Proposed { .. } | Fact::Chosen { .. } => return Ok(()),
        };
        match self.highest.insert(node, ballot) {
            Some(before) if ballot < before => Err(format!("{node} goes back from ballot {before} to {ballot}")),
            _ => Ok(()),
        }
    }
}

hand_in!("test-promises", Watcher::<PromisesKept>::default());
