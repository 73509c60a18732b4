//! Ids, and their bits.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A Snowflake id: 63 bits, of which the tick comes first, so that ids sort by time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id(pub u64);

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A generator's place in time: a tick, and the sequence within it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Slot {
    /// Milliseconds since the epoch.
    pub tick: u64,
    /// The count of the ids of this tick, from 0.
    pub sequence: u32,
}

/// The parts of an id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Parts {
    /// Tick and sequence.
    pub slot: Slot,
    /// The number of the generator.
    pub worker: u32,
}

/// Numbers of bits of the parts of an id. The tick has the rest of 63.
///
/// ```
/// use quorate_time::snowflake::{Id, Layout, Parts, Slot};
///
/// let layout = Layout::TWITTER;
/// let parts = Parts { slot: Slot { tick: 5, sequence: 3 }, worker: 2 };
/// let id = layout.join(parts).expect("each part fits");
/// assert_eq!(id, Id((5 << 22) | (2 << 12) | 3));
/// assert_eq!(layout.split(id), parts);
/// // 41 bits of milliseconds are 69 years.
/// assert_eq!(layout.last_tick() / (1000 * 60 * 60 * 24 * 365), 69);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Layout {
    /// Bits of the worker number.
    pub worker_bits: u32,
    /// Bits of the sequence.
    pub sequence_bits: u32,
}

impl Layout {
    /// Twitter's: 41 bits of time, 10 of the worker, 12 of the sequence.
    pub const TWITTER: Layout = Layout { worker_bits: 10, sequence_bits: 12 };

    /// Whether the parts fit into an id, and leave room for a tick.
    pub const fn fits(self) -> bool {
        self.worker_bits < 32 && self.sequence_bits < 32 && self.worker_bits + self.sequence_bits < 63
    }

    /// The largest sequence of a tick.
    pub const fn last_sequence(self) -> u32 {
        (1 << self.sequence_bits) - 1
    }

    /// The largest worker number.
    pub const fn last_worker(self) -> u32 {
        (1 << self.worker_bits) - 1
    }

    /// The last tick that an id can hold.
    pub const fn last_tick(self) -> u64 {
        (1 << (63 - self.worker_bits - self.sequence_bits)) - 1
    }

    /// The id of these parts, if each fits into its bits.
    pub fn join(self, Parts { slot: Slot { tick, sequence }, worker }: Parts) -> Option<Id> {
        if tick > self.last_tick() || worker > self.last_worker() || sequence > self.last_sequence() {
            return None;
        }
        let above = tick << self.worker_bits | u64::from(worker);
        Some(Id(above << self.sequence_bits | u64::from(sequence)))
    }

    /// The parts of an id.
    pub const fn split(self, id: Id) -> Parts {
        let sequence = (id.0 & self.last_sequence() as u64) as u32;
        let above = id.0 >> self.sequence_bits;
        let worker = (above & self.last_worker() as u64) as u32;
        Parts { slot: Slot { tick: above >> self.worker_bits, sequence }, worker }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_does_not_fit_makes_no_id() {
        let layout = Layout { worker_bits: 1, sequence_bits: 2 };
        let parts = |tick, worker, sequence| Parts { slot: Slot { tick, sequence }, worker };
        let largest = parts(layout.last_tick(), 1, 3);
        assert_eq!(layout.join(largest), Some(Id(u64::MAX >> 1)));
        assert_eq!(layout.split(Id(u64::MAX >> 1)), largest);
        for wrong in [parts(layout.last_tick() + 1, 0, 0), parts(0, 2, 0), parts(0, 0, 4)] {
            assert_eq!(layout.join(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn time_decides_the_order_before_worker_and_sequence() {
        let join = |tick, worker, sequence| Layout::TWITTER.join(Parts { slot: Slot { tick, sequence }, worker });
        assert!(join(7, 1023, 4095) < join(8, 0, 0));
        assert!(join(7, 0, 4095) < join(7, 1, 0));
        assert!(!Layout { worker_bits: 31, sequence_bits: 32 }.fits() && Layout::TWITTER.fits());
    }
}
