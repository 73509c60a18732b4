//! Conversion of a recording to a document: names for ids, JSON for the machine's types, diffs for
//! views.

use std::io;

use quorate_protocol::{ClientId, InvariantViolation, Machine, NodeId, RequestId, Rule};

use super::humanize::label;
use super::named::{json, payload};
use super::{
    Citation, Document, Event, EventId, EventKind, Header, Lane, Payload, Recorded, Recording, TypedEvent, Value,
};
use super::{jsonl, patch};

impl<M: Machine> Recording<M> {
    /// Converts the whole recording. Costs time and memory for every event; see
    /// [`events_from`](Self::events_from) for a part and [`write_jsonl`](Self::write_jsonl) for a
    /// file.
    pub fn document(&self) -> Document {
        self.document_from(EventId::FIRST)
    }

    /// Returns the document without the events before `first`. A printer that has already shown
    /// those, such as [`render::Log`](super::render::Log), can continue from there.
    pub fn document_from(&self, first: EventId) -> Document {
        Document { header: self.header(), events: self.events_from(first).collect() }
    }

    /// Converts the events from `first` on, lazily. Empty if `first` is [not yet
    /// recorded](Self::next_id).
    pub fn events_from(&self, first: EventId) -> impl Iterator<Item = Event> + '_ {
        let mut views = Views::default();
        let skipped = first.get().saturating_sub(self.first_id().get());
        self.iter().skip(usize::try_from(skipped).unwrap_or(usize::MAX)).map(move |(id, event)| {
            self.run_info().names.scope(|| Event {
                id,
                at: event.at,
                lane: event.lane,
                cause: event.cause,
                what: self.general(id, &event, &mut views),
            })
        })
    }

    /// Converts the events after the first `count` of this piece.
    pub fn events_after(&self, count: usize) -> Vec<Event> {
        let first = usize::try_from(self.first_id().get() - 1).unwrap_or(usize::MAX);
        self.events_from(EventId::at_index(first.saturating_add(count))).collect()
    }

    /// Returns the document's header. Nodes and clients without a name are named after their
    /// position.
    pub fn header(&self) -> Header {
        let run_info = self.run_info();
        let mut header = Header {
            protocol: run_info.protocol.clone(),
            title: run_info.title.clone(),
            seed: run_info.seed,
            nodes: run_info.names.nodes().to_vec(),
            clients: run_info.names.clients().to_vec(),
            rules: M::Rule::ALL.iter().copied().map(citation).collect(),
        };
        for (_, event) in self.iter() {
            for lane in event.lane.into_iter().chain(addressee(&event.what)) {
                name_up_to(&mut header, lane);
            }
        }
        header
    }

    /// Writes the trace as JSON Lines: the same bytes as for the [document](Self::document), but
    /// one event at a time.
    ///
    /// # Errors
    /// Errors of `out`; [`io::ErrorKind::InvalidInput`] if two lanes have the same name, which no
    /// reader could tell apart.
    pub fn write_jsonl(&self, out: impl io::Write) -> io::Result<()> {
        jsonl::write(&self.header(), self.events_from(EventId::FIRST), out)
    }

    fn general(&self, id: EventId, event: &Recorded<M>, views: &mut Views) -> EventKind {
        match &event.what {
            TypedEvent::Boot { incarnation, state } => {
                let state = json(state);
                if let Some(Lane::Node(node)) = event.lane {
                    views.put(node, state.clone());
                }
                EventKind::Boot { incarnation: u64::from(*incarnation), state: Some(state) }
            }
            TypedEvent::State { view } => EventKind::State { diff: self.diff(id, event, view, views) },
            TypedEvent::Rule { rule, why } => {
                EventKind::Rule { rule: rule.id().to_owned(), why: self.sentence(*why).to_owned() }
            }
            TypedEvent::Crash { lost, wiped, restored } => {
                EventKind::Crash { lost: u64::from(*lost), wiped: *wiped, restored: *restored }
            }
            TypedEvent::Pause => EventKind::Pause,
            TypedEvent::Suspend => EventKind::Suspend,
            TypedEvent::Resume => EventKind::Resume,
            TypedEvent::Drift { ppm } => EventKind::Drift { ppm: i64::from(*ppm) },
            TypedEvent::Jump { nanos } => EventKind::Jump { nanos: *nanos },
            TypedEvent::Partition { groups } => EventKind::Partition { groups: groups.clone() },
            TypedEvent::Heal => EventKind::Heal,
            TypedEvent::Link { from, to, up } => EventKind::Link { from: *from, to: *to, up: *up },
            TypedEvent::Ask { msg, to, ticket, command } => {
                let payload = payload(command, "Request");
                EventKind::Send { msg: *msg, to: Lane::Node(*to), ticket: Some(ticket.number), payload }
            }
            TypedEvent::Request { msg, ticket: RequestId { client, number }, command } => EventKind::Request {
                msg: Some(*msg),
                client: *client,
                ticket: *number,
                payload: payload(command, "Request"),
            },
            TypedEvent::Reply { msg, ticket: RequestId { client, number }, reply } => {
                EventKind::Reply { msg: Some(*msg), client: *client, ticket: *number, payload: payload(reply, "Reply") }
            }
            TypedEvent::Answer { msg, from, late } => {
                EventKind::Deliver { msg: *msg, from: Lane::Node(*from), late: *late }
            }
            TypedEvent::Send { msg, to, message } => {
                EventKind::Send { msg: *msg, to: Lane::Node(*to), ticket: None, payload: payload(message, "Message") }
            }
            TypedEvent::Deliver { msg, from } => EventKind::Deliver { msg: *msg, from: Lane::Node(*from), late: false },
            TypedEvent::Drop { msg, reason } => EventKind::Drop { msg: *msg, reason: *reason },
            TypedEvent::Duplicate { msg, copy } => EventKind::Duplicate { msg: *msg, copy: *copy },
            TypedEvent::Forge(forgery) => EventKind::Forge(forgery.clone()),
            TypedEvent::Arm { timer, due } => EventKind::Arm { timer: named_timer(timer), due: *due, ticket: None },
            TypedEvent::Disarm { timer } => EventKind::Disarm { timer: named_timer(timer) },
            TypedEvent::Fire { timer } => EventKind::Fire { timer: named_timer(timer), ticket: None, gave_up: false },
            TypedEvent::Wait { ticket, due } => {
                EventKind::Arm { timer: CLIENT_TIMER.to_owned(), due: *due, ticket: Some(ticket.number) }
            }
            TypedEvent::TimedOut { ticket, gave_up } => {
                EventKind::Fire { timer: CLIENT_TIMER.to_owned(), ticket: Some(ticket.number), gave_up: *gave_up }
            }
            TypedEvent::Persist { record } => EventKind::Persist(payload(record, "Record")),
            TypedEvent::Fact { fact } => EventKind::Fact(payload(fact, "Fact")),
            TypedEvent::Violation(InvariantViolation { invariant, detail }) => {
                EventKind::Violation { invariant: (*invariant).to_owned(), detail: detail.clone() }
            }
            TypedEvent::Note(text) => EventKind::Note { text: text.clone() },
        }
    }

    /// Diff of the view against the previous one: the last one converted, or else the last one
    /// recorded.
    fn diff(&self, id: EventId, event: &Recorded<M>, view: &M::View, views: &mut Views) -> Value {
        let Some(Lane::Node(node)) = event.lane else { return json(view) };
        let new = json(view);
        let old = views.put(node, new.clone()).or_else(|| self.view_before(id, node).as_ref().map(json));
        patch::diff(&old.unwrap_or_default(), &new)
    }

    fn view_before(&self, id: EventId, node: NodeId) -> Option<M::View> {
        let before = usize::try_from(id.get() - self.first_id().get()).ok()?;
        let here = self.iter().take(before).rev().filter(|(_, event)| event.lane == Some(Lane::Node(node))).find_map(
            |(_, event)| match event.what {
                TypedEvent::Boot { state: view, .. } | TypedEvent::State { view } => Some(view),
                _ => None,
            },
        );
        here.or_else(|| self.earlier_view(node).cloned())
    }
}

/// Latest view of each node, by its index.
#[derive(Default)]
struct Views(Vec<Option<Value>>);

impl Views {
    /// Stores a view and returns the previous one.
    fn put(&mut self, node: NodeId, view: Value) -> Option<Value> {
        if self.0.len() <= node.index() {
            self.0.resize(node.index() + 1, None);
        }
        self.0[node.index()].replace(view)
    }
}

/// Name of a client's timer.
const CLIENT_TIMER: &str = "Timeout";

fn named_timer(timer: &impl serde::Serialize) -> String {
    let Payload { name, body } = payload(timer, "Timer");
    label(&name, &body)
}

fn citation<R: Rule>(rule: R) -> Citation {
    Citation { id: rule.id().to_owned(), cite: rule.cite().to_owned(), says: rule.summary().to_owned() }
}

/// Names every lane up to this one, so that the header lists all that the events mention.
fn name_up_to(header: &mut Header, lane: Lane) {
    match lane {
        Lane::Node(last) => {
            for index in header.nodes.len()..=last.index() {
                header.nodes.push(header.name(Lane::Node(NodeId(index as u32))).into_owned());
            }
        }
        Lane::Client(last) => {
            for index in header.clients.len()..=last.index() {
                header.clients.push(header.name(Lane::Client(ClientId(index as u32))).into_owned());
            }
        }
    }
}

/// The other lane that an event mentions, besides its own.
fn addressee<M: Machine>(what: &TypedEvent<M>) -> Option<Lane> {
    match what {
        TypedEvent::Ask { to, .. } | TypedEvent::Send { to, .. } => Some(Lane::Node(*to)),
        TypedEvent::Request { ticket, .. } | TypedEvent::Reply { ticket, .. } => Some(Lane::Client(ticket.client)),
        TypedEvent::Link { from, to, .. } => Some(Lane::Node(*from.max(to))),
        TypedEvent::Partition { groups } => groups.iter().flatten().max().copied().map(Lane::Node),
        _ => None,
    }
}
