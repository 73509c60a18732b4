//! Lower bound for any event simulator: takes the next event from a heap, and inserts a later one.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use quorate_lab::sim::Rng;
use quorate_protocol::nanos;

use crate::load::{Kind, LATENCY_MAX, LATENCY_MIN, Message, NODES, OUTSTANDING};

/// Messages in a slab, and a heap of upcoming deliveries.
pub(crate) struct Heap {
    next: BinaryHeap<Reverse<(u64, u64, u32)>>,
    messages: Vec<Message>,
    rng: Rng,
    sent: u64,
}

impl Heap {
    /// Starts with as many messages in flight as the load has.
    pub(crate) fn new() -> Self {
        let message = |ball| Message { kind: Kind::Ping, ball, payload: [1; 7] };
        let outstanding = NODES * (NODES - 1) * OUTSTANDING as u32;
        let mut heap = Heap {
            next: BinaryHeap::new(),
            messages: (0..outstanding).map(message).collect(),
            rng: Rng::new(1, 0),
            sent: 0,
        };
        for slot in 0..outstanding {
            heap.push(0, slot);
        }
        heap
    }

    fn push(&mut self, now: u64, slot: u32) {
        self.sent += 1;
        let latency = self.rng.within(nanos(LATENCY_MIN), nanos(LATENCY_MAX));
        self.next.push(Reverse((now + latency, self.sent, slot)));
    }

    /// Delivers `events` messages, each of which is answered.
    pub(crate) fn run(&mut self, events: u64) {
        for _ in 0..events {
            let Some(Reverse((now, _, slot))) = self.next.pop() else { return };
            let message = &mut self.messages[slot as usize];
            message.payload[0] += 1;
            self.push(now, slot);
        }
    }
}
