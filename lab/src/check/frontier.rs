//! The frontier: states to be checked, in the order of their discovery.

use std::collections::VecDeque;
use std::ops::Range;

use super::Model;
use super::predecessors::Number;

/// Sampling interval: one of this many states is measured, and represents the others.
const WEIGHED: Number = 64;

/// States with consecutive numbers, in the chunks in which they were found. The boundaries of
/// chunks are not observable.
pub(super) struct Frontier<S> {
    chunks: VecDeque<Chunk<S>>,
    /// Numbers of the queued states.
    numbers: Range<Number>,
    /// Sizes in bytes of the queued states whose number is a multiple of [`WEIGHED`], and their
    /// sum.
    weights: VecDeque<usize>,
    weight: usize,
}

/// States with consecutive numbers.
struct Chunk<S> {
    first: Number,
    states: Vec<S>,
}

impl<S> Frontier<S> {
    /// An empty queue. The first state added gets this number.
    pub(super) fn new(first: Number) -> Self {
        Frontier { chunks: VecDeque::new(), numbers: first..first, weights: VecDeque::new(), weight: 0 }
    }

    /// Adds states.
    pub(super) fn push<M: Model<State = S>>(&mut self, model: &M, states: Vec<S>) {
        if states.is_empty() {
            return;
        }
        let first = self.numbers.end;
        self.numbers.end += states.len() as Number;
        let ahead = (WEIGHED - first % WEIGHED) % WEIGHED;
        for state in states.iter().skip(ahead as usize).step_by(WEIGHED as usize) {
            let weight = model.bytes(state);
            self.weights.push_back(weight);
            self.weight += weight;
        }
        self.chunks.push_back(Chunk { first, states });
    }

    /// Returns the numbers of the queued states.
    pub(super) fn numbers(&self) -> Range<Number> {
        self.numbers.clone()
    }

    /// Returns slices of queued states, each with the number of its first state.
    pub(super) fn slices(&self, numbers: Range<Number>) -> impl Iterator<Item = (Number, &[S])> {
        let start = self.chunks.partition_point(|chunk| chunk.first <= numbers.start).saturating_sub(1);
        self.chunks.range(start..).take_while(move |chunk| chunk.first < numbers.end).map(move |chunk| {
            let first = numbers.start.max(chunk.first);
            let end = (numbers.end - chunk.first) as usize;
            (first, &chunk.states[(first - chunk.first) as usize..end.min(chunk.states.len())])
        })
    }

    /// Removes the first states, up to this number. Returns the chunks that are no longer used.
    pub(super) fn forget(&mut self, until: Number) -> Vec<Vec<S>> {
        let weighed = |number: Number| number.div_ceil(WEIGHED);
        let gone = self.weights.drain(..(weighed(until) - weighed(self.numbers.start)) as usize);
        self.weight -= gone.sum::<usize>();
        self.numbers.start = until;
        let spent = self.chunks.iter().take_while(|chunk| chunk.first as usize + chunk.states.len() <= until as usize);
        self.chunks.drain(..spent.count()).map(|chunk| chunk.states).collect()
    }

    /// Returns the estimated size of the queued states in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.weight * WEIGHED as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Any string is a state; its size is its length.
    struct Strings;

    impl Model for Strings {
        type State = String;
        type Action = ();

        fn initial(&self) -> Vec<String> {
            Vec::new()
        }

        fn actions(&self, _: &String, _: &mut Vec<()>) {}

        fn next(&self, _: &String, (): &()) -> Option<String> {
            None
        }

        fn bytes(&self, state: &String) -> usize {
            state.len()
        }
    }

    #[test]
    fn how_it_was_filled_shows_nowhere() {
        for chunk in [1, 7, 64, 100, 300] {
            let all: Vec<String> = (40..340).map(|number| number.to_string()).collect();
            let mut queue = Frontier::new(40);
            for states in all.chunks(chunk) {
                queue.push(&Strings, states.to_vec());
                queue.push(&Strings, Vec::new());
            }
            assert_eq!(queue.numbers(), 40..340);
            assert_eq!(queue.bytes(), (2 + 3 + 3 + 3 + 3) * 64, "64, 128, 192, 256 and 320");
            let mut spent = 0;
            for batch in [40..41, 41..139, 139..140, 140..340] {
                let (mut next, mut seen) = (batch.start, Vec::new());
                for (first, states) in queue.slices(batch.clone()) {
                    assert_eq!(first, next);
                    next += states.len() as Number;
                    seen.extend(states.iter().cloned());
                }
                assert_eq!(seen, all[batch.start as usize - 40..batch.end as usize - 40], "in chunks of {chunk}");
                spent += queue.forget(batch.end).iter().map(Vec::len).sum::<usize>();
                assert_eq!(queue.numbers(), batch.end..340);
            }
            assert_eq!((queue.bytes(), queue.chunks.len(), spent), (0, 0, all.len()));
        }
    }

    #[test]
    fn the_last_numbers_are_like_all_others() {
        let mut queue = Frontier::new(Number::MAX - 3);
        queue.push(&Strings, vec!["a".into(), "b".into(), "c".into()]);
        assert_eq!(queue.numbers(), Number::MAX - 3..Number::MAX);
        assert_eq!(queue.slices(queue.numbers()).map(|(_, states)| states.len()).sum::<usize>(), 3);
        assert_eq!(queue.forget(Number::MAX).len(), 1);
        assert!(queue.numbers().is_empty());
    }
}
