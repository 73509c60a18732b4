//! Invariants: what must hold after every step of every run.

use std::fmt::{self, Debug};
use std::hash::Hash;

use crate::{Constants, Machine, NodeId, Outbox, Ticket, Time, Variant};

/// A claim about all nodes together, judged after every step.
///
/// An invariant may remember: what was chosen, who voted for whom. That memory is plain state, so that a checker can
/// make it part of the states it compares. Tuples of invariants are invariants: all of them must hold.
pub trait Invariant<M: Machine>: Clone + Eq + Hash + Debug + Send + 'static {
    /// Whether it makes no difference in which order two steps of *different* nodes are judged, one right after the other.
    ///
    /// Say so if it is true of all pairs of steps neither of which, taken alone, breaks it: both orders break it or neither does,
    /// and what it remembers afterwards leads to the same judgements, though perhaps in other words. Then a checker need try one
    /// of the two orders. What counts votes is blind to their order; what compares *before* and *after* among nodes is not.
    const ORDER_BLIND: bool = false;

    /// A client has asked a node for something: what may come true from here on.
    fn requested(&mut self, node: NodeId, command: &M::Command) {
        let _ = (node, command);
    }

    /// Judges what just happened.
    ///
    /// # Errors
    /// [`Broken`], with the values that contradict each other.
    fn check(&mut self, seen: &Observed<'_, M>) -> Result<(), Broken>;

    /// Judges, at the end of a run, what clients asked for and were told, in the order in which it
    /// happened to them.
    ///
    /// # Errors
    /// [`Unexplained`], with the answer that contradicts the others.
    fn conclude(&mut self, heard: &[Heard<M>]) -> Result<(), Unexplained> {
        let _ = heard;
        Ok(())
    }
}

/// Something that happened to a client.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Heard<M: Machine> {
    /// The driver's time.
    pub at: Time,
    /// Which request it is about.
    pub ticket: Ticket,
    /// What it was.
    pub word: Word<M>,
}

/// A client's side of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Word<M: Machine> {
    /// It asks, for the first time. Later attempts are the same request.
    Asks(M::Command),
    /// It is answered: finally or not, once or more often, in time or after it gave up.
    Told {
        /// By whom.
        by: NodeId,
        /// What.
        reply: M::Reply,
    },
}

/// An answer that contradicts what clients were told before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unexplained {
    /// Its place in what clients heard.
    pub place: usize,
    /// What it breaks.
    pub broken: Broken,
}

/// What an invariant sees: everything, from outside.
#[derive(Debug)]
pub struct Observed<'a, M: Machine> {
    /// The driver's time, which is the true one: no node knows it.
    pub at: Time,
    /// The node that just booted, stepped or crashed.
    pub node: NodeId,
    /// Which of these it did.
    pub moment: Moment,
    /// What the nodes go by.
    pub constants: &'a Constants<M>,
    /// Every node's machine after the moment; `None` while it is down. Ordered by id.
    pub machines: &'a [Option<M>],
    /// What the node did in it: its facts, records and messages. Empty for a crash.
    pub out: &'a Outbox<M>,
}

impl<'a, M: Machine> Observed<'a, M> {
    /// The machine of the node that just moved, if it is up.
    pub fn machine(&self) -> Option<&'a M> {
        self.machines.get(self.node.index())?.as_ref()
    }

    /// The machines of all nodes that are up, by id.
    pub fn up(&self) -> impl Iterator<Item = (NodeId, &'a M)> + use<'a, M> {
        (0..).map(NodeId).zip(self.machines).filter_map(|(node, machine)| Some((node, machine.as_ref()?)))
    }

    /// What became true in this moment.
    pub fn facts(&self) -> impl Iterator<Item = &'a M::Fact> + use<'a, M> {
        self.out.facts()
    }
}

impl<'a, M: Variant> Observed<'a, M> {
    /// The reference machine of the node that just moved, if it is up.
    pub fn reference(&self) -> Option<&'a M::Reference> {
        self.machine().map(M::reference)
    }

    /// The reference machines of all nodes that are up, by id.
    pub fn references(&self) -> impl Iterator<Item = (NodeId, &'a M::Reference)> + use<'a, M> {
        self.up().map(|(node, machine)| (node, machine.reference()))
    }
}

/// What a node just did.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Moment {
    /// It started, for the first time or again.
    Boot,
    /// It handled an input.
    Step,
    /// It went down.
    Crash,
}

/// An invariant that no longer holds.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Broken {
    /// The invariant, e.g. `AtMostOneChosen`.
    pub invariant: &'static str,
    /// One sentence with the values that contradict each other.
    pub detail: String,
}

impl Broken {
    /// The invariant of that name is broken, as the sentence says.
    pub fn new(invariant: &'static str, detail: impl Into<String>) -> Self {
        Broken { invariant, detail: detail.into() }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is broken: {}", self.invariant, self.detail)
    }
}

impl std::error::Error for Broken {}

macro_rules! tuple_of_invariants {
    ($($name:ident)*) => {
        impl<M: Machine, $($name: Invariant<M>),*> Invariant<M> for ($($name,)*) {
            const ORDER_BLIND: bool = true $(&& $name::ORDER_BLIND)*;

            #[allow(non_snake_case, unused_variables)]
            fn requested(&mut self, node: NodeId, command: &M::Command) {
                let ($($name,)*) = self;
                $($name.requested(node, command);)*
            }

            #[allow(non_snake_case, unused_variables)]
            fn check(&mut self, seen: &Observed<'_, M>) -> Result<(), Broken> {
                let ($($name,)*) = self;
                $($name.check(seen)?;)*
                Ok(())
            }

            #[allow(non_snake_case, unused_variables)]
            fn conclude(&mut self, heard: &[Heard<M>]) -> Result<(), Unexplained> {
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
