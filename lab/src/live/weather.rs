//! What the network between the threads is like: shared, read by all, changed by whoever makes things go wrong.
//!
//! Channels lose, repeat and delay nothing, so the sender throws the dice for every message, as the network of the simulator
//! does, and writes on it when it may arrive. Who is not disturbed by anything pays one atomic load per batch.

use std::collections::BTreeSet;

use quorate_protocol::{Duration, NodeId, Time, nanos};

use super::threads::{AtomicU64, Mutex, Ordering, PoisonError};
use crate::sim::{Conditions, Dice, Latency, Ppm};
use crate::trace::DropReason;

/// The weather over the whole cluster.
#[derive(Debug)]
pub(super) struct Weather {
    version: AtomicU64,
    sky: Mutex<Sky>,
}

/// What it is like now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Sky {
    pub(super) conditions: Conditions,
    /// Nodes in different groups do not reach each other; those in none form one.
    pub(super) groups: Vec<Vec<NodeId>>,
    /// Directions of links that are cut.
    pub(super) cuts: BTreeSet<(NodeId, NodeId)>,
}

impl Sky {
    fn group_of(&self, node: NodeId) -> Option<usize> {
        self.groups.iter().position(|group| group.contains(&node))
    }

    fn is_cut(&self, from: NodeId, to: NodeId) -> bool {
        from != to && (self.cuts.contains(&(from, to)) || self.group_of(from) != self.group_of(to))
    }

    /// Whether every message arrives at once.
    fn is_calm(&self) -> bool {
        let Conditions { loss, duplication, latency, straggling, .. } = self.conditions;
        self.groups.is_empty()
            && self.cuts.is_empty()
            && [loss, duplication, straggling] == [Ppm::ZERO; 3]
            && latency == Latency::Exactly(Duration::ZERO)
    }
}

impl Weather {
    pub(super) fn new(conditions: Conditions) -> Self {
        let sky = Sky { conditions, groups: Vec::new(), cuts: BTreeSet::new() };
        Weather { version: AtomicU64::new(0), sky: Mutex::new(sky) }
    }

    /// Changes it. Every thread notices before it sends the next batch.
    pub(super) fn change<T>(&self, how: impl FnOnce(&mut Sky) -> T) -> T {
        let mut sky = self.sky.lock().unwrap_or_else(PoisonError::into_inner);
        let result = how(&mut sky);
        self.version.fetch_add(1, Ordering::Release);
        result
    }
}

/// The weather as one thread sees it, with its own dice.
#[derive(Debug)]
pub(super) struct Outlook {
    version: u64,
    sky: Sky,
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
        let sky = weather.change(|sky| sky.clone());
        Outlook { version: 0, calm: sky.is_calm(), sky, dice }
    }

    /// Looks again, if something has changed.
    pub(super) fn look(&mut self, weather: &Weather) {
        let version = weather.version.load(Ordering::Acquire);
        if version != self.version {
            self.sky = weather.sky.lock().unwrap_or_else(PoisonError::into_inner).clone();
            self.calm = self.sky.is_calm();
            self.version = version;
        }
    }

    /// Whether every message arrives at once.
    pub(super) fn is_calm(&self) -> bool {
        self.calm
    }

    /// Whether nothing gets through from one node to another.
    pub(super) fn is_cut(&self, from: NodeId, to: NodeId) -> bool {
        !self.calm && self.sky.is_cut(from, to)
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
        let Conditions { loss, duplication, latency, straggling, straggle } = self.sky.conditions;
        let [lost, repeated, straggles] = self.dice.chances([loss, duplication, straggling]);
        let usual = now + Duration::from_nanos(latency.drawn_by(self.dice.bits()));
        let late = usual + Duration::from_nanos(straggle.drawn_by(self.dice.bits()));
        if lost {
            return Passage::Lost(DropReason::Loss);
        }
        Passage::Arrives(if straggles { late } else { usual }, repeated.then_some(late))
    }

    /// A wait that a timer draws.
    pub(super) fn draw(&mut self, min: Duration, max: Duration) -> Duration {
        Duration::from_nanos(self.dice.within(nanos(min), nanos(max)))
    }
}
