//! Logical clocks: they count events instead of time, so that a cause has a smaller stamp than its
//! effects, however wrong the clocks on the wall are.
//!
//! | clock | its stamps say | size |
//! |---|---|---|
//! | [`LamportClock`] | an event with a larger stamp is no cause of this one | a number |
//! | [`VectorClock`] | one event is a cause of the other, or they are concurrent | a number for each process |
//! | [`HybridClock`] | as Lamport's, and about when it was | a time and a number |
//!
//! [`Stamped`] puts any of them around any machine: each message then carries the stamp of the step
//! that sent it, and each step has a stamp.
//!
//! ```
//! use quorate_protocol::{NodeId, Time};
//! use quorate_time::logical::{LogicalClock, VectorClock};
//!
//! let [a, b, c] = [0, 1, 2].map(NodeId);
//! let [mut ann, mut bob, mut cat] = [(); 3].map(|_| VectorClock::default());
//! ann.tick(a, Time::ZERO);             // Ann sends a message,
//! bob.receive(b, &ann, Time::ZERO);    // which Bob receives.
//! cat.tick(c, Time::ZERO);             // Cat has heard of neither.
//!
//! assert_eq!(bob.to_string(), "[1 1]");
//! assert!(ann.is_before(&bob) && !bob.is_before(&ann));
//! assert!(cat.is_concurrent_with(&ann) && cat.is_concurrent_with(&bob));
//! ```

mod hybrid;
mod lamport;
mod stamped;
mod vector;

use std::fmt::Display;

use quorate_protocol::{Data, NodeId, Time};

pub use hybrid::HybridClock;
pub use lamport::LamportClock;
pub use stamped::{Stamped, StampedDisk, StampedMessage, StampedRecord, StampedView};
pub use vector::VectorClock;

/// A clock that counts events. Its value after an event is the stamp of that event.
///
/// Happened-before (Lamport, *Time, Clocks, and the Ordering of Events*, 1978) is the order of the
/// events of each process, and of the sending of each message before its receipt. Every clock here
/// keeps Lamport's clock condition: if an event happened before another, its stamp is smaller.
pub trait LogicalClock: Data + Default + Display + Sync {
    /// Counts an event of this process, which receives no message. `wall` is what its wall clock
    /// shows; only a hybrid clock looks at it.
    fn tick(&mut self, me: NodeId, wall: Time);

    /// Counts the receipt of a message that was sent at `stamp`.
    fn receive(&mut self, me: NodeId, stamp: &Self, wall: Time);

    /// Whether the stamps let the event of this one have happened before that of the other. Only a
    /// vector clock also promises that it did.
    fn may_precede(&self, other: &Self) -> bool;
}
