//! Messages in flight: sender, recipient, time sent, and anything unusual about the delivery.

use std::collections::BTreeMap;
use std::sync::Arc;

use quorate_protocol::Time;

use super::plain::plain;
use crate::trace::{Lane, MessageId, Payload, humanize};

/// A delivery is slow if it takes this many times the average of the earlier ones,
const SLOW_TIMES: u128 = 3;
/// once there were this many.
const SLOW_TRIPS_MIN: u128 = 3;

/// A message in flight, or one that was delivered or lost. Its strings are already escaped.
#[derive(Clone, Debug)]
pub(super) struct Flight {
    pub(super) from: Lane,
    pub(super) to: Lane,
    pub(super) name: Arc<str>,
    pub(super) body: Arc<str>,
    pub(super) sent: Time,
    /// Number of messages sent before this one: decides which of two was sent first.
    order: usize,
    copy: bool,
    /// Whether it is a client's retry.
    again: bool,
    /// Whether it says something else than its sender's machine did.
    forged: bool,
    landed: bool,
}

/// All messages of a trace so far.
#[derive(Debug, Default)]
pub(super) struct MessagesInFlight {
    all: BTreeMap<MessageId, Flight>,
    /// Number of messages so far.
    count: usize,
    /// Highest send order among the delivered messages, for each direction.
    latest: BTreeMap<(Lane, Lane), usize>,
    trips: u128,
    trips_nanos: u128,
}

impl MessagesInFlight {
    pub(super) fn get(&self, msg: MessageId) -> Option<&Flight> {
        self.all.get(&msg)
    }

    /// Messages that were neither delivered nor lost, in the order of their ids.
    pub(super) fn under_way(&self) -> impl Iterator<Item = &Flight> {
        self.all.values().filter(|flight| !flight.landed)
    }

    /// Records a send.
    pub(super) fn leave(
        &mut self,
        msg: MessageId,
        (from, to): (Lane, Lane),
        payload: &Payload,
        sent: Time,
        again: bool,
    ) {
        let (name, body) = (plain(&payload.name).into(), plain(&humanize(&payload.body)).into());
        let order = self.next_order();
        self.all.insert(
            msg,
            Flight { from, to, name, body, sent, order, copy: false, again, forged: false, landed: false },
        );
    }

    /// Records a duplication and returns the original.
    pub(super) fn repeat(&mut self, msg: MessageId, copy: MessageId, at: Time) -> Option<&Flight> {
        let order = self.next_order();
        let flight = self.all.get(&msg)?;
        let repeated = Flight { sent: at, order, copy: true, landed: false, ..flight.clone() };
        self.all.insert(copy, repeated);
        self.all.get(&msg)
    }

    /// Records a lie: what a message says from now on.
    pub(super) fn forge(&mut self, msg: MessageId, payload: &Payload) {
        if let Some(flight) = self.all.get_mut(&msg) {
            flight.name = plain(&payload.name).into();
            flight.body = plain(&humanize(&payload.body)).into();
            flight.forged = true;
        }
    }

    fn next_order(&mut self) -> usize {
        self.count += 1;
        self.count - 1
    }

    /// Forgets messages that were delivered or lost.
    pub(super) fn forget_landed(&mut self) {
        self.all.retain(|_, flight| !flight.landed);
    }

    /// Records a loss and returns the message.
    pub(super) fn lose(&mut self, msg: MessageId) -> Option<&Flight> {
        let flight = self.all.get_mut(&msg)?;
        flight.landed = true;
        Some(flight)
    }

    /// Records a delivery and returns remarks about anything unusual.
    pub(super) fn land(&mut self, msg: MessageId, at: Time) -> Vec<String> {
        let mut remarks = Vec::new();
        let Some(flight) = self.all.get_mut(&msg) else { return remarks };
        flight.landed = true;
        if flight.again {
            remarks.push("retry".to_owned());
        }
        if flight.copy {
            remarks.push("a copy".to_owned());
        }
        if flight.forged {
            remarks.push("forged".to_owned());
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
