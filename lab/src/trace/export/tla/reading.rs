//! Trace reader for TLA+: contents of messages, views of nodes, and numbers for names and values.

use std::collections::BTreeMap;

use quorate_protocol::NodeId;

use super::TlaError;
use super::text::{Expr, LARGEST};
use crate::trace::{Document, Event, EventId, EventKind, Lane, MessageId, Payload, Value, apply};

/// A message between two nodes.
#[derive(Clone, Copy, Debug)]
pub(super) struct SentMessage<'a> {
    pub(super) from: NodeId,
    pub(super) to: NodeId,
    pub(super) payload: &'a Payload,
}

/// A document and the contents of its messages.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    pub(super) document: &'a Document,
    letters: BTreeMap<MessageId, SentMessage<'a>>,
    views: BTreeMap<NodeId, Value>,
    /// Numbers of the values seen so far, from 1 in order of appearance.
    values: BTreeMap<String, u64>,
}

impl<'a> Reading<'a> {
    pub(super) fn of(document: &'a Document) -> Self {
        let mut letters: BTreeMap<MessageId, SentMessage<'a>> = BTreeMap::new();
        for event in &document.events {
            match &event.what {
                EventKind::Send { msg, to: Lane::Node(to), payload, .. } => {
                    if let Some(Lane::Node(from)) = event.lane {
                        letters.insert(*msg, SentMessage { from, to: *to, payload });
                    }
                }
                EventKind::Duplicate { msg, copy } => {
                    if let Some(letter) = letters.get(msg).copied() {
                        letters.insert(*copy, letter);
                    }
                }
                _ => {}
            }
        }
        Reading { document, letters, views: BTreeMap::new(), values: BTreeMap::new() }
    }

    /// Returns the message that an event delivers, if it is one between nodes.
    pub(super) fn delivered(&self, event: &Event) -> Option<SentMessage<'a>> {
        match event.what {
            EventKind::Deliver { msg, .. } => self.letters.get(&msg).copied(),
            _ => None,
        }
    }

    /// Returns the message whose delivery caused an event.
    pub(super) fn trigger(&self, event: &Event) -> Option<SentMessage<'a>> {
        let events = &self.document.events;
        let at = events.binary_search_by_key(&event.cause?, |event| event.id).ok()?;
        self.delivered(&events[at])
    }

    /// Updates a node's view, and returns it as of the event.
    pub(super) fn follow(&mut self, event: &Event) -> Option<(NodeId, &Value)> {
        let Some(Lane::Node(node)) = event.lane else { return None };
        match &event.what {
            EventKind::Boot { state, .. } => {
                self.views.insert(node, state.clone().unwrap_or_default());
            }
            EventKind::State { diff } => apply(self.views.entry(node).or_default(), diff.clone()),
            _ => return None,
        }
        self.views.get(&node).map(|view| (node, view))
    }

    /// Returns a node's view as of the last event followed.
    pub(super) fn view(&self, node: NodeId) -> &Value {
        self.views.get(&node).unwrap_or(&Value::Null)
    }

    /// Checks that the first boot of every node has a view: roles and initial disk contents are
    /// known only from that.
    pub(super) fn shows_nodes(&self) -> Result<(), TlaError> {
        let expected = "a first boot with the view of the node";
        let blind = |event: &&Event| matches!(event.what, EventKind::Boot { incarnation: 1, state: None });
        let events = &self.document.events;
        let none = if self.first_boots().next().is_none() { events.first() } else { None };
        match events.iter().find(blind).or(none) {
            Some(event) => Err(TlaError::Unreadable { event: event.id, expected }),
            None => Ok(()),
        }
    }

    /// Checks that no disk is restored from a backup: a specification has no such step.
    pub(super) fn restores_nothing(&self) -> Result<(), TlaError> {
        let restored = |event: &&Event| matches!(event.what, EventKind::Crash { restored: Some(_), .. });
        let found = self.document.events.iter().find(restored);
        found.map_or(Ok(()), |event| Err(TlaError::Restored { event: event.id }))
    }

    /// Checks that no message is forged: the specifications know no liars.
    pub(super) fn forges_nothing(&self) -> Result<(), TlaError> {
        let forged = |event: &&Event| matches!(event.what, EventKind::Forge(_));
        let found = self.document.events.iter().find(forged);
        found.map_or(Ok(()), |event| Err(TlaError::Forged { event: event.id }))
    }

    /// Returns the first boot of each node, which has its role.
    pub(super) fn first_boots(&self) -> impl Iterator<Item = (EventId, NodeId, &'a Value)> + use<'a> {
        self.document.events.iter().filter_map(|event| match (&event.what, event.lane) {
            (EventKind::Boot { incarnation: 1, state: Some(state) }, Some(Lane::Node(node))) => {
                Some((event.id, node, state))
            }
            _ => None,
        })
    }

    /// Returns the number of a value: equal texts have equal numbers.
    pub(super) fn value(&mut self, text: &str) -> u64 {
        let next = self.values.len() as u64 + 1;
        *self.values.entry(text.to_owned()).or_insert(next)
    }

    /// Returns the place of an event, for reading its body.
    pub(super) fn at(&self, event: EventId) -> Place<'a> {
        Place { document: self.document, event }
    }
}

/// Number of a node, from 1: 0 means none.
pub(super) fn number_of(node: NodeId) -> u64 {
    u64::from(node.0) + 1
}

/// A node as an expression.
pub(super) fn node(node: NodeId) -> Expr {
    Expr::Number(number_of(node))
}

/// Event whose body is being read, for error messages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    document: &'a Document,
    event: EventId,
}

impl Place<'_> {
    pub(super) fn unreadable(self, expected: &'static str) -> TlaError {
        TlaError::Unreadable { event: self.event, expected }
    }

    /// Checks that TLC can represent a number.
    pub(super) fn count(self, number: u64) -> Result<u64, TlaError> {
        if number > LARGEST { Err(TlaError::NumberTooLarge { event: self.event, number }) } else { Ok(number) }
    }

    pub(super) fn number(self, body: &Value, field: &'static str) -> Result<u64, TlaError> {
        self.count(body[field].as_u64().ok_or_else(|| self.unreadable(field))?)
    }

    /// Number of a node, by its name.
    pub(super) fn named(self, name: &str, expected: &'static str) -> Result<u64, TlaError> {
        let place = self.document.header.nodes.iter().position(|each| each == name);
        place.map(|place| place as u64 + 1).ok_or_else(|| self.unreadable(expected))
    }

    pub(super) fn node(self, body: &Value, field: &'static str) -> Result<u64, TlaError> {
        self.named(body[field].as_str().ok_or_else(|| self.unreadable(field))?, field)
    }

    /// Numbers of nodes, by their names; none if the field is absent.
    pub(super) fn nodes(self, body: &Value, field: &'static str) -> Result<Vec<u64>, TlaError> {
        let names = body[field].as_array().map(Vec::as_slice).unwrap_or_default();
        names.iter().map(|name| self.named(name.as_str().unwrap_or_default(), field)).collect()
    }

    pub(super) fn text<'b>(self, body: &'b Value, field: &'static str) -> Result<&'b str, TlaError> {
        body[field].as_str().ok_or_else(|| self.unreadable(field))
    }
}
