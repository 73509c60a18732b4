//! Messages under way: from where to where, since when, and what was unusual about the trip.

use std::collections::BTreeMap;
use std::sync::Arc;

use quorate_protocol::Time;

use super::plain::plain;
use crate::trace::{Lane, MessageId, Said, words};

/// A trip is slow if it takes so many times as long as the average of those before it,
const SLOW_TIMES: u128 = 3;
/// once there were so many.
const SLOW_TRIPS_MIN: u128 = 3;

/// A message under way, or one that has arrived or got lost. Its texts are plain.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    pub(super) from: Lane,
    pub(super) to: Lane,
    pub(super) name: Arc<str>,
    pub(super) body: Arc<str>,
    pub(super) sent: Time,
    /// How many messages were sent before: which of two left first.
    order: usize,
    copy: bool,
    /// Whether a client sent it that had asked the same before.
    again: bool,
    landed: bool,
}

/// Every message of a trace so far.
#[derive(Debug, Default)]
pub(super) struct Flights {
    all: BTreeMap<MessageId, Flight>,
    /// How many there were so far.
    count: usize,
    /// The latest sent of the messages that arrived, for each direction.
    latest: BTreeMap<(Lane, Lane), usize>,
    trips: u128,
    trips_nanos: u128,
}

impl Flights {
    pub(super) fn get(&self, msg: MessageId) -> Option<&Flight> {
        self.all.get(&msg)
    }

    /// Those that have neither arrived nor got lost, in the order of their numbers.
    pub(super) fn under_way(&self) -> impl Iterator<Item = &Flight> {
        self.all.values().filter(|flight| !flight.landed)
    }

    /// A message leaves.
    pub(super) fn leave(&mut self, msg: MessageId, (from, to): (Lane, Lane), said: &Said, sent: Time, again: bool) {
        let (name, body) = (plain(&said.name).into(), plain(&words(&said.body)).into());
        let order = self.next_order();
        self.all.insert(msg, Flight { from, to, name, body, sent, order, copy: false, again, landed: false });
    }

    /// The network makes a copy of a message; what it copied.
    pub(super) fn repeat(&mut self, msg: MessageId, copy: MessageId, at: Time) -> Option<&Flight> {
        let order = self.next_order();
        let flight = self.all.get(&msg)?;
        let repeated = Flight { sent: at, order, copy: true, landed: false, ..flight.clone() };
        self.all.insert(copy, repeated);
        self.all.get(&msg)
    }

    fn next_order(&mut self) -> usize {
        self.count += 1;
        self.count - 1
    }

    /// Forgets those that have arrived or got lost.
    pub(super) fn forget_landed(&mut self) {
        self.all.retain(|_, flight| !flight.landed);
    }

    /// A message gets lost: which?
    pub(super) fn lose(&mut self, msg: MessageId) -> Option<&Flight> {
        let flight = self.all.get_mut(&msg)?;
        flight.landed = true;
        Some(flight)
    }

    /// A message arrives: what was unusual about it?
    pub(super) fn land(&mut self, msg: MessageId, at: Time) -> Vec<String> {
        let mut remarks = Vec::new();
        let Some(flight) = self.all.get_mut(&msg) else { return remarks };
        flight.landed = true;
        if flight.again {
            remarks.push("asked again".to_owned());
        }
        if flight.copy {
            remarks.push("a copy".to_owned());
        }
        let latest = self.latest.entry((flight.from, flight.to)).or_insert(flight.order);
        let overtaken = *latest > flight.order && !flight.copy;
        *latest = flight.order.max(*latest);
        let took = at.since(flight.sent).as_nanos();
        let slow = self.trips >= SLOW_TRIPS_MIN && took * self.trips > SLOW_TIMES * self.trips_nanos;
        match (overtaken, slow) {
            (true, _) => remarks.push(format!("overtaken, sent at {}", flight.sent)),
            (_, true) => remarks.push(format!("slow, sent at {}", flight.sent)),
            _ => {}
        }
        if flight.from != flight.to {
            self.trips += 1;
            self.trips_nanos += took;
        }
        remarks
    }
}
