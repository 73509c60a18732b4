//! The network: it may lose, duplicate, delay and reorder messages, and be partitioned. It never
//! corrupts a message; a [liar](super::forge) does that before the network has it.

use quorate_protocol::{Duration, Machine, NodeId, nanos};

use super::core::{ClientEnvelope, Core, Envelope, Scheduled};
use super::forge::{Lie, forge_client_message, forge_message};
use super::forge_error::ForgeError;
use super::message_fault::{FaultFilter, MessageFaultKind, MessageFaultLog};
use super::queues::{Admission, LinkQueues};
use crate::env::{Conditions, Draw, Links, Rng};
use crate::trace::{DropReason, EventId, Lane, MessageId, TypedEvent, payload};

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

/// A request that a client has just sent, or a reply that a node has just sent to its client, as
/// seen by [`World::intercept_clients`](super::World::intercept_clients).
#[derive(Debug)]
pub struct ClientInFlight<'a, M: Machine> {
    /// The sender.
    pub from: Lane,
    /// The receiver.
    pub to: Lane,
    /// Its content.
    pub message: ClientMessage<'a, M>,
}

/// Content of a message between a client and a node.
#[derive(Debug)]
pub enum ClientMessage<'a, M: Machine> {
    /// The client's request.
    Request(&'a M::Command),
    /// The node's reply.
    Reply(&'a M::Reply),
}

impl<'a, M: Machine> From<&'a ClientEnvelope<M>> for ClientInFlight<'a, M> {
    fn from(envelope: &'a ClientEnvelope<M>) -> Self {
        let (from, to) = envelope.ends();
        ClientInFlight { from, to, message: envelope.content.as_message() }
    }
}

type Interceptor<M> = Box<dyn FnMut(&InFlight<'_, M>) -> Delivery>;
/// Says the lies of a message, from its ends and its name.
type Forger = Box<dyn FnMut(Lane, Lane, &dyn Fn() -> String) -> Vec<Lie>>;
type ClientInterceptor<M> = Box<dyn FnMut(&ClientInFlight<'_, M>) -> Delivery>;

pub(super) struct Network<M: Machine> {
    pub(super) links: Links,
    pub(super) queues: LinkQueues,
    nodes: usize,
    /// One stream of random numbers per sender, nodes first, so that messages of one sender do not
    /// influence those of others.
    rng: Vec<Rng>,
    interceptor: Option<Interceptor<M>>,
    client_interceptor: Option<ClientInterceptor<M>>,
    forger: Option<Forger>,
    /// The first message that could not be forged as the forger says.
    pub(super) forge_error: Option<ForgeError>,
    pub(super) held: Vec<Envelope<M>>,
    /// Held requests and replies of clients.
    pub(super) held_clients: Vec<ClientEnvelope<M>>,
    pub(super) fault_log: Option<Box<MessageFaultLog>>,
    in_flight: usize,
    /// Whether every message is held until it is delivered manually.
    manual: bool,
}

impl<M: Machine> Network<M> {
    pub(super) fn new(nodes: usize, clients: usize, seed: u64, conditions: Conditions) -> Self {
        Network {
            links: Links::new(nodes, conditions),
            queues: LinkQueues::default(),
            nodes,
            rng: (0..nodes + clients).map(|sender| Rng::new(seed, 2 * sender as u64)).collect(),
            interceptor: None,
            client_interceptor: None,
            forger: None,
            forge_error: None,
            held: Vec::new(),
            held_clients: Vec::new(),
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

    pub(super) fn intercept_clients(&mut self, interceptor: Option<ClientInterceptor<M>>) {
        self.client_interceptor = interceptor;
    }

    pub(super) fn forge(&mut self, forger: Forger) {
        self.forger = Some(forger);
    }

    /// Returns the number of messages, requests and replies in flight, without those that are held.
    pub(super) fn in_flight(&self) -> usize {
        self.in_flight
    }

    pub(super) fn held(&self) -> usize {
        self.held.len() + self.held_clients.len()
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
    pub(super) fn send(&mut self, core: &mut Core<M>, mut envelope: Envelope<M>) {
        let Envelope { from, to, msg, .. } = envelope;
        if from == to {
            return self.schedule_delivery(core, envelope, 0);
        }
        if self.links.is_cut(from, to) {
            return drop_message(core, &envelope, DropReason::Partition);
        }
        if let Some(lies) = &mut self.forger {
            let lies = lies(from.into(), to.into(), &|| payload(&envelope.message, "Message").name);
            if let Err(error) = forge_message(core, &mut envelope, &lies) {
                self.forge_error.get_or_insert(error);
            }
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
            Delivery::After(span) => self.transmit(core, envelope, Some(nanos(span))),
            Delivery::Duplicate(later) => {
                let copy = self.copy(core, &envelope, msg);
                self.transmit(core, envelope, Some(draw.nanos()));
                self.transmit(core, copy, Some(draw.nanos().saturating_add(nanos(later))));
            }
            Delivery::Random if draw.lost => self.transmit(core, envelope, None),
            Delivery::Random => {
                if let Some(nanos) = draw.copy_nanos() {
                    let copy = self.copy(core, &envelope, msg);
                    self.transmit(core, copy, Some(nanos));
                }
                self.transmit(core, envelope, Some(draw.nanos()));
            }
        }
    }

    /// Sends a message through the queue of its link, if there is one, and then for this latency;
    /// `None` loses it behind the queue, as a message that is lost has taken its time there.
    #[inline]
    fn transmit(&mut self, core: &mut Core<M>, envelope: Envelope<M>, latency: Option<u64>) {
        let ends = (Lane::Node(envelope.from), Lane::Node(envelope.to));
        let name = || payload(&envelope.message, "Message").name;
        match (self.pass_queue(core, ends, envelope.cause, name), latency) {
            (None, _) => drop_message(core, &envelope, DropReason::Overflow),
            (Some(_), None) => drop_message(core, &envelope, DropReason::Loss),
            (Some(queued), Some(latency)) => self.schedule_delivery(core, envelope, queued.saturating_add(latency)),
        }
    }

    /// As [`transmit`](Self::transmit), of a request or reply.
    fn transmit_client(&mut self, core: &mut Core<M>, envelope: ClientEnvelope<M>, latency: Option<u64>) {
        let name = || envelope.content.name();
        match (self.pass_queue(core, envelope.ends(), envelope.cause, name), latency) {
            (None, _) => drop_client_message(core, &envelope, DropReason::Overflow),
            (Some(_), None) => drop_client_message(core, &envelope, DropReason::Loss),
            (Some(queued), Some(latency)) => self.schedule_client(core, envelope, queued.saturating_add(latency)),
        }
    }

    /// Puts a message into the queue on its way. Returns the time until it leaves it, in
    /// nanoseconds; `None` if the queue is full.
    fn pass_queue(
        &mut self,
        core: &mut Core<M>,
        (from, to): (Lane, Lane),
        cause: Option<EventId>,
        name: impl Fn() -> String,
    ) -> Option<u64> {
        match self.queues.admit(from, to, core.now) {
            Admission::Free => Some(0),
            Admission::Overflow => None,
            Admission::Queued { nanos, before: 0, .. } => Some(nanos),
            Admission::Queued { nanos, before, wait } => {
                core.record(Some(from), cause, || {
                    TypedEvent::Note(format!("{} waits {wait:?} for the link to {to}: {before} before it", name()))
                });
                Some(nanos)
            }
        }
    }

    /// Sends a client's request or a node's reply to it.
    pub(super) fn carry(&mut self, core: &mut Core<M>, mut envelope: ClientEnvelope<M>) {
        let (from, to) = envelope.ends();
        if let Some(lies) = &mut self.forger {
            let lies = lies(from, to, &|| envelope.content.name());
            if let Err(error) = forge_client_message(core, &mut envelope, &lies) {
                self.forge_error.get_or_insert(error);
            }
        }
        let delivery = match &mut self.client_interceptor {
            Some(decide) => decide(&ClientInFlight::from(&envelope)),
            None => Delivery::Random,
        };
        let draw = self.draw(from, to);
        match delivery {
            Delivery::Drop => drop_client_message(core, &envelope, DropReason::Script),
            Delivery::Hold => self.held_clients.push(envelope),
            Delivery::After(span) => self.transmit_client(core, envelope, Some(nanos(span))),
            Delivery::Duplicate(later) => {
                let copy = copy_for_client(core, &envelope);
                self.transmit_client(core, envelope, Some(draw.nanos()));
                self.transmit_client(core, copy, Some(draw.nanos().saturating_add(nanos(later))));
            }
            Delivery::Random if draw.lost => self.transmit_client(core, envelope, None),
            Delivery::Random => {
                if let Some(nanos) = draw.copy_nanos() {
                    let copy = copy_for_client(core, &envelope);
                    self.transmit_client(core, copy, Some(nanos));
                }
                self.transmit_client(core, envelope, Some(draw.nanos()));
            }
        }
    }

    /// Returns the held requests and replies, in the order of sending.
    pub(super) fn held_client_messages(&self) -> impl Iterator<Item = (MessageId, ClientInFlight<'_, M>)> {
        self.held_clients.iter().map(|held| (held.msg, ClientInFlight::from(held)))
    }

    /// Delivers one held request or reply, or a copy of it, without delay. Returns whether it is
    /// held.
    fn hand_over_client(&mut self, core: &mut Core<M>, msg: MessageId, copy: bool) -> bool {
        let Some(place) = self.held_clients.iter().position(|held| held.msg == msg) else { return false };
        let envelope = match copy {
            true => copy_for_client(core, &self.held_clients[place]),
            false => self.held_clients.remove(place),
        };
        self.schedule_client(core, envelope, 0);
        true
    }

    /// Delivers the held requests and replies that `which` selects, without delay. Returns their
    /// number.
    pub(super) fn release_clients(
        &mut self,
        core: &mut Core<M>,
        mut which: impl FnMut(&ClientInFlight<'_, M>) -> bool,
    ) -> usize {
        let freed: Vec<_> = self.held_clients.extract_if(.., |held| which(&ClientInFlight::from(&*held))).collect();
        let count = freed.len();
        for envelope in freed {
            self.schedule_client(core, envelope, 0);
        }
        count
    }

    fn schedule_client(&mut self, core: &mut Core<M>, envelope: ClientEnvelope<M>, nanos: u64) {
        self.in_flight += 1;
        core.schedule_in(nanos, Scheduled::Client(envelope));
    }

    /// Returns the held messages, in the order of sending.
    pub(super) fn held_messages(&self) -> &[Envelope<M>] {
        &self.held
    }

    /// Delivers one held message, or a copy of it, without delay. Returns whether it is held.
    pub(super) fn hand_over(&mut self, core: &mut Core<M>, msg: MessageId, copy: bool) -> bool {
        let Ok(place) = self.held.binary_search_by_key(&msg, |envelope| envelope.msg) else {
            return self.hand_over_client(core, msg, copy);
        };
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

    pub(super) fn copy(&mut self, core: &mut Core<M>, envelope: &Envelope<M>, msg: MessageId) -> Envelope<M> {
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
        let mut filter = FaultFilter::of(self.fault_log.as_deref_mut(), from, to);
        draw.lost = draw.lost && filter.happens(MessageFaultKind::Lost);
        draw.repeated = draw.repeated && filter.happens(MessageFaultKind::Duplicated);
        draw.delayed = draw.delayed && filter.happens(MessageFaultKind::Delayed);
        draw
    }
}

pub(super) fn drop_message<M: Machine>(core: &mut Core<M>, envelope: &Envelope<M>, reason: DropReason) {
    core.record(Some(envelope.from.into()), envelope.cause, || TypedEvent::Drop { msg: envelope.msg, reason });
}

pub(super) fn drop_client_message<M: Machine>(core: &mut Core<M>, envelope: &ClientEnvelope<M>, reason: DropReason) {
    let (from, _) = envelope.ends();
    core.record(Some(from), envelope.cause, || TypedEvent::Drop { msg: envelope.msg, reason });
}

pub(super) fn copy_for_client<M: Machine>(core: &mut Core<M>, envelope: &ClientEnvelope<M>) -> ClientEnvelope<M> {
    let (copy, (from, _)) = (core.next_msg(), envelope.ends());
    let cause = core.record(Some(from), envelope.cause, || TypedEvent::Duplicate { msg: envelope.msg, copy });
    ClientEnvelope { msg: copy, cause, ..envelope.clone() }
}
