//! The network: it may lose, duplicate, delay and reorder messages, and be partitioned. It never
//! corrupts a message.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::{Duration, Machine, NodeId, nanos};

use super::core::{Core, Envelope, Scheduled};
use crate::env::{Conditions, Draw, Links, Rng};
use crate::trace::{DropReason, Lane, MessageId, TypedEvent};

/// Delivery of one message as decided by a script, in place of chance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Delivery {
    /// Random, under the conditions of the link.
    Random,
    /// It is dropped.
    Drop,
    /// It is held until it is [released](super::World::release).
    Hold,
    /// It is delivered after exactly this time.
    After(Duration),
    /// It is delivered twice: after the usual time, and this much later.
    Duplicate(Duration),
}

/// A message that a node has just sent, as seen by [`World::intercept`](super::World::intercept).
#[derive(Debug)]
pub struct InFlight<'a, M: Machine> {
    /// The sender.
    pub from: NodeId,
    /// The receiver.
    pub to: NodeId,
    /// Its content.
    pub message: &'a M::Message,
}

type Interceptor<M> = Box<dyn FnMut(&InFlight<'_, M>) -> Delivery>;

/// A random fault of one message, identified so that the same run can be repeated without it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MessageFault {
    /// The kind of the fault.
    pub kind: MessageFaultKind,
    /// The sender.
    pub from: Lane,
    /// The receiver.
    pub to: Lane,
    /// Position of the message among those sent on this link, from 1.
    pub nth: u64,
}

/// Kind of a message fault.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum MessageFaultKind {
    /// It was lost.
    Lost,
    /// It was delivered twice.
    Duplicated,
    /// It had an extra delay, so that others could overtake it.
    Delayed,
}

impl std::fmt::Display for MessageFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let MessageFault { kind, from, to, nth } = self;
        let what = match kind {
            MessageFaultKind::Lost => "is lost",
            MessageFaultKind::Duplicated => "is duplicated",
            MessageFaultKind::Delayed => "is delayed",
        };
        write!(f, "message {nth} from {from} to {to} {what}")
    }
}

/// Log of the message faults of a run, and filter of those that may happen.
#[derive(Clone, Default, Debug)]
pub(super) struct MessageFaultLog {
    /// The only faults that may happen; `None` allows all.
    allowed: Option<BTreeSet<MessageFault>>,
    pub(super) happened: BTreeSet<MessageFault>,
    sent: BTreeMap<(Lane, Lane), u64>,
}

impl MessageFaultLog {
    pub(super) fn allowing(allowed: BTreeSet<MessageFault>) -> Self {
        MessageFaultLog { allowed: Some(allowed), ..MessageFaultLog::default() }
    }
}

pub(super) struct Network<M: Machine> {
    pub(super) links: Links,
    nodes: usize,
    /// One stream of random numbers per sender, nodes first, so that messages of one sender do not
    /// influence those of others.
    rng: Vec<Rng>,
    interceptor: Option<Interceptor<M>>,
    held: Vec<Envelope<M>>,
    pub(super) fault_log: Option<Box<MessageFaultLog>>,
    in_flight: usize,
    /// Whether every message is held until it is delivered manually.
    manual: bool,
}

impl<M: Machine> Network<M> {
    pub(super) fn new(nodes: usize, clients: usize, seed: u64, conditions: Conditions) -> Self {
        Network {
            links: Links::new(nodes, conditions),
            nodes,
            rng: (0..nodes + clients).map(|sender| Rng::new(seed, 2 * sender as u64)).collect(),
            interceptor: None,
            held: Vec::new(),
            fault_log: None,
            in_flight: 0,
            manual: false,
        }
    }

    /// Sets whether every message is held until it is delivered manually.
    pub(super) fn manual(self, manual: bool) -> Self {
        Network { manual, ..self }
    }

    pub(super) fn intercept(&mut self, interceptor: Option<Interceptor<M>>) {
        self.interceptor = interceptor;
    }

    /// Returns the number of messages, requests and replies in flight, without those that are held.
    pub(super) fn in_flight(&self) -> usize {
        self.in_flight
    }

    pub(super) fn held(&self) -> usize {
        self.held.len()
    }

    /// Counts a message as no longer in flight: it was delivered or dropped, or waits at a paused
    /// node.
    pub(super) fn remove_in_flight(&mut self) {
        self.in_flight -= 1;
    }

    /// Counts a message as in flight: one that waited at a paused node, or is injected.
    pub(super) fn add_in_flight(&mut self) {
        self.in_flight += 1;
    }

    /// Sends a message of a node. A message to itself is delivered without delay, and never lost.
    #[inline]
    pub(super) fn send(&mut self, core: &mut Core<M>, envelope: Envelope<M>) {
        let Envelope { from, to, msg, .. } = envelope;
        if from == to {
            return self.schedule_delivery(core, envelope, 0);
        }
        if self.links.is_cut(from, to) {
            return drop_message(core, &envelope, DropReason::Partition);
        }
        if self.manual {
            return self.held.push(envelope);
        }
        let delivery = match &mut self.interceptor {
            Some(decide) => decide(&InFlight { from, to, message: &envelope.message }),
            None => Delivery::Random,
        };
        let draw = self.draw(Lane::Node(from), Lane::Node(to));
        match delivery {
            Delivery::Drop => drop_message(core, &envelope, DropReason::Script),
            Delivery::Hold => self.held.push(envelope),
            Delivery::After(span) => self.schedule_delivery(core, envelope, nanos(span)),
            Delivery::Duplicate(later) => {
                let copy = self.copy(core, &envelope, msg);
                self.schedule_delivery(core, envelope, draw.nanos());
                self.schedule_delivery(core, copy, draw.nanos().saturating_add(nanos(later)));
            }
            Delivery::Random if draw.lost => drop_message(core, &envelope, DropReason::Loss),
            Delivery::Random => {
                if let Some(nanos) = draw.copy_nanos() {
                    let copy = self.copy(core, &envelope, msg);
                    self.schedule_delivery(core, copy, nanos);
                }
                self.schedule_delivery(core, envelope, draw.nanos());
            }
        }
    }

    /// Sends a client's request or a node's reply to it. `due` creates the event of its arrival,
    /// from the id of the copy and the event that sent it.
    pub(super) fn carry(
        &mut self,
        core: &mut Core<M>,
        (from, to): (Lane, Lane),
        (msg, cause): (MessageId, Option<crate::trace::EventId>),
        due: impl Fn(MessageId, Option<crate::trace::EventId>) -> Scheduled<M>,
    ) {
        let draw = self.draw(from, to);
        if draw.lost {
            core.record(Some(from), cause, || TypedEvent::Drop { msg, reason: DropReason::Loss });
            return;
        }
        if let Some(nanos) = draw.copy_nanos() {
            let copy = core.next_msg();
            let cause = core.record(Some(from), cause, || TypedEvent::Duplicate { msg, copy });
            core.schedule_in(nanos, due(copy, cause));
            self.in_flight += 1;
        }
        core.schedule_in(draw.nanos(), due(msg, cause));
        self.in_flight += 1;
    }

    /// Returns the held messages, in the order of sending.
    pub(super) fn held_messages(&self) -> &[Envelope<M>] {
        &self.held
    }

    /// Delivers one held message, or a copy of it, without delay. Returns whether it is held.
    pub(super) fn hand_over(&mut self, core: &mut Core<M>, msg: MessageId, copy: bool) -> bool {
        let Ok(place) = self.held.binary_search_by_key(&msg, |envelope| envelope.msg) else { return false };
        let envelope = if copy {
            let original = self.held[place].clone();
            self.copy(core, &original, msg)
        } else {
            self.held.remove(place)
        };
        self.schedule_delivery(core, envelope, 0);
        true
    }

    /// Delivers the held messages that `which` selects, without delay. Returns their number.
    pub(super) fn release(&mut self, core: &mut Core<M>, mut which: impl FnMut(&InFlight<'_, M>) -> bool) -> usize {
        let (freed, held) = std::mem::take(&mut self.held)
            .into_iter()
            .partition(|held| which(&InFlight { from: held.from, to: held.to, message: &held.message }));
        self.held = held;
        let freed: Vec<Envelope<M>> = freed;
        let count = freed.len();
        for envelope in freed {
            self.schedule_delivery(core, envelope, 0);
        }
        count
    }

    #[inline]
    fn schedule_delivery(&mut self, core: &mut Core<M>, envelope: Envelope<M>, nanos: u64) {
        self.in_flight += 1;
        core.schedule_in(nanos, Scheduled::Message(envelope));
    }

    fn copy(&mut self, core: &mut Core<M>, envelope: &Envelope<M>, msg: MessageId) -> Envelope<M> {
        let copy = core.next_msg();
        let cause = core.record(Some(envelope.from.into()), envelope.cause, || TypedEvent::Duplicate { msg, copy });
        Envelope { msg: copy, cause, ..envelope.clone() }
    }

    /// Draws the outcome for one message. Faults that the journal does not allow are suppressed.
    #[inline]
    fn draw(&mut self, from: Lane, to: Lane) -> Draw {
        let sender = match from {
            Lane::Node(node) => node.index(),
            Lane::Client(client) => self.nodes + client.index(),
        };
        let mut draw = Draw::of(&self.links.conditions(), &mut self.rng[sender]);
        let mut filter = FaultFilter { fault_log: self.fault_log.as_deref_mut(), from, to, nth: 0 };
        filter.count();
        draw.lost = draw.lost && filter.happens(MessageFaultKind::Lost);
        draw.repeated = draw.repeated && filter.happens(MessageFaultKind::Duplicated);
        draw.delayed = draw.delayed && filter.happens(MessageFaultKind::Delayed);
        draw
    }
}

/// Checks against the journal, if there is one, whether a fault of this message may happen, and
/// logs it.
struct FaultFilter<'a> {
    fault_log: Option<&'a mut MessageFaultLog>,
    from: Lane,
    to: Lane,
    nth: u64,
}

impl FaultFilter<'_> {
    fn count(&mut self) {
        if let Some(fault_log) = &mut self.fault_log {
            let sent = fault_log.sent.entry((self.from, self.to)).or_default();
            *sent += 1;
            self.nth = *sent;
        }
    }

    fn happens(&mut self, kind: MessageFaultKind) -> bool {
        let Some(fault_log) = &mut self.fault_log else { return true };
        let message_fault = MessageFault { kind, from: self.from, to: self.to, nth: self.nth };
        let happens = fault_log.allowed.as_ref().is_none_or(|allowed| allowed.contains(&message_fault));
        if happens {
            fault_log.happened.insert(message_fault);
        }
        happens
    }
}

pub(super) fn drop_message<M: Machine>(core: &mut Core<M>, envelope: &Envelope<M>, reason: DropReason) {
    core.record(Some(envelope.from.into()), envelope.cause, || TypedEvent::Drop { msg: envelope.msg, reason });
}
