//! Network conditions between threads: shared, read by all, changed by fault injection.
//!
//! Channels never lose, duplicate or delay, so the sender decides the delivery of every message, as
//! the simulator's network does, and stamps it with its earliest delivery time. Without faults this
//! costs one atomic load per batch.

use quorate_protocol::{Duration, NodeId, Time, nanos};

use super::threads::{AtomicU64, Mutex, Ordering, PoisonError};
use crate::env::{Conditions, Draw, Links, Rng};
use crate::trace::DropReason;

/// The network conditions of the whole cluster.
#[derive(Debug)]
pub(super) struct SharedLinks {
    version: AtomicU64,
    links: Mutex<Links>,
}

impl SharedLinks {
    pub(super) fn new(nodes: usize, conditions: Conditions) -> Self {
        SharedLinks { version: AtomicU64::new(0), links: Mutex::new(Links::new(nodes, conditions)) }
    }

    /// Changes the conditions. Every thread sees the change before it sends its next batch.
    pub(super) fn change<T>(&self, how: impl FnOnce(&mut Links) -> T) -> T {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        let result = how(&mut links);
        self.version.fetch_add(1, Ordering::Release);
        result
    }
}

/// One thread's copy of the conditions, with its own random numbers.
#[derive(Debug)]
pub(super) struct LinkView {
    version: u64,
    links: Links,
    clear: bool,
    rng: Rng,
}

/// Decision about a message that is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum SendDecision {
    /// It is lost.
    Drop(DropReason),
    /// Delivered at this time at the earliest, and possibly a second time at another.
    Deliver(Time, Option<Time>),
}

impl LinkView {
    pub(super) fn new(links: &SharedLinks, rng: Rng) -> Self {
        let links = links.change(|links| links.clone());
        LinkView { version: 0, clear: links.are_clear(), links, rng }
    }

    /// Refreshes the copy, if the conditions have changed.
    pub(super) fn refresh(&mut self, links: &SharedLinks) {
        let version = links.version.load(Ordering::Acquire);
        if version != self.version {
            self.links = links.links.lock().unwrap_or_else(PoisonError::into_inner).clone();
            self.clear = self.links.are_clear();
            self.version = version;
        }
    }

    /// Whether every message arrives at once.
    pub(super) fn is_clear(&self) -> bool {
        self.clear
    }

    /// Whether the link from one node to another is cut.
    pub(super) fn is_cut(&self, from: NodeId, to: NodeId) -> bool {
        self.links.is_cut(from, to)
    }

    /// Decides the delivery of a message from one node to another. A node's messages to itself
    /// arrive reliably.
    pub(super) fn between(&mut self, from: NodeId, to: NodeId, now: Time) -> SendDecision {
        if from == to {
            SendDecision::Deliver(now, None)
        } else if self.is_cut(from, to) {
            SendDecision::Drop(DropReason::Partition)
        } else {
            self.anywhere(now)
        }
    }

    /// Decides the delivery of a request or an answer.
    pub(super) fn anywhere(&mut self, now: Time) -> SendDecision {
        let draw = Draw::of(&self.links.conditions(), &mut self.rng);
        if draw.lost {
            return SendDecision::Drop(DropReason::Loss);
        }
        let after = |nanos| now + Duration::from_nanos(nanos);
        SendDecision::Deliver(after(draw.nanos()), draw.copy_nanos().map(after))
    }

    /// Draws the duration of a timer.
    pub(super) fn draw(&mut self, min: Duration, max: Duration) -> Duration {
        Duration::from_nanos(self.rng.within(nanos(min), nanos(max)))
    }
}
