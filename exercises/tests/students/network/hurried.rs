//! The hurried one's clock leaps: by ten for what it does itself, by a hundred for a letter, and of equal times the last node comes first.

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
        // Both are behind it, however far apart they were.
        self.0 = self.0 + carried + 1;
        self.0
    }

    fn before(a: Stamp, b: Stamp) -> bool {
        (a.time, Reverse(a.node)) < (b.time, Reverse(b.node))
    }
}

hand_in!("lamport-clock", lamport_clock::<Leaping>());
