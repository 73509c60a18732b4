//! Invariants: properties that must hold after every step of every run.

use std::fmt::{self, Debug};
use std::hash::Hash;

use serde::Serialize;

use crate::{Constants, Machine, NodeId, Outbox, RequestId, Time, Variant};

/// A property of all nodes together, checked after every step.
///
/// An invariant may have state, such as what was chosen or who voted for whom. It is plain data, so
/// that a checker can make it part of the states that it compares. A tuple of invariants is an
/// invariant: all of them must hold.
pub trait Invariant<M: Machine>: Clone + Eq + Hash + Debug + Send + 'static {
    /// Whether two consecutive steps of *different* nodes may be checked in either order
    /// (partial-order reduction).
    ///
    /// Set it if the following is true of all pairs of steps neither of which violates the
    /// invariant on its own: both orders violate it or neither does, and the states afterwards lead
    /// to the same verdicts, even if they are not equal. A checker then explores only one of the
    /// two orders. An invariant that counts votes does not depend on their order; one that compares
    /// *before* and *after* among nodes does.
    const COMMUTES: bool = false;

    /// Requirements of this invariant, for the list of checks that a page shows beside a run. Names
    /// are those of its [violations](InvariantViolation). Empty if there is nothing to list, as for
    /// one that only counts.
    fn summaries(&self) -> Vec<InvariantSummary> {
        Vec::new()
    }

    /// Notes that a client has sent a command to a node, so its effects may be observed from now
    /// on.
    fn requested(&mut self, node: NodeId, command: &M::Command) {
        let _ = (node, command);
    }

    /// Checks the latest step.
    ///
    /// # Errors
    /// [`InvariantViolation`], with the values that contradict each other.
    fn check(&mut self, step: &StepView<'_, M>) -> Result<(), InvariantViolation>;

    /// Checks the latest step, and accepts violations of these invariants, by name: what follows
    /// from a broken invariant can be shown. A tuple goes on with its other invariants.
    ///
    /// # Errors
    /// The [`InvariantViolation`] of an invariant that is not among them.
    fn check_except(&mut self, step: &StepView<'_, M>, accepted: &[&'static str]) -> Result<(), InvariantViolation> {
        match self.check(step) {
            Err(violation) if accepted.contains(&violation.invariant) => Ok(()),
            checked => checked,
        }
    }

    /// Checks, at the end of a run, the history of the clients: their requests and the answers, in
    /// the order in which the clients observed them.
    ///
    /// # Errors
    /// [`Unexplained`], with the answer that contradicts the others.
    fn conclude(&mut self, heard: &[ClientEvent<M>]) -> Result<(), Unexplained> {
        let _ = heard;
        Ok(())
    }
}

/// An event in the history of the clients.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClientEvent<M: Machine> {
    /// The driver's time.
    pub at: Time,
    /// The request that the event belongs to.
    pub ticket: RequestId,
    /// The event.
    pub kind: ClientEventKind<M>,
}

/// Kind of a client event: the invocation of a request, or a response.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ClientEventKind<M: Machine> {
    /// The first attempt of a request. Later attempts are the same request.
    Invocation(M::Command),
    /// An answer: final or not, once or repeatedly, in time or after the client gave up.
    Response {
        /// The node that answered.
        by: NodeId,
        /// The answer.
        reply: M::Reply,
    },
}

/// An answer that contradicts the history of the clients so far.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unexplained {
    /// Its index in the history.
    pub place: usize,
    /// The violated invariant.
    pub broken: InvariantViolation,
}

/// A global snapshot after a step, as an invariant sees it from outside.
#[derive(Debug)]
pub struct StepView<'a, M: Machine> {
    /// The driver's time, which is the true one and unknown to nodes.
    pub at: Time,
    /// The node that just booted, stepped or crashed.
    pub node: NodeId,
    /// The kind of its step.
    pub kind: StepKind,
    /// Configuration and rulebooks of the nodes.
    pub constants: &'a Constants<M>,
    /// Every node's machine after the step; `None` while it is down. Ordered by id.
    pub machines: &'a [Option<M>],
    /// The node's facts, records and messages in this step. Empty for a crash.
    pub out: &'a Outbox<M>,
}

impl<'a, M: Machine> StepView<'a, M> {
    /// The machine of the node of this step, if it is up.
    pub fn machine(&self) -> Option<&'a M> {
        self.machines.get(self.node.index())?.as_ref()
    }

    /// The machines of all nodes that are up, by id.
    pub fn up(&self) -> impl Iterator<Item = (NodeId, &'a M)> + use<'a, M> {
        (0..).map(NodeId).zip(self.machines).filter_map(|(node, machine)| Some((node, machine.as_ref()?)))
    }

    /// The facts of this step.
    pub fn facts(&self) -> impl Iterator<Item = &'a M::Fact> + use<'a, M> {
        self.out.facts()
    }
}

impl<'a, M: Variant> StepView<'a, M> {
    /// The reference machine of the node of this step, if it is up.
    pub fn reference(&self) -> Option<&'a M::Reference> {
        self.machine().map(M::reference)
    }

    /// The reference machines of all nodes that are up, by id.
    pub fn references(&self) -> impl Iterator<Item = (NodeId, &'a M::Reference)> + use<'a, M> {
        self.up().map(|(node, machine)| (node, machine.reference()))
    }
}

/// Kind of a step.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum StepKind {
    /// The node started, for the first time or again.
    Boot,
    /// The node handled an input.
    Step,
    /// The node crashed.
    Crash,
}

/// The name of an invariant, and in one sentence what it demands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
pub struct InvariantSummary {
    /// Its name, as its violations have it.
    pub name: &'static str,
    /// Requirement that holds after every step.
    pub says: &'static str,
}

impl InvariantSummary {
    /// Creates a summary.
    pub const fn new(name: &'static str, says: &'static str) -> Self {
        InvariantSummary { name, says }
    }
}

/// A violation of an invariant.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct InvariantViolation {
    /// Name of the invariant, such as `AtMostOneChosen`.
    pub invariant: &'static str,
    /// One sentence with the values that contradict each other.
    pub detail: String,
}

impl InvariantViolation {
    /// A violation of the named invariant, with a sentence that describes it.
    pub fn new(invariant: &'static str, detail: impl Into<String>) -> Self {
        InvariantViolation { invariant, detail: detail.into() }
    }
}

impl fmt::Display for InvariantViolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is broken: {}", self.invariant, self.detail)
    }
}

impl std::error::Error for InvariantViolation {}

macro_rules! tuple_of_invariants {
    ($($name:ident)*) => {
        impl<M: Machine, $($name: Invariant<M>),*> Invariant<M> for ($($name,)*) {
            const COMMUTES: bool = true $(&& $name::COMMUTES)*;

            #[allow(non_snake_case, unused_mut)]
            fn summaries(&self) -> Vec<InvariantSummary> {
                let ($($name,)*) = self;
                let mut all = Vec::new();
                $(all.extend($name.summaries());)*
                all
            }

            #[allow(non_snake_case, unused_variables)]
            fn requested(&mut self, node: NodeId, command: &M::Command) {
                let ($($name,)*) = self;
                $($name.requested(node, command);)*
            }

            #[allow(non_snake_case, unused_variables)]
            fn check(&mut self, step: &StepView<'_, M>) -> Result<(), InvariantViolation> {
                let ($($name,)*) = self;
                $($name.check(step)?;)*
                Ok(())
            }

            #[allow(non_snake_case, unused_variables)]
            fn check_except(
                &mut self,
                step: &StepView<'_, M>,
                accepted: &[&'static str],
            ) -> Result<(), InvariantViolation> {
                let ($($name,)*) = self;
                $($name.check_except(step, accepted)?;)*
                Ok(())
            }

            #[allow(non_snake_case, unused_variables)]
            fn conclude(&mut self, heard: &[ClientEvent<M>]) -> Result<(), Unexplained> {
                let ($($name,)*) = self;
                $($name.conclude(heard)?;)*
                Ok(())
            }
        }
    };
}

tuple_of_invariants!();
tuple_of_invariants!(A);
tuple_of_invariants!(A B);
tuple_of_invariants!(A B C);
tuple_of_invariants!(A B C D);
tuple_of_invariants!(A B C D E);
tuple_of_invariants!(A B C D E F);
tuple_of_invariants!(A B C D E F G);
tuple_of_invariants!(A B C D E F G H);
