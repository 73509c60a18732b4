//! Tests: an invariant of the learner's, judged by how many bugs it notices.
//!
//! A [watcher](Watch) hears the facts of a run, one after the other, as they become true: who promised, voted, leads, committed,
//! acted. It sees no machine and no message. It objects when what it hears cannot be.
//!
//! Two things are asked of it. In correct runs it never objects, however stormy they are. And in runs of broken systems, in which
//! the invariant that the exercise is about really breaks, it objects at the very step in which it does, or before. A bug
//! counts as noticed if it is in every run in which it shows.

mod broken;
mod hearing;
mod references;
mod subjects;

#[cfg(test)]
mod tests;

use std::marker::PhantomData;

pub use broken::Score;
pub use quorate_answer::grade::test::Watch;
pub use subjects::Told;

use crate::answer::Answer;
use crate::course::Exercise;
use crate::exam::{Exam, Failed};

/// A watcher, handed in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Watcher<W>(PhantomData<fn() -> W>);

impl<W> Default for Watcher<W> {
    fn default() -> Self {
        Watcher(PhantomData)
    }
}

impl<W: Watch<Fact: Told>> Answer for Watcher<W> {
    fn sit(&self, exercise: &Exercise, exam: &mut Exam) -> Result<(), Failed> {
        W::Fact::examine::<W>(exercise, exam)
    }
}
