//! Hybrid logical clock: a time, and a count of the events that it cannot order.

use std::fmt;

use quorate_protocol::{NodeId, Time};
use serde::{Deserialize, Serialize};

use super::LogicalClock;

/// Hybrid logical clock (Kulkarni and others, *Logical Physical Clocks*, 2014, figure 5): the
/// latest time that the process has read or heard of, and a count for the events at that time.
///
/// It is never behind the process' own wall clock, and ahead of it only as far as another clock
/// that it has heard of; so a clock that is a year fast takes all others with it.
///
/// Shown in milliseconds with the count, as `42.5+1`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
pub struct HybridClock {
    /// The latest time read or heard of.
    pub wall: Time,
    /// Number of earlier events, in a chain of causes, with that time.
    pub count: u64,
}

impl HybridClock {
    /// Moves on to this time, or by one event at the time that was the largest.
    fn advance(&mut self, heard: Self, wall: Time) {
        let latest = (*self).max(heard);
        *self = match wall > latest.wall {
            true => HybridClock { wall, count: 0 },
            false => HybridClock { count: latest.count.saturating_add(1), ..latest },
        };
    }
}

impl LogicalClock for HybridClock {
    fn tick(&mut self, _: NodeId, wall: Time) {
        self.advance(*self, wall);
    }

    fn receive(&mut self, _: NodeId, stamp: &Self, wall: Time) {
        self.advance(*stamp, wall);
    }

    fn may_precede(&self, other: &Self) -> bool {
        self < other
    }
}

impl fmt::Display for HybridClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (millis, rest) = (self.wall.as_nanos() / 1_000_000, self.wall.as_nanos() % 1_000_000);
        let digits = format!("{rest:06}");
        // As many digits as say something, and at least one.
        let digits = digits.trim_end_matches('0');
        let digits = if digits.is_empty() { "0" } else { digits };
        write!(f, "{millis}.{digits}+{}", self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(nanos: u64, count: u64) -> HybridClock {
        HybridClock { wall: Time::from_nanos(nanos), count }
    }

    #[test]
    fn it_follows_the_wall_clock_and_counts_where_that_stands_behind() {
        let mut own = clock(10, 0);
        own.tick(NodeId(0), Time::from_nanos(12));
        assert_eq!(own, clock(12, 0), "the wall clock has gone on");
        own.tick(NodeId(0), Time::from_nanos(9));
        assert_eq!(own, clock(12, 1), "it was set back");
        own.receive(NodeId(0), &clock(30, 4), Time::from_nanos(13));
        assert_eq!(own, clock(30, 5), "the sender's clock is ahead");
        own.receive(NodeId(0), &clock(30, 2), Time::from_nanos(30));
        assert_eq!(own, clock(30, 6), "equal times: beyond the larger count");
        own.receive(NodeId(0), &clock(11, 9), Time::from_nanos(31));
        assert_eq!(own, clock(31, 0));
        own = clock(u64::MAX, u64::MAX);
        own.tick(NodeId(0), Time::ZERO);
        assert_eq!(own, clock(u64::MAX, u64::MAX), "the last stamp there is");
    }

    #[test]
    fn it_is_shown_in_milliseconds() {
        assert_eq!(clock(42_500_000, 1).to_string(), "42.5+1");
        assert_eq!(clock(42_000_001, 0).to_string(), "42.000001+0");
        assert_eq!(clock(0, 3).to_string(), "0.0+3");
    }
}
