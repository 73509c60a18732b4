//! The states that wait to be judged, in the order of their discovery.

use std::collections::VecDeque;

use super::Model;
use super::ancestry::Number;

/// How many states are worked on at a time: enough for threads to be worth waking, few enough for what comes of them to stay in
/// a processor's cache.
const BATCH: usize = 1 << 13;
/// How many states of a batch are weighed: the others are taken to be like them.
const WEIGHED: usize = 64;

/// States that wait, in batches. Their size is fixed, so that neither the result nor any count depends on the number of threads.
pub(super) struct Queue<S>(VecDeque<Batch<S>>);

/// States with consecutive numbers.
pub(super) struct Batch<S> {
    pub(super) first: Number,
    pub(super) states: Vec<S>,
    /// What they weigh, once the batch is full.
    bytes: usize,
}

impl<S> Queue<S> {
    pub(super) fn new() -> Self {
        Queue(VecDeque::new())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds states, the first of which has this number. Batches are filled to the brim, whatever they come from.
    pub(super) fn extend<M: Model<State = S>>(&mut self, model: &M, first: Number, states: impl Iterator<Item = S>) {
        for (number, state) in (first..).zip(states) {
            match self.0.back_mut() {
                Some(batch) if batch.states.len() < BATCH => batch.states.push(state),
                full => {
                    if let Some(full) = full {
                        full.weigh(model);
                    }
                    self.0.push_back(Batch { first: number, states: vec![state], bytes: 0 });
                }
            }
        }
    }

    /// Says that nothing will be added any more.
    pub(super) fn close<M: Model<State = S>>(&mut self, model: &M) {
        if let Some(last) = self.0.back_mut() {
            last.weigh(model);
        }
    }

    /// The next batch.
    pub(super) fn pop(&mut self) -> Option<Batch<S>> {
        self.0.pop_front()
    }

    /// How many states wait.
    pub(super) fn len(&self) -> u64 {
        self.0.iter().map(|batch| batch.states.len() as u64).sum()
    }

    /// What they weigh, but for a batch that is still being filled.
    pub(super) fn bytes(&self) -> usize {
        self.0.iter().map(|batch| batch.bytes).sum()
    }
}

impl<S> Batch<S> {
    fn weigh<M: Model<State = S>>(&mut self, model: &M) {
        let stride = self.states.len().div_ceil(WEIGHED).max(1);
        let weighed = self.states.len().div_ceil(stride).max(1);
        let sum: usize = self.states.iter().step_by(stride).map(|state| model.bytes(state)).sum();
        self.bytes = sum * self.states.capacity() / weighed;
    }
}
