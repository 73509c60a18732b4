//! The rulebook: each decision of reliable broadcast as one small pure function.
//!
//! ```
//! use quorate_byzantine::broadcast::{BY_THE_BOOK, Rulebook};
//!
//! // A node that accepts what one node is ready for.
//! const TRUSTS_ONE: Rulebook = Rulebook { accepts: |_, readies| readies >= 1, ..BY_THE_BOOK };
//!
//! assert!(BY_THE_BOOK.accepts(1, 3) && !BY_THE_BOOK.accepts(1, 2));
//! assert!(TRUSTS_ONE.accepts(1, 1));
//! ```

use quorate_protocol::NodeId;

quorate_protocol::rulebook! {
    /// The decisions of reliable broadcast. [`BY_THE_BOOK`] follows the paper exactly: `n` nodes,
    /// of which `f` may lie; steps are those of *Bracha* §3.
    pub struct Rulebook;

    /// Step 1: whether an initial message counts.
    fn is_senders(from: NodeId, sender: NodeId) -> bool {
        from == sender
    }

    /// Steps 1 and 2: whether there are enough echoes of a value: more than (n+f)/2, so that any
    /// two such sets have an honest node in common, which echoes one value.
    fn enough_echoes(n: usize, f: usize, echoes: usize) -> bool {
        2 * echoes > n + f
    }

    /// Steps 1 and 2: whether so many readies make a node echo, and be ready: one of f+1 is honest.
    fn follows(f: usize, readies: usize) -> bool {
        readies > f
    }

    /// Step 3: whether a node accepts a value: of 2f+1 that are ready f+1 are honest, so that every
    /// other node will follow them.
    fn accepts(f: usize, readies: usize) -> bool {
        readies > 2 * f
    }

    /// Step 1: whether a node that has echoed a value echoes another.
    fn echoes_again() -> bool {
        false
    }
}
