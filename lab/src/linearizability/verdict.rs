//! Results of a linearizability check.

use super::CallId;
use super::limits::{Cost, StopReason};

/// A verdict and its cost.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// Whether the history is linearizable.
    pub verdict: Verdict,
    /// The cost of the check.
    pub cost: Cost,
}

/// Whether a history is linearizable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It is.
    Linearizable {
        /// One order that explains it. Calls that are not listed did not take effect.
        order: Vec<CallId>,
    },
    /// It is not.
    NotLinearizable(Refutation),
    /// A limit ended the check. Nothing is proven.
    Unknown {
        /// The limit.
        stop: StopReason,
        /// Number of objects that were found linearizable before.
        explained: usize,
    },
}

/// A refutation: the point at which a history stops being linearizable.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refutation {
    /// Number of events in the longest linearizable prefix. The event after the prefix is the
    /// answer that no order explains. In a prefix, a call without an answer yet may have taken
    /// effect or not, whatever it returned later; only a call that failed in the end is left out of
    /// all prefixes.
    pub prefix: usize,
    /// One order that explains the prefix, of the calls on the object that the answer came from. A
    /// call that is pending at the end of the prefix is listed if it must have taken effect.
    pub order: Vec<CallId>,
    /// The calls that could not be placed: first the one whose answer cannot be explained, then
    /// those on the same object that were pending at that time and that the order does without.
    pub unplaced: Vec<CallId>,
    /// Whether `prefix` is the longest. `false` if a limit ended the search for a longer prefix or,
    /// on other objects, for a shorter one; non-linearizability is proven all the same.
    pub exact: bool,
}
