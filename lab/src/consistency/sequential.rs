//! Sequential consistency (Lamport 1979): a search for one order of all operations.

use std::collections::BTreeSet;

use super::level::{Outcome, Pattern, Undecided};
use super::operations::Operations;
use super::order::Order;
use super::saturate::saturate;
use super::{SEQUENTIAL_MAX, STATES_MAX};

/// Judges sequential consistency: refutes it by the precedences that answers imply, or else
/// searches for an order. The problem is NP-complete (Gibbons & Korach 1997).
pub(super) fn sequential(operations: &Operations, causal: &Order) -> Outcome {
    let mut order = causal.clone();
    if let Some(contradiction) = saturate(operations, &mut order, None) {
        return Outcome::Broken(contradiction.witness(operations, Pattern::NoOrder, "in any order of all operations"));
    }
    if operations.list.len() > SEQUENTIAL_MAX {
        return Outcome::Undecided(Undecided::TooLong { operations: operations.list.len(), max: SEQUENTIAL_MAX });
    }
    Search::new(operations, &order).run()
}

/// The set of placed operations, and the last write to each register, plus one.
type State = (u64, Vec<u8>);

struct Search<'a> {
    operations: &'a Operations,
    /// Operations that come before each.
    before: Vec<u64>,
}

impl<'a> Search<'a> {
    fn new(operations: &'a Operations, order: &Order) -> Self {
        let set = |after: usize| {
            operations.all().filter(|before| order.has(*before, after)).fold(0_u64, |set, before| set | 1 << before)
        };
        Search { operations, before: operations.all().map(set).collect() }
    }

    fn run(&self) -> Outcome {
        let start = self.read_on((0, vec![0; self.operations.unsettled.len()]));
        let mut seen = BTreeSet::from([start.clone()]);
        let mut stack = vec![start];
        let mut farthest = 0_u64;
        while let Some(state) = stack.pop() {
            if state.0.count_ones() as usize == self.operations.list.len() {
                return Outcome::Holds;
            }
            if state.0.count_ones() > farthest.count_ones() {
                farthest = state.0;
            }
            for write in self.operations.all().filter(|next| self.operations.list[*next].writes()) {
                if !self.is_next(state.0, write) {
                    continue;
                }
                let mut last = state.1.clone();
                last[self.operations.list[write].key] = write as u8 + 1;
                let next = self.read_on((state.0 | 1 << write, last));
                if seen.insert(next.clone()) {
                    if seen.len() > STATES_MAX {
                        return Outcome::Undecided(Undecided::TooManyStates { max: STATES_MAX });
                    }
                    stack.push(next);
                }
            }
        }
        self.exhausted(farthest)
    }

    fn is_next(&self, placed: u64, operation: usize) -> bool {
        placed >> operation & 1 == 0 && self.before[operation] & !placed == 0
    }

    /// Places every read that fits. A read changes nothing, so none is worth waiting for.
    fn read_on(&self, (mut placed, last): State) -> State {
        loop {
            let fits = |&(read, source): &(usize, Option<usize>)| {
                let value = source.map_or(0, |write| write as u8 + 1);
                self.is_next(placed, read) && last[self.operations.list[read].key] == value
            };
            match self.operations.reads().find(fits) {
                Some((read, _)) => placed |= 1 << read,
                None => return (placed, last),
            }
        }
    }

    /// The outcome where no order exists: names a read that the longest try could not place.
    fn exhausted(&self, farthest: u64) -> Outcome {
        let left = || self.operations.reads().filter(|(read, _)| farthest >> read & 1 == 0);
        let stuck = left().find(|(read, _)| self.before[*read] & !farthest == 0).or_else(|| left().next());
        let (read, source) = stuck.unwrap_or((0, None));
        let other = source.or_else(|| self.operations.writes_beside(read).next()).unwrap_or(read);
        let words = |operation: usize| &self.operations.list[operation].words;
        let why = format!(
            "no order of all operations explains them; the longest attempt has no place for {} beside {}",
            words(read),
            words(other)
        );
        Outcome::Broken(self.operations.witness(other, read, Pattern::Exhausted, why))
    }
}
