//! What a check finds out.

use super::CallId;
use super::limits::{Cost, Stop};

/// A verdict, and what it cost.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// Whether the history is linearizable.
    pub verdict: Verdict,
    /// What it took to find out.
    pub cost: Cost,
}

/// Whether a history is linearizable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It is.
    Linearizable {
        /// One order that explains it. Calls that it does not list did not take effect.
        order: Vec<CallId>,
    },
    /// It is not.
    NotLinearizable(Refutation),
    /// A limit ended the check. Neither is proven.
    Unknown {
        /// Which limit.
        stop: Stop,
        /// How many objects were found linearizable before.
        explained: usize,
    },
}

/// Where a history stops being linearizable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refutation {
    /// The longest linearizable prefix: the first so many events of the history. The event that follows them is the
    /// answer that no order explains. In a prefix, a call without an answer yet may have taken effect or not, whatever it
    /// returned later; only a call that failed in the end is left out of all of them.
    pub prefix: usize,
    /// One order that explains the prefix, of the calls on the object that the answer came from. A call that waits at the
    /// end of the prefix is listed if it has to have taken effect.
    pub order: Vec<CallId>,
    /// What could not be placed: first the call whose answer cannot be explained, then those on the same object that
    /// waited at the same time and that the order does without.
    pub unplaced: Vec<CallId>,
    /// Whether `prefix` is the longest. `false` if a limit ended the search for a longer or, on other objects, for a
    /// shorter one; that the history is not linearizable is proven all the same.
    pub exact: bool,
}
