//! Watchers: a learner's invariants, which receive facts and report violations.

use std::fmt;
use std::marker::PhantomData;

use quorate_protocol::{Data, Names, NodeId};

use crate::network::{States, given, told};
use crate::serve::Answers;
use crate::wire::Question;

/// Invariant over the facts of a run: it receives facts in order and reports contradictions.
///
/// ```
/// use quorate_answer::grade::test::Watch;
/// use quorate_answer::paxos::Fact;
/// use quorate_answer::prelude::NodeId;
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
    /// Type of the facts: of Paxos, of Raft with its key-value store, of leases, of locks, of
    /// two-phase commit, or of the local message table.
    type Fact: Data;

    /// Receives a fact that has become true, as reported by that node. Facts arrive in the order in
    /// which they occur.
    ///
    /// # Errors
    /// A sentence that describes the violation, with the contradicting values.
    fn see(&mut self, node: NodeId, fact: &Self::Fact) -> Result<(), String>;
}

/// Watcher, handed in.
pub struct Watcher<W: Watch> {
    runs: States<(Names, W)>,
    watch: PhantomData<W>,
}

impl<W: Watch> fmt::Debug for Watcher<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watcher").field("runs", &self.runs).finish()
    }
}

impl<W: Watch> Default for Watcher<W> {
    fn default() -> Self {
        Watcher { runs: States::default(), watch: PhantomData }
    }
}

impl<W: Watch> Answers for Watcher<W> {
    fn answer(&mut self, question: &Question<'_>) -> Option<String> {
        let (known, watch) = self.runs.of(question);
        match question.what {
            "names" => {
                let (nodes, clients): (Vec<String>, Vec<String>) = given(question)?;
                *known = Names::new(nodes, clients);
                told(&())
            }
            "see" => known.clone().scope(|| {
                let (node, fact): (NodeId, W::Fact) = given(question)?;
                told(&watch.see(node, &fact).err())
            }),
            _ => None,
        }
    }
}
