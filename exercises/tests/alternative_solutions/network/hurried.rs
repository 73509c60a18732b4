//! Alternative Lamport clock with large steps: ten for a local event, a hundred for a message sent;
//! ties are broken in descending order of nodes.

use std::cmp::Reverse;

use quorate_exercises::network::*;
use quorate_exercises::prelude::*;

#[derive(Clone)]
struct Leaping(u64);

impl Default for Leaping {
    fn default() -> Self {
        Leaping(1_000)
    }
}

impl Clock for Leaping {
    fn tick(&mut self) -> u64 {
        self.0 += 10;
        self.0
    }

    fn send(&mut self) -> u64 {
        self.0 += 100;
        self.0
    }

    fn receive(&mut self, carried: u64) -> u64 {
        // The sum exceeds both times, whatever their distance.
        self.0 = self.0 + carried + 1;
        self.0
    }

    fn before(a: Stamp, b: Stamp) -> bool {
        (a.time, Reverse(a.node)) < (b.time, Reverse(b.node))
    }
}

hand_in!("lamport-clock", lamport_clock::<Leaping>());
