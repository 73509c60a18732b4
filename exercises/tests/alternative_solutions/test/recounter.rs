//! Alternative invariant that does not trust reported results: keeps all votes in a list, and
//! counts them again after each.

use quorate_exercises::grade::test::{Watch, Watcher};
use quorate_exercises::paxos::*;
use quorate_exercises::prelude::*;

#[derive(Clone, Default)]
struct Recounter {
    votes: Vec<(NodeId, Ballot, Value)>,
    /// Values that a node believes chosen, rightly or not: others will act on them.
    believed: Vec<Value>,
}

impl Recounter {
    /// Values that two different acceptors have voted for in one ballot.
    fn chosen(&self) -> impl Iterator<Item = &Value> {
        self.votes.iter().filter(|(node, ballot, value)| {
            self.votes.iter().any(|(other, same, too)| (other, same, too) > (node, ballot, value) && same == ballot && too == value && other != node)
        }).map(|(_, _, value)| value)
    }
}

impl Watch for Recounter {
    type Fact = Fact;

    fn see(&mut self, node: NodeId, fact: &Fact) -> Result<(), String> {
        match fact {
            Fact::Accepted { ballot, value } => self.votes.push((node, *ballot, value.clone())),
            Fact::Chosen { value, .. } => self.believed.push(value.clone()),
            Fact::Promised { .. } | Fact::Proposed { .. } => return Ok(()),
        }
        let mut chosen = self.chosen().chain(&self.believed);
        let Some(first) = chosen.next() else { return Ok(()) };
        match chosen.find(|other| *other != first) {
            Some(other) => Err(format!("some agree on {first}, and some on {other}")),
            None => Ok(()),
        }
    }
}

hand_in!("test-one-chosen", Watcher::<Recounter>::default());
