//! Grading of tests: an invariant of the learner's, graded by the number of bugs that it detects.
//!
//! A [watcher](Watch) receives the facts of a run in order as they become true: promises, votes,
//! leaders, commits, acts. It sees no machine and no message. It reports a violation when its facts
//! are contradictory.
//!
//! There are two requirements. In correct runs it never reports one, whatever the faults. And in
//! runs of broken systems, in which the invariant of the exercise really breaks, it reports one in
//! that very step, or before. A bug counts as detected if it is detected in every run in which it
//! shows.

mod broken;
mod majority_register;
mod references;
mod replay_facts;
mod subjects;

#[cfg(test)]
mod tests;

use std::marker::PhantomData;

pub use broken::Score;
pub use quorate_answer::grade::test::Watch;
pub use subjects::FactStream;

use crate::answer::Answer;
use crate::course::Exercise;
use crate::grading::{Failed, Grading};

/// Watcher, handed in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Watcher<W>(PhantomData<fn() -> W>);

impl<W> Default for Watcher<W> {
    fn default() -> Self {
        Watcher(PhantomData)
    }
}

impl<W: Watch<Fact: FactStream>> Answer for Watcher<W> {
    fn grade(&self, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
        W::Fact::examine::<W>(exercise, grading)
    }
}
