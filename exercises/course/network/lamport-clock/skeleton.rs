//! Lamport clocks: timestamps consistent with happened-before. Read
//! `quorate learn show lamport-clock` first.

use quorate_exercises::network::*;
use quorate_exercises::prelude::*;

/// A node's clock: give it the fields that it needs.
#[derive(Clone, Default)]
struct Mine {}

impl Clock for Mine {
    /// Returns the time of a local event.
    fn tick(&mut self) -> u64 {
        unfinished!()
    }

    /// Returns the time of a send event, which the message carries.
    fn send(&mut self) -> u64 {
        unfinished!()
    }

    /// Returns the time at which a message that carries the time `carried` arrives.
    fn receive(&mut self, carried: u64) -> u64 {
        unfinished!(carried)
    }

    /// Whether `a` comes before `b` in the total order of all events. They are never the same.
    fn before(a: Stamp, b: Stamp) -> bool {
        unfinished!(a, b)
    }
}

hand_in!("lamport-clock", lamport_clock::<Mine>());
