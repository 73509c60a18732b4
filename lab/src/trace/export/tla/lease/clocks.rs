//! Readings of the nodes' clocks, computed from their drift.

use quorate_protocol::{NodeId, Time, nanos};

const MILLION: i128 = 1_000_000;

/// Monotonic clock: accurate at first, then with the rate last set.
#[derive(Clone, Copy, Default)]
struct Clock {
    changed: Time,
    shown_then: i128,
    ppm: i64,
}

impl Clock {
    fn read(self, now: Time) -> i128 {
        let elapsed = i128::from(nanos(now.since(self.changed)));
        self.shown_then + elapsed * (MILLION + i128::from(self.ppm)) / MILLION
    }
}

/// Clocks of all nodes, and the true time of the last tick.
pub(super) struct Clocks {
    clocks: Vec<Clock>,
    ticked: Time,
}

impl Clocks {
    pub(super) fn new(nodes: usize) -> Self {
        Clocks { clocks: vec![Clock::default(); nodes], ticked: Time::ZERO }
    }

    pub(super) fn drift(&mut self, node: NodeId, now: Time, ppm: i64) {
        if let Some(clock) = self.clocks.get_mut(node.index()) {
            *clock = Clock { changed: now, shown_then: clock.read(now), ppm };
        }
    }

    /// Readings of all clocks now, in nanoseconds, if time has passed since the last tick.
    pub(super) fn tick(&mut self, now: Time) -> Option<Vec<u64>> {
        if now <= self.ticked {
            return None;
        }
        self.ticked = now;
        Some(self.read(now))
    }

    pub(super) fn read(&self, now: Time) -> Vec<u64> {
        self.clocks.iter().map(|clock| u64::try_from(clock.read(now)).unwrap_or_default()).collect()
    }
}
