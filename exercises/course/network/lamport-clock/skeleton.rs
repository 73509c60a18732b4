//! Lamport clocks: times that agree with what happened before what. Read `quorate learn show lamport-clock` first.

use quorate_exercises::network::*;
use quorate_exercises::prelude::*;

/// A node's clock: give it what it has to remember.
#[derive(Clone, Default)]
struct Mine {}

impl Clock for Mine {
    /// Something happens at this node.
    fn tick(&mut self) -> u64 {
        unfinished!()
    }

    /// A message leaves, and carries the time that you answer.
    fn send(&mut self) -> u64 {
        unfinished!()
    }

    /// A message arrives that carries this time.
    fn receive(&mut self, carried: u64) -> u64 {
        unfinished!(carried)
    }

    /// Whether `a` comes before `b` in the one order of all events. They are never the same.
    fn before(a: Stamp, b: Stamp) -> bool {
        unfinished!(a, b)
    }
}

hand_in!("lamport-clock", lamport_clock::<Mine>());
