//! Invariants of Snowflake ids, checked from outside.

use std::collections::BTreeMap;

use quorate_protocol::{Invariant, InvariantSummary, InvariantViolation, NodeId, StepView, Time};

use super::config::TICK;
use super::id::Id;
use super::message::Fact;
use super::node::Snowflake;

type Step<'a> = StepView<'a, Snowflake>;
type Checked = Result<(), InvariantViolation>;

fn issued<'a>(seen: &Step<'a>) -> impl Iterator<Item = Id> + use<'a> {
    seen.facts().filter_map(|fact| match fact {
        Fact::Issued { id } => Some(*id),
        Fact::Leased { .. } => None,
    })
}

/// No id is issued twice.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct UniqueIds(BTreeMap<Id, NodeId>);

impl Invariant<Snowflake> for UniqueIds {
    // The set of ids is the same in either order, and a pair that is equal is found in both.
    const COMMUTES: bool = true;

    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("UniqueIds", "No id is issued twice.")]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        for id in issued(seen) {
            if let Some(first) = self.0.insert(id, seen.node) {
                let detail = format!("{first} and {} have issued {id}", seen.node);
                return Err(InvariantViolation::new("UniqueIds", detail));
            }
        }
        Ok(())
    }
}

/// Each node issues its ids in increasing order, also over a restart.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct IncreasingAtEachNode(BTreeMap<NodeId, Id>);

impl Invariant<Snowflake> for IncreasingAtEachNode {
    // It compares the ids of one node alone.
    const COMMUTES: bool = true;

    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("IncreasingAtEachNode", "Each node issues its ids in increasing order.")]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        for id in issued(seen) {
            if let Some(before) = self.0.insert(seen.node, id)
                && before >= id
            {
                let detail = format!("{} issues {id} after {before}", seen.node);
                return Err(InvariantViolation::new("IncreasingAtEachNode", detail));
            }
        }
        Ok(())
    }
}

/// Of two ids whose moments are more than twice the clock error and a tick apart, the later one is
/// larger, whichever nodes issue them.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct RoughlyOrdered {
    /// The largest id of all moments so far, at each moment at which it grew.
    largest: Vec<(Time, Id)>,
}

impl Invariant<Snowflake> for RoughlyOrdered {
    fn summaries(&self) -> Vec<InvariantSummary> {
        let says = "Of two ids that are further apart than the clocks are, the later one is larger.";
        vec![InvariantSummary::new("RoughlyOrdered", says)]
    }

    fn check(&mut self, seen: &Step<'_>) -> Checked {
        let apart = seen.constants.config().clock_error * 2 + TICK;
        for id in issued(seen) {
            let long_ago = self.largest.partition_point(|(at, _)| *at + apart <= seen.at);
            if let Some((at, before)) = long_ago.checked_sub(1).and_then(|index| self.largest.get(index))
                && *before >= id
            {
                let detail = format!("{} issues {id}, {:?} after {before}", seen.node, seen.at.since(*at));
                return Err(InvariantViolation::new("RoughlyOrdered", detail));
            }
            if self.largest.last().is_none_or(|(_, largest)| *largest < id) {
                self.largest.push((seen.at, id));
            }
        }
        Ok(())
    }
}

/// All invariants of Snowflake ids.
pub type Safety = (UniqueIds, IncreasingAtEachNode, RoughlyOrdered);
