//! The network: it may lose, duplicate, delay and reorder messages, and be partitioned. It never
//! corrupts a message.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::{Duration, Machine, NodeId, nanos};

use super::core::{Core, Due, Envelope};
use crate::env::{Conditions, Dice, Draw, Links};
use crate::trace::{DropReason, Happened, Lane, MessageId};

/// Delivery of one message as decided by a script, in place of chance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// Random, under the conditions of the link.
    Chance,
    /// It is dropped.
    Lose,
    /// It is held until it is [released](super::World::release).
    Hold,
    /// It is delivered after exactly this time.
    Take(Duration),
    /// It is delivered twice: after the usual time, and this much later.
    Repeat(Duration),
}

/// A message that a node has just sent, as seen by [`World::intercept`](super::World::intercept).
#[derive(Debug)]
pub struct Passing<'a, M: Machine> {
    /// The sender.
    pub from: NodeId,
    /// The receiver.
    pub to: NodeId,
    /// Its content.
    pub message: &'a M::Message,
}

type Interceptor<M> = Box<dyn FnMut(&Passing<'_, M>) -> Fate>;

/// A random fault of one message, identified so that the same run can be repeated without it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Mishap {
    /// The kind of the fault.
    pub kind: MishapKind,
    /// The sender.
    pub from: Lane,
    /// The receiver.
    pub to: Lane,
    /// Position of the message among those sent on this link, from 1.
    pub nth: u64,
}

/// Kind of a message fault.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MishapKind {
    /// It was lost.
    Lost,
    /// It was delivered twice.
    Repeated,
    /// It had an extra delay, so that others could overtake it.
    Straggled,
}

impl std::fmt::Display for Mishap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Mishap { kind, from, to, nth } = self;
        let what = match kind {
            MishapKind::Lost => "is lost",
            MishapKind::Repeated => "arrives twice",
            MishapKind::Straggled => "is late",
        };
        write!(f, "message {nth} from {from} to {to} {what}")
    }
}

/// Log of the message faults of a run, and filter of those that may happen.
#[derive(Clone, Default, Debug)]
pub(super) struct Journal {
    /// The only faults that may happen; `None` allows all.
    allowed: Option<BTreeSet<Mishap>>,
    pub(super) happened: BTreeSet<Mishap>,
    sent: BTreeMap<(Lane, Lane), u64>,
}

impl Journal {
    pub(super) fn allowing(allowed: BTreeSet<Mishap>) -> Self {
        Journal { allowed: Some(allowed), ..Journal::default() }
    }
}

pub(super) struct Network<M: Machine> {
    pub(super) links: Links,
    nodes: usize,
    /// One stream of random numbers per sender, nodes first, so that messages of one sender do not
    /// influence those of others.
    dice: Vec<Dice>,
    interceptor: Option<Interceptor<M>>,
    held: Vec<Envelope<M>>,
    pub(super) journal: Option<Box<Journal>>,
    in_flight: usize,
    /// Whether every message is held until it is delivered manually.
    by_hand: bool,
}

impl<M: Machine> Network<M> {
    pub(super) fn new(nodes: usize, clients: usize, seed: u64, conditions: Conditions) -> Self {
        Network {
            links: Links::new(nodes, conditions),
            nodes,
            dice: (0..nodes + clients).map(|sender| Dice::new(seed, 2 * sender as u64)).collect(),
            interceptor: None,
            held: Vec::new(),
            journal: None,
            in_flight: 0,
            by_hand: false,
        }
    }

    /// Sets whether every message is held until it is delivered manually.
    pub(super) fn by_hand(self, by_hand: bool) -> Self {
        Network { by_hand, ..self }
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
    pub(super) fn landed(&mut self) {
        self.in_flight -= 1;
    }

    /// Counts a message as in flight: one that waited at a paused node, or is injected.
    pub(super) fn took_off(&mut self) {
        self.in_flight += 1;
    }

    /// Sends a message of a node. A message to itself is delivered without delay, and never lost.
    #[inline]
    pub(super) fn send(&mut self, core: &mut Core<M>, envelope: Envelope<M>) {
        let Envelope { from, to, msg, .. } = envelope;
        if from == to {
            return self.set_out(core, envelope, 0);
        }
        if self.links.is_cut(from, to) {
            return drop_message(core, &envelope, DropReason::Partition);
        }
        if self.by_hand {
            return self.held.push(envelope);
        }
        let fate = match &mut self.interceptor {
            Some(decide) => decide(&Passing { from, to, message: &envelope.message }),
            None => Fate::Chance,
        };
        let draw = self.draw(Lane::Node(from), Lane::Node(to));
        match fate {
            Fate::Lose => drop_message(core, &envelope, DropReason::Script),
            Fate::Hold => self.held.push(envelope),
            Fate::Take(span) => self.set_out(core, envelope, nanos(span)),
            Fate::Repeat(later) => {
                let copy = self.copy(core, &envelope, msg);
                self.set_out(core, envelope, draw.nanos());
                self.set_out(core, copy, draw.nanos().saturating_add(nanos(later)));
            }
            Fate::Chance if draw.lost => drop_message(core, &envelope, DropReason::Loss),
            Fate::Chance => {
                if let Some(nanos) = draw.copy_nanos() {
                    let copy = self.copy(core, &envelope, msg);
                    self.set_out(core, copy, nanos);
                }
                self.set_out(core, envelope, draw.nanos());
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
        due: impl Fn(MessageId, Option<crate::trace::EventId>) -> Due<M>,
    ) {
        let draw = self.draw(from, to);
        if draw.lost {
            core.record(Some(from), cause, || Happened::Drop { msg, reason: DropReason::Loss });
            return;
        }
        if let Some(nanos) = draw.copy_nanos() {
            let copy = core.next_msg();
            let cause = core.record(Some(from), cause, || Happened::Duplicate { msg, copy });
            core.plan_in(nanos, due(copy, cause));
            self.in_flight += 1;
        }
        core.plan_in(draw.nanos(), due(msg, cause));
        self.in_flight += 1;
    }

    /// Returns the held messages, in the order of sending.
    pub(super) fn waiting(&self) -> &[Envelope<M>] {
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
        self.set_out(core, envelope, 0);
        true
    }

    /// Delivers the held messages that `which` selects, without delay. Returns their number.
    pub(super) fn release(&mut self, core: &mut Core<M>, mut which: impl FnMut(&Passing<'_, M>) -> bool) -> usize {
        let (freed, held) = std::mem::take(&mut self.held)
            .into_iter()
            .partition(|held| which(&Passing { from: held.from, to: held.to, message: &held.message }));
        self.held = held;
        let freed: Vec<Envelope<M>> = freed;
        let count = freed.len();
        for envelope in freed {
            self.set_out(core, envelope, 0);
        }
        count
    }

    #[inline]
    fn set_out(&mut self, core: &mut Core<M>, envelope: Envelope<M>, nanos: u64) {
        self.in_flight += 1;
        core.plan_in(nanos, Due::Message(envelope));
    }

    fn copy(&mut self, core: &mut Core<M>, envelope: &Envelope<M>, msg: MessageId) -> Envelope<M> {
        let copy = core.next_msg();
        let cause = core.record(Some(envelope.from.into()), envelope.cause, || Happened::Duplicate { msg, copy });
        Envelope { msg: copy, cause, ..envelope.clone() }
    }

    /// Draws the outcome for one message. Faults that the journal does not allow are suppressed.
    #[inline]
    fn draw(&mut self, from: Lane, to: Lane) -> Draw {
        let sender = match from {
            Lane::Node(node) => node.index(),
            Lane::Client(client) => self.nodes + client.index(),
        };
        let mut draw = Draw::of(&self.links.conditions(), &mut self.dice[sender]);
        let mut omen = Omen { journal: self.journal.as_deref_mut(), from, to, nth: 0 };
        omen.count();
        draw.lost = draw.lost && omen.befalls(MishapKind::Lost);
        draw.repeated = draw.repeated && omen.befalls(MishapKind::Repeated);
        draw.straggles = draw.straggles && omen.befalls(MishapKind::Straggled);
        draw
    }
}

/// Checks against the journal, if there is one, whether a fault of this message may happen, and
/// logs it.
struct Omen<'a> {
    journal: Option<&'a mut Journal>,
    from: Lane,
    to: Lane,
    nth: u64,
}

impl Omen<'_> {
    fn count(&mut self) {
        if let Some(journal) = &mut self.journal {
            let sent = journal.sent.entry((self.from, self.to)).or_default();
            *sent += 1;
            self.nth = *sent;
        }
    }

    fn befalls(&mut self, kind: MishapKind) -> bool {
        let Some(journal) = &mut self.journal else { return true };
        let mishap = Mishap { kind, from: self.from, to: self.to, nth: self.nth };
        let befalls = journal.allowed.as_ref().is_none_or(|allowed| allowed.contains(&mishap));
        if befalls {
            journal.happened.insert(mishap);
        }
        befalls
    }
}

pub(super) fn drop_message<M: Machine>(core: &mut Core<M>, envelope: &Envelope<M>, reason: DropReason) {
    core.record(Some(envelope.from.into()), envelope.cause, || Happened::Drop { msg: envelope.msg, reason });
}
