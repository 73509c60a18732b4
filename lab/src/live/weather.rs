//! What the network between the threads is like: shared, read by all, changed by whoever makes things go wrong.
//!
//! Channels lose, repeat and delay nothing, so the sender throws the dice for every message, as the network of the simulator
//! does, and writes on it when it may arrive. Who is not disturbed by anything pays one atomic load per batch.

use quorate_protocol::{Duration, NodeId, Time, nanos};

use super::threads::{AtomicU64, Mutex, Ordering, PoisonError};
use crate::env::{Conditions, Dice, Draw, Links};
use crate::trace::DropReason;

/// The weather over the whole cluster.
#[derive(Debug)]
pub(super) struct Weather {
    version: AtomicU64,
    links: Mutex<Links>,
}

impl Weather {
    pub(super) fn new(nodes: usize, conditions: Conditions) -> Self {
        Weather { version: AtomicU64::new(0), links: Mutex::new(Links::new(nodes, conditions)) }
    }

    /// Changes it. Every thread notices before it sends the next batch.
    pub(super) fn change<T>(&self, how: impl FnOnce(&mut Links) -> T) -> T {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        let result = how(&mut links);
        self.version.fetch_add(1, Ordering::Release);
        result
    }
}

/// The weather as one thread sees it, with its own dice.
#[derive(Debug)]
pub(super) struct Outlook {
    version: u64,
    links: Links,
    calm: bool,
    dice: Dice,
}

/// What becomes of a message that sets out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Passage {
    /// It is lost.
    Lost(DropReason),
    /// It may arrive at this time, and perhaps once more at another.
    Arrives(Time, Option<Time>),
}

impl Outlook {
    pub(super) fn new(weather: &Weather, dice: Dice) -> Self {
        let links = weather.change(|links| links.clone());
        Outlook { version: 0, calm: links.are_clear(), links, dice }
    }

    /// Looks again, if something has changed.
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

    /// Whether nothing gets through from one node to another.
    pub(super) fn is_cut(&self, from: NodeId, to: NodeId) -> bool {
        self.links.is_cut(from, to)
    }

    /// Throws the dice for a message from a node to another. Its way to the node itself is short and safe.
    pub(super) fn between(&mut self, from: NodeId, to: NodeId, now: Time) -> Passage {
        if from == to {
            Passage::Arrives(now, None)
        } else if self.is_cut(from, to) {
            Passage::Lost(DropReason::Partition)
        } else {
            self.anywhere(now)
        }
    }

    /// Throws the dice for a request or an answer.
    pub(super) fn anywhere(&mut self, now: Time) -> Passage {
        let draw = Draw::of(&self.links.conditions(), &mut self.dice);
        if draw.lost {
            return Passage::Lost(DropReason::Loss);
        }
        let after = |nanos| now + Duration::from_nanos(nanos);
        Passage::Arrives(after(draw.nanos()), draw.copy_nanos().map(after))
    }

    /// A wait that a timer draws.
    pub(super) fn draw(&mut self, min: Duration, max: Duration) -> Duration {
        Duration::from_nanos(self.dice.within(nanos(min), nanos(max)))
    }
}
