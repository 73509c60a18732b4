//! What need not be searched, because it could show nothing new.

/// What need not be searched, because it could show nothing new. All of it is on unless it is switched off.
///
/// None of it changes whether something breaks, which goals are reached, nor how long the shortest runs to either are; goals must not
/// ask that a message or an armed timer be *absent*. `idle` and `losses` rest on one fact: a message may stay in the network for
/// ever, so *without* a message nothing is possible that is not possible with it. `order` rests on another: steps of different
/// nodes do not see each other.
///
/// # Why the order may be chosen
///
/// Suppose that in a state `s` a message may arrive at X and another step may be taken by Y. Taken in either order they lead to the
/// same state, because a step changes its own node, uses up its own input and adds messages: at most the invariants can tell the
/// two orders apart, and those that are [blind to it](quorate_protocol::Invariant::ORDER_BLIND) do not. So where Y's step was
/// taken first though X's comes first in the list of actions, X's delivery *sleeps*: it is not taken until something else happens
/// at X. These are the sleep sets of Godefroid (*Partial-Order Methods for the Verification of Concurrent Systems*, 1996, ch. 5).
///
/// With states that are reached in many ways, sleep sets alone may lose states. Here they lose none, nor is one reached later than it
/// could be. Write each run as the list of its actions, and compare runs of one length as words in a dictionary. The search meets
/// the states of a level in just that order, and keeps the first run to each (its origin, from which counterexamples are rebuilt): so, by induction
/// over the depth, the first run to every state is the least among the shortest ones, and so are all its beginnings. Were the
/// last action of that run asleep, then moving it forward, before the step that it commutes with, would give a smaller run of the
/// same length to the same state: there is none. So no action of a least run is ever asleep, and every state is met at its
/// depth. Renaming nodes changes no length and turns runs into runs, so the same holds for classes of states under a symmetry.
/// What is saved is successors: each state is made in fewer ways.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Reductions {
    /// Steps that leave everything as it is, apart from the message, timer or last request that is gone, are not made: whatever is
    /// possible afterwards is possible without them, one step earlier.
    pub idle: bool,
    /// Messages are not lost: whatever is possible afterwards is possible while the message is merely late.
    pub losses: bool,
    /// Of two steps of different nodes that may follow each other in either order, one order is taken.
    pub order: bool,
}

impl Reductions {
    /// All of them.
    pub const ALL: Reductions = Reductions { idle: true, losses: true, order: true };
    /// None: every action is taken.
    pub const NONE: Reductions = Reductions { idle: false, losses: false, order: false };
}
