//! Conversion of a recording to a document: names for ids, JSON for the machine's types, diffs for
//! views.

use std::io;

use quorate_protocol::{Broken, ClientId, Machine, NodeId, Rule, Ticket};
use serde_json::Value;

use super::named::{json, said};
use super::words::called;
use super::{Citation, Document, Event, EventId, Happened, Header, Lane, Recorded, Recording, Said, What};
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
            self.about().names.scope(|| Event {
                id,
                at: event.at,
                lane: event.lane,
                cause: event.cause,
                what: self.general(id, &event, &mut views),
            })
        })
    }

    /// Returns the document's header. Nodes and clients without a name are named after their
    /// position.
    pub fn header(&self) -> Header {
        let about = self.about();
        let mut header = Header {
            protocol: about.protocol.clone(),
            title: about.title.clone(),
            seed: about.seed,
            nodes: about.names.nodes().to_vec(),
            clients: about.names.clients().to_vec(),
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

    fn general(&self, id: EventId, event: &Recorded<M>, views: &mut Views) -> What {
        match &event.what {
            Happened::Boot { incarnation, state } => {
                let state = json(state);
                if let Some(Lane::Node(node)) = event.lane {
                    views.put(node, state.clone());
                }
                What::Boot { incarnation: u64::from(*incarnation), state: Some(state) }
            }
            Happened::State { view } => What::State { diff: self.diff(id, event, view, views) },
            Happened::Rule { rule, why } => {
                What::Rule { rule: rule.id().to_owned(), why: self.sentence(*why).to_owned() }
            }
            Happened::Crash { lost, wiped } => What::Crash { lost: u64::from(*lost), wiped: *wiped },
            Happened::Pause => What::Pause,
            Happened::Resume => What::Resume,
            Happened::Drift { ppm } => What::Drift { ppm: i64::from(*ppm) },
            Happened::Jump { nanos } => What::Jump { nanos: *nanos },
            Happened::Partition { groups } => What::Partition { groups: groups.clone() },
            Happened::Heal => What::Heal,
            Happened::Link { from, to, up } => What::Link { from: *from, to: *to, up: *up },
            Happened::Ask { msg, to, ticket, command } => {
                let said = said(command, "Request");
                What::Send { msg: *msg, to: Lane::Node(*to), ticket: Some(ticket.number), said }
            }
            Happened::Request { msg, ticket: Ticket { client, number }, command } => {
                What::Request { msg: Some(*msg), client: *client, ticket: *number, said: said(command, "Request") }
            }
            Happened::Reply { msg, ticket: Ticket { client, number }, reply } => {
                What::Reply { msg: Some(*msg), client: *client, ticket: *number, said: said(reply, "Reply") }
            }
            Happened::Answer { msg, from, late } => What::Deliver { msg: *msg, from: Lane::Node(*from), late: *late },
            Happened::Send { msg, to, message } => {
                What::Send { msg: *msg, to: Lane::Node(*to), ticket: None, said: said(message, "Message") }
            }
            Happened::Deliver { msg, from } => What::Deliver { msg: *msg, from: Lane::Node(*from), late: false },
            Happened::Drop { msg, reason } => What::Drop { msg: *msg, reason: *reason },
            Happened::Duplicate { msg, copy } => What::Duplicate { msg: *msg, copy: *copy },
            Happened::Arm { timer, due } => What::Arm { timer: named_timer(timer), due: *due, ticket: None },
            Happened::Disarm { timer } => What::Disarm { timer: named_timer(timer) },
            Happened::Fire { timer } => What::Fire { timer: named_timer(timer), ticket: None, gave_up: false },
            Happened::Wait { ticket, due } => {
                What::Arm { timer: CLIENT_TIMER.to_owned(), due: *due, ticket: Some(ticket.number) }
            }
            Happened::TimedOut { ticket, gave_up } => {
                What::Fire { timer: CLIENT_TIMER.to_owned(), ticket: Some(ticket.number), gave_up: *gave_up }
            }
            Happened::Persist { record } => What::Persist(said(record, "Record")),
            Happened::Fact { fact } => What::Fact(said(fact, "Fact")),
            Happened::Violation(Broken { invariant, detail }) => {
                What::Violation { invariant: (*invariant).to_owned(), detail: detail.clone() }
            }
            Happened::Note(text) => What::Note { text: text.clone() },
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
                Happened::Boot { state: view, .. } | Happened::State { view } => Some(view),
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
    let Said { name, body } = said(timer, "Timer");
    called(&name, &body)
}

fn citation<R: Rule>(rule: R) -> Citation {
    Citation { id: rule.id().to_owned(), cite: rule.cite().to_owned(), says: rule.says().to_owned() }
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
fn addressee<M: Machine>(what: &Happened<M>) -> Option<Lane> {
    match what {
        Happened::Ask { to, .. } | Happened::Send { to, .. } => Some(Lane::Node(*to)),
        Happened::Request { ticket, .. } | Happened::Reply { ticket, .. } => Some(Lane::Client(ticket.client)),
        Happened::Link { from, to, .. } => Some(Lane::Node(*from.max(to))),
        Happened::Partition { groups } => groups.iter().flatten().max().copied().map(Lane::Node),
        _ => None,
    }
}
