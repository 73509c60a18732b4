//! Causal structure of a run: the events of each step, and the sends and deliveries of messages.

use std::collections::BTreeMap;

use quorate_protocol::{ClientId, NodeId};

use crate::trace::{Document, DropReason, Event, EventId, EventKind, Lane, MessageId, Payload};

/// Outcome of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum MessageOutcome {
    /// It was delivered, at the event with this index.
    Arrived(usize),
    /// It was lost, at the event with this index.
    Lost(usize, DropReason),
    /// It is still in flight when the trace ends.
    InFlight,
}

impl MessageOutcome {
    /// Index of the event that ended it.
    pub(super) fn end(self) -> Option<usize> {
        match self {
            MessageOutcome::Arrived(end) | MessageOutcome::Lost(end, _) => Some(end),
            MessageOutcome::InFlight => None,
        }
    }
}

/// A message, or a copy of one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Journey<'a> {
    pub(super) from: Lane,
    pub(super) to: Lane,
    pub(super) payload: &'a Payload,
    /// Index of the event that sent it: a `send`, a `reply`, a `duplicate`.
    pub(super) left: usize,
    pub(super) copy: bool,
    /// Index of the last lie in it.
    pub(super) forged: Option<usize>,
    pub(super) fate: MessageOutcome,
}

/// A document's steps and messages.
#[derive(Debug)]
pub(super) struct Causality<'a> {
    pub(super) document: &'a Document,
    /// For each event, the index of the first event of its step.
    pub(super) step: Vec<usize>,
    pub(super) journeys: Vec<Journey<'a>>,
    /// Message of each event that sends or ends one.
    pub(super) journey_at: BTreeMap<usize, usize>,
}

impl<'a> Causality<'a> {
    pub(super) fn of(document: &'a Document) -> Causality<'a> {
        let mut causality = Causality {
            document,
            step: Vec::with_capacity(document.events.len()),
            journeys: Vec::new(),
            journey_at: BTreeMap::new(),
        };
        let mut by_message = BTreeMap::new();
        for (place, event) in document.events.iter().enumerate() {
            let step = causality.step_of(place, event);
            causality.step.push(step);
            causality.travel(place, event, &mut by_message);
        }
        causality
    }

    /// Lanes in drawing order: clients first, because they start everything; then the nodes.
    pub(super) fn lanes(document: &Document) -> Vec<Lane> {
        let clients = (0..document.header.clients.len() as u32).map(|index| Lane::Client(ClientId(index)));
        let nodes = (0..document.header.nodes.len() as u32).map(|index| Lane::Node(NodeId(index)));
        clients.chain(nodes).collect()
    }

    /// Index of an event.
    fn place(&self, id: EventId) -> Option<usize> {
        self.document.events.binary_search_by_key(&id, |event| event.id).ok()
    }

    fn step_of(&self, place: usize, event: &Event) -> usize {
        if !is_within_a_step(&event.what) {
            return place;
        }
        let cause = event.cause.and_then(|cause| self.place(cause));
        if let Some((at, cause)) = cause.map(|at| (at, &self.document.events[at]))
            && cause.lane == event.lane
            && matches!(
                cause.what,
                EventKind::Boot { .. } | EventKind::Deliver { .. } | EventKind::Request { .. } | EventKind::Fire { .. }
            )
        {
            return self.step[at];
        }
        let before = place.checked_sub(1).map(|at| (at, &self.document.events[at]));
        match before {
            Some((at, before))
                if before.lane == event.lane
                    && before.at == event.at
                    && !matches!(event.what, EventKind::Send { .. }) =>
            {
                self.step[at]
            }
            _ => place,
        }
    }

    fn travel(&mut self, place: usize, event: &'a Event, by_message: &mut BTreeMap<MessageId, usize>) {
        match (&event.what, event.lane) {
            (EventKind::Send { msg, to, payload, .. }, Some(from)) => {
                self.leave(place, *msg, (from, *to), payload, by_message)
            }
            (EventKind::Reply { msg: Some(msg), client, payload, .. }, Some(from)) => {
                self.leave(place, *msg, (from, Lane::Client(*client)), payload, by_message);
            }
            (EventKind::Duplicate { msg, copy }, _) => {
                let Some(original) = by_message.get(msg).map(|&at| self.journeys[at]) else { return };
                by_message.insert(*copy, self.journeys.len());
                self.journey_at.insert(place, self.journeys.len());
                self.journeys.push(Journey { left: place, copy: true, fate: MessageOutcome::InFlight, ..original });
            }
            (EventKind::Forge(forgery), _) => {
                let Some(&journey) = by_message.get(&forgery.msg) else { return };
                self.journeys[journey].payload = &forgery.payload;
                self.journeys[journey].forged = Some(place);
                self.journey_at.insert(place, journey);
            }
            (EventKind::Deliver { msg, .. } | EventKind::Request { msg: Some(msg), .. }, _) => {
                self.finish(place, by_message.get(msg).copied(), MessageOutcome::Arrived(place));
            }
            (EventKind::Drop { msg, reason }, _) => {
                self.finish(place, by_message.get(msg).copied(), MessageOutcome::Lost(place, *reason))
            }
            _ => {}
        }
    }

    fn leave(
        &mut self,
        place: usize,
        msg: MessageId,
        (from, to): (Lane, Lane),
        payload: &'a Payload,
        by_message: &mut BTreeMap<MessageId, usize>,
    ) {
        by_message.insert(msg, self.journeys.len());
        self.journey_at.insert(place, self.journeys.len());
        let fate = MessageOutcome::InFlight;
        self.journeys.push(Journey { from, to, payload, left: place, copy: false, forged: None, fate });
    }

    fn finish(&mut self, place: usize, journey: Option<usize>, fate: MessageOutcome) {
        let Some(journey) = journey else { return };
        self.journeys[journey].fate = fate;
        self.journey_at.insert(place, journey);
    }
}

/// Whether an event is an action of a node within a step.
fn is_within_a_step(what: &EventKind) -> bool {
    matches!(
        what,
        EventKind::Rule { .. }
            | EventKind::Persist(_)
            | EventKind::Send { .. }
            | EventKind::Reply { .. }
            | EventKind::Arm { .. }
            | EventKind::Disarm { .. }
            | EventKind::Fact(_)
            | EventKind::State { .. }
    )
}
