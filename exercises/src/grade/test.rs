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

use quorate_protocol::NodeId;

pub use broken::Score;
pub use subjects::Told;

use crate::answer::Answer;
use crate::course::Exercise;
use crate::exam::{Exam, Failed};

/// Somebody who hears what becomes true in a run, and objects to what cannot be.
///
/// ```
/// use quorate_exercises::grade::test::Watch;
/// use quorate_exercises::paxos::Fact;
/// use quorate_protocol::NodeId;
///
/// /// Objects to everything but promises.
/// #[derive(Clone, Default)]
/// struct OnlyPromises;
///
/// impl Watch for OnlyPromises {
///     type Fact = Fact;
///
///     fn see(&mut self, node: NodeId, fact: &Fact) -> Result<(), String> {
///         match fact {
///             Fact::Promised { .. } => Ok(()),
///             other => Err(format!("{node} says {other:?}")),
///         }
///     }
/// }
/// ```
pub trait Watch: Default + Clone + Send + 'static {
    /// What it hears: facts of Paxos, of Raft with its key-value store, or of leases.
    type Fact: Told;

    /// Hears that a fact has become true, as that node knows. Facts come in the order in which they truly happen.
    ///
    /// # Errors
    /// What cannot be, in a sentence with the values that contradict each other.
    fn see(&mut self, node: NodeId, fact: &Self::Fact) -> Result<(), String>;
}

/// A watcher, handed in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Watcher<W>(PhantomData<fn() -> W>);

impl<W> Default for Watcher<W> {
    fn default() -> Self {
        Watcher(PhantomData)
    }
}

impl<W: Watch> Answer for Watcher<W> {
    fn sit(&self, exercise: &Exercise, exam: &mut Exam) -> Result<(), Failed> {
        W::Fact::examine::<W>(exercise, exam)
    }
}
