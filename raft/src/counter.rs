//! A replicated counter: the smallest useful state machine; its sum shows if a command was applied
//! twice.

use serde::{Deserialize, Serialize};

use crate::state_machine::StateMachine;

/// A replicated number. It starts at 0 and wraps around on overflow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Counter(pub i64);

/// The command that adds to the counter; the reply is the sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Add(pub i64);

/// The query for the counter's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CounterQuery;

impl StateMachine for Counter {
    type Command = Add;
    type Query = CounterQuery;
    type Reply = i64;
    type Piece = i64;

    fn apply(&mut self, &Add(amount): &Add) -> i64 {
        self.0 = self.0.wrapping_add(amount);
        self.0
    }

    fn query(&self, _: &CounterQuery) -> i64 {
        self.0
    }

    fn pieces(&self) -> Vec<i64> {
        vec![self.0]
    }

    fn assemble(mut pieces: impl Iterator<Item = i64>) -> Self {
        Counter(pieces.next().unwrap_or_default())
    }

    fn summary(&self) -> String {
        self.0.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_wraps_and_comes_back_from_its_pieces() {
        let mut counter = Counter::default();
        assert_eq!(counter.apply(&Add(i64::MAX)), i64::MAX);
        assert_eq!(counter.apply(&Add(1)), i64::MIN);
        assert_eq!(Counter::assemble(counter.pieces().into_iter()), counter);
        assert_eq!(counter.query(&CounterQuery), i64::MIN);
    }
}
