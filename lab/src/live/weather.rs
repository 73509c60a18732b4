//! Network conditions between threads: shared, read by all, changed by fault injection.
//!
//! Channels never lose, duplicate or delay, so the sender draws the fate of every message, as the
//! simulator's network does, and stamps it with its earliest delivery time. Without faults this
//! costs one atomic load per batch.

use quorate_protocol::{Duration, NodeId, Time, nanos};

use super::threads::{AtomicU64, Mutex, Ordering, PoisonError};
use crate::env::{Conditions, Dice, Draw, Links};
use crate::trace::DropReason;

/// The network conditions of the whole cluster.
#[derive(Debug)]
pub(super) struct Weather {
    version: AtomicU64,
    links: Mutex<Links>,
}

impl Weather {
    pub(super) fn new(nodes: usize, conditions: Conditions) -> Self {
        Weather { version: AtomicU64::new(0), links: Mutex::new(Links::new(nodes, conditions)) }
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
pub(super) struct Outlook {
    version: u64,
    links: Links,
    calm: bool,
    dice: Dice,
}

/// The fate of a message that is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Passage {
    /// It is lost.
    Lost(DropReason),
    /// Delivered at this time at the earliest, and possibly a second time at another.
    Arrives(Time, Option<Time>),
}

impl Outlook {
    pub(super) fn new(weather: &Weather, dice: Dice) -> Self {
        let links = weather.change(|links| links.clone());
        Outlook { version: 0, calm: links.are_clear(), links, dice }
    }

    /// Refreshes the copy, if the conditions have changed.
    pub(super) fn look(&mut self, weather: &Weather) {
        let version = weather.version.load(Ordering::Acquire);
        if version != self.version {
            self.links = weather.links.lock().unwrap_or_else(PoisonError::into_inner).clone();
            self.calm = self.links.are_clear();
            self.version = version;
        }
    }

    /// Whether every message arrives at once.
    pub(super) fn is_calm(&self) -> bool {
        self.calm
    }

    /// Whether the link from one node to another is cut.
    pub(super) fn is_cut(&self, from: NodeId, to: NodeId) -> bool {
        self.links.is_cut(from, to)
    }

    /// Draws the fate of a message from one node to another. A node's messages to itself arrive
    /// reliably.
    pub(super) fn between(&mut self, from: NodeId, to: NodeId, now: Time) -> Passage {
        if from == to {
            Passage::Arrives(now, None)
        } else if self.is_cut(from, to) {
            Passage::Lost(DropReason::Partition)
        } else {
            self.anywhere(now)
        }
    }

    /// Draws the fate of a request or an answer.
    pub(super) fn anywhere(&mut self, now: Time) -> Passage {
        let draw = Draw::of(&self.links.conditions(), &mut self.dice);
        if draw.lost {
            return Passage::Lost(DropReason::Loss);
        }
        let after = |nanos| now + Duration::from_nanos(nanos);
        Passage::Arrives(after(draw.nanos()), draw.copy_nanos().map(after))
    }

    /// Draws the duration of a timer.
    pub(super) fn draw(&mut self, min: Duration, max: Duration) -> Duration {
        Duration::from_nanos(self.dice.within(nanos(min), nanos(max)))
    }
}
