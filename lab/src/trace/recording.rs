//! In-memory recording of a run, in the machine's own types.
//!
//! Recording must not slow down a run, and its cost is the memory that it touches. The three events
//! that make up nearly all of a run (message sent, message delivered, rule fired) are therefore
//! kept in a few bytes, with the messages in a separate vector; other events are stored unpacked
//! elsewhere. Nothing is formatted or converted to JSON until [a document](super::Document) is
//! requested; the explanations of the rules are appended to a single string.

use std::collections::BTreeMap;
use std::ops::Range;

use quorate_protocol::{Machine, Names, NodeId, Time};

use super::chunked_vec::ChunkedVec;
use super::{EventId, Lane, MessageId, TypedEvent};

/// Reference to a string in a [`Recording`]; read it with [`Recording::sentence`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Text {
    start: usize,
    end: usize,
}

/// Metadata of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunInfo {
    /// The protocol, e.g. `paxos`.
    pub protocol: String,
    /// One-line description of the run; may be empty.
    pub title: String,
    /// Seed that reproduces the run, if it has one.
    pub seed: Option<u64>,
    /// Names of nodes and clients. They should be unique across both.
    pub names: Names,
}

/// A recorded event.
#[derive(Clone, PartialEq, Debug)]
pub struct Recorded<M: Machine> {
    /// Time, in the driver's time.
    pub at: Time,
    /// Node or client concerned; `None` for an event of the network or the whole run.
    pub lane: Option<Lane>,
    /// Event that caused it; `None` for one injected by a scenario, a fault or a boot.
    pub cause: Option<EventId>,
    /// The event itself.
    pub what: TypedEvent<M>,
}

/// A run, event by event, in the machine's own types.
#[derive(Clone, Debug)]
pub struct Recording<M: Machine> {
    run_info: RunInfo,
    /// Number of events in the earlier pieces.
    before: usize,
    /// Latest view of each node in the earlier pieces.
    views: BTreeMap<NodeId, M::View>,
    events: ChunkedVec<Kept<M::Rule>>,
    messages: ChunkedVec<M::Message>,
    others: ChunkedVec<TypedEvent<M>>,
    sentences: String,
}

/// Stored form of an event.
#[derive(Clone, Copy, Debug)]
struct Kept<R> {
    at: Time,
    lane: Option<Lane>,
    cause: Option<EventId>,
    what: Compact<R>,
}

/// Packed event of 16 bytes. An event that does not fit is stored in `others`.
#[derive(Clone, Copy, Debug)]
enum Compact<R> {
    Send { msg: u32, to: u32, message: u32 },
    Deliver { msg: u32, from: u32 },
    Rule { rule: R, start: u32, length: u32 },
    Other(u32),
}

impl<M: Machine> Recording<M> {
    /// Creates an empty recording.
    pub fn new(run_info: RunInfo) -> Self {
        let (events, messages, others) = (ChunkedVec::new(), ChunkedVec::new(), ChunkedVec::new());
        let (before, views) = (0, BTreeMap::new());
        Recording { run_info, before, views, events, messages, others, sentences: String::new() }
    }

    /// Ends this piece of the recording and begins the next, which continues its numbering: a run
    /// that is printed piece by piece need not be kept in memory as a whole. A cause may lie in an
    /// earlier piece.
    pub fn next_piece(&mut self) -> Self {
        let mut views = self.views.clone();
        for (_, event) in self.iter() {
            if let (Some(Lane::Node(node)), TypedEvent::Boot { state: view, .. } | TypedEvent::State { view }) =
                (event.lane, event.what)
            {
                views.insert(node, view);
            }
        }
        let next = Recording { before: self.before + self.len(), views, ..Recording::new(self.run_info.clone()) };
        std::mem::replace(self, next)
    }

    /// Returns the latest view of a node in the earlier pieces.
    pub(super) fn earlier_view(&self, node: NodeId) -> Option<&M::View> {
        self.views.get(&node)
    }

    /// Returns the id of this piece's first event, now or later; [`EventId::FIRST`] if nothing was
    /// recorded before it.
    pub fn first_id(&self) -> EventId {
        EventId::at_index(self.before)
    }

    /// Stores a rule's explanation. The only cost is copying it.
    pub fn text(&mut self, why: &str) -> Text {
        let start = self.sentences.len();
        self.sentences.push_str(why);
        Text { start, end: self.sentences.len() }
    }

    /// Returns the string stored by [`text`](Self::text); empty for a reference from another
    /// recording that is out of range here.
    pub fn sentence(&self, text: Text) -> &str {
        self.sentences.get(text.start..text.end).unwrap_or_default()
    }

    /// Appends an event. Times must not decrease and a cause must be an earlier event: readers of
    /// the document reject anything else.
    pub fn push(&mut self, at: Time, lane: Option<Lane>, cause: Option<EventId>, what: TypedEvent<M>) -> EventId {
        debug_assert!(self.events.last().is_none_or(|last| last.at <= at), "time goes backwards at {what:?}");
        debug_assert!(cause.is_none_or(|cause| cause < self.next_id()), "no such cause of {what:?}");
        let what = self.compact(what);
        EventId::at_index(self.before + self.events.push(Kept { at, lane, cause, what }))
    }

    fn compact(&mut self, what: TypedEvent<M>) -> Compact<M::Rule> {
        match what {
            TypedEvent::Send { msg: MessageId(msg), to, message } if msg <= u64::from(u32::MAX) => {
                Compact::Send { msg: msg as u32, to: to.0, message: place(self.messages.push(message)) }
            }
            TypedEvent::Deliver { msg: MessageId(msg), from } if msg <= u64::from(u32::MAX) => {
                Compact::Deliver { msg: msg as u32, from: from.0 }
            }
            TypedEvent::Rule { rule, why: Text { start, end } } if end <= u32::MAX as usize => {
                Compact::Rule { rule, start: start as u32, length: (end - start) as u32 }
            }
            other => Compact::Other(place(self.others.push(other))),
        }
    }

    fn expand(&self, kept: &Kept<M::Rule>) -> Option<Recorded<M>> {
        let what = match kept.what {
            Compact::Send { msg, to, message } => TypedEvent::Send {
                msg: MessageId(u64::from(msg)),
                to: NodeId(to),
                message: self.messages.get(message as usize)?.clone(),
            },
            Compact::Deliver { msg, from } => {
                TypedEvent::Deliver { msg: MessageId(u64::from(msg)), from: NodeId(from) }
            }
            Compact::Rule { rule, start, length } => {
                let (start, length) = (start as usize, length as usize);
                TypedEvent::Rule { rule, why: Text { start, end: start + length } }
            }
            Compact::Other(other) => self.others.get(other as usize)?.clone(),
        };
        Some(Recorded { at: kept.at, lane: kept.lane, cause: kept.cause, what })
    }

    /// Returns the number of recorded events.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether the recording is empty.
    pub fn is_empty(&self) -> bool {
        self.events.len() == 0
    }

    /// Returns the metadata of the run.
    pub fn run_info(&self) -> &RunInfo {
        &self.run_info
    }

    /// Replaces the names: a running script may add nodes and clients. Ids already assigned must
    /// keep their names.
    pub fn set_names(&mut self, names: Names) {
        self.run_info.names = names;
    }

    /// Returns the id of the next event: the argument with which [`events_from`](Self::events_from)
    /// continues later.
    pub fn next_id(&self) -> EventId {
        EventId::at_index(self.before + self.events.len())
    }

    /// Returns a copy of an event, if this recording has it. Events are stored in another form.
    pub fn get(&self, id: EventId) -> Option<Recorded<M>> {
        let index = usize::try_from(id.get() - 1).ok()?.checked_sub(self.before)?;
        self.expand(self.events.get(index)?)
    }

    /// Iterates over all events with their ids, in order. Skipping costs nothing.
    pub fn iter(&self) -> Events<'_, M> {
        Events { recording: self, left: 0..self.events.len() }
    }
}

/// Iterator over the events of a [`Recording`], see [`Recording::iter`].
#[derive(Clone, Debug)]
pub struct Events<'a, M: Machine> {
    recording: &'a Recording<M>,
    left: Range<usize>,
}

impl<M: Machine> Events<'_, M> {
    fn at(&self, index: usize) -> Option<(EventId, Recorded<M>)> {
        let id = EventId::at_index(self.recording.before + index);
        Some((id, self.recording.get(id)?))
    }
}

impl<M: Machine> Iterator for Events<'_, M> {
    type Item = (EventId, Recorded<M>);

    fn next(&mut self) -> Option<Self::Item> {
        self.left.next().and_then(|index| self.at(index))
    }

    fn nth(&mut self, skipped: usize) -> Option<Self::Item> {
        self.left.nth(skipped).and_then(|index| self.at(index))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.left.size_hint()
    }
}

impl<M: Machine> DoubleEndedIterator for Events<'_, M> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.left.next_back().and_then(|index| self.at(index))
    }

    fn nth_back(&mut self, skipped: usize) -> Option<Self::Item> {
        self.left.nth_back(skipped).and_then(|index| self.at(index))
    }
}

impl<M: Machine> ExactSizeIterator for Events<'_, M> {}

/// Index into a chunked vector. Memory is exhausted long before four billion events overflow it.
fn place(index: usize) -> u32 {
    u32::try_from(index).expect("a recording holds fewer than four billion events")
}
