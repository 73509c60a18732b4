//! Reductions of the state space that preserve all verdicts.

/// Reductions of the state space: actions that need not be searched, because they show nothing new.
/// All reductions are on by default.
///
/// No reduction changes whether an invariant is violated, which goals are reached, or the length of
/// the shortest runs to either; goals must not require that a message or an armed timer be
/// *absent*. `idle` and `losses` rely on one fact: a message may stay in the network forever, so
/// everything that is possible *without* a message is possible with it. `order` relies on another:
/// steps of different nodes do not see each other.
///
/// # Why the order may be chosen
///
/// Suppose that in a state `s` a message may be delivered to X, and Y may take another step. Both
/// orders lead to the same state, because a step changes its own node, consumes its own input and
/// adds messages: at most the invariants can distinguish the two orders, and those that are
/// [independent of the order](quorate_protocol::Invariant::COMMUTES) do not. So where Y's step
/// was taken first although X's comes first in the list of actions, X's delivery *sleeps*: it is
/// not taken until something else happens at X. These are the sleep sets of Godefroid
/// (*Partial-Order Methods for the Verification of Concurrent Systems*, 1996, ch. 5).
///
/// If states are reached along several paths, sleep sets alone may lose states. Here they lose
/// none, and no state is reached later than without them. Write each run as the list of its
/// actions, and compare runs of the same length lexicographically. The search visits the states of
/// a level in exactly that order, and keeps the first run to each (its origin, from which
/// counterexamples are rebuilt): so, by induction over the depth, the first run to every state is
/// the least among the shortest ones, and so are all its prefixes. If the last action of that run
/// were asleep, moving it forward, before the step that it commutes with, would give a smaller run
/// of the same length to the same state: there is none. So no action of a least run is ever asleep,
/// and every state is found at its depth. A permutation of the nodes maps runs to runs of the same
/// length, so the same holds for classes of states under a symmetry. The reduction saves
/// successors: each state is generated in fewer ways.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Reductions {
    /// Skips steps that change nothing except for consuming their message, timer or last request:
    /// everything that is possible afterwards is possible without them, one step earlier.
    pub idle: bool,
    /// Skips message loss: everything that is possible afterwards is possible while the message is
    /// merely delayed.
    pub losses: bool,
    /// Takes only one order of two steps of different nodes that may follow each other in either
    /// order.
    pub order: bool,
}

impl Reductions {
    /// All reductions.
    pub const ALL: Reductions = Reductions { idle: true, losses: true, order: true };
    /// No reductions: every action is taken.
    pub const NONE: Reductions = Reductions { idle: false, losses: false, order: false };
}
