//! The recording: what a driver fills while it runs.
//!
//! Recording must not slow a run down, and its cost is the memory that it touches. So the three events that make up nearly
//! all of a run, a message sent, a message delivered and a rule, are kept in a few bytes, with the messages beside them; the
//! others lie elsewhere as they come. Nothing is formatted or turned into JSON until somebody asks for
//! [a document](super::Document); the sentences of the rules go one behind the other into a single string.

use std::collections::BTreeMap;
use std::ops::Range;

use quorate_protocol::{Machine, Names, NodeId, Time};

use super::pile::Pile;
use super::{EventId, Happened, Lane, MessageId};

/// A sentence kept by a [`Recording`]; read it with [`Recording::sentence`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Text {
    start: usize,
    end: usize,
}

/// What a recording is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The protocol, e.g. `paxos`.
    pub protocol: String,
    /// One line about the run; may be empty.
    pub title: String,
    /// The seed that repeats the run, if it has one.
    pub seed: Option<u64>,
    /// What nodes and clients are called. Names should be unique over both.
    pub names: Names,
}

/// An event as it was recorded.
#[derive(Clone, PartialEq, Debug)]
pub struct Recorded<M: Machine> {
    /// When, in the driver's time.
    pub at: Time,
    /// To whom; `None` for what concerns the network or the whole run.
    pub lane: Option<Lane>,
    /// What made it happen; `None` for what a scenario, a fault or a boot injects.
    pub cause: Option<EventId>,
    /// What.
    pub what: Happened<M>,
}

/// A run, event by event, in the machine's own types.
#[derive(Clone, Debug)]
pub struct Recording<M: Machine> {
    about: About,
    /// How many events there were in the pieces before this one.
    before: usize,
    /// The latest view of each node in the pieces before this one.
    views: BTreeMap<NodeId, M::View>,
    events: Pile<Kept<M::Rule>>,
    messages: Pile<M::Message>,
    others: Pile<Happened<M>>,
    sentences: String,
}

/// An event as it is kept.
#[derive(Clone, Copy, Debug)]
struct Kept<R> {
    at: Time,
    lane: Option<Lane>,
    cause: Option<EventId>,
    what: Compact<R>,
}

/// What happened, in 16 bytes. What does not fit in them is one of the others.
#[derive(Clone, Copy, Debug)]
enum Compact<R> {
    Send { msg: u32, to: u32, message: u32 },
    Deliver { msg: u32, from: u32 },
    Rule { rule: R, start: u32, length: u32 },
    Other(u32),
}

impl<M: Machine> Recording<M> {
    /// An empty recording.
    pub fn new(about: About) -> Self {
        let (events, messages, others) = (Pile::new(), Pile::new(), Pile::new());
        let (before, views) = (0, BTreeMap::new());
        Recording { about, before, views, events, messages, others, sentences: String::new() }
    }

    /// Ends this piece of a recording and begins the next, which goes on with its numbers: a run that is told piece by piece
    /// need not be remembered as a whole. A cause may lie in an earlier piece.
    pub fn next_piece(&mut self) -> Self {
        let mut views = self.views.clone();
        for (_, event) in self.iter() {
            if let (Some(Lane::Node(node)), Happened::Boot { state: view, .. } | Happened::State { view }) =
                (event.lane, event.what)
            {
                views.insert(node, view);
            }
        }
        let next = Recording { before: self.before + self.len(), views, ..Recording::new(self.about.clone()) };
        std::mem::replace(self, next)
    }

    /// The latest view of a node in the pieces before this one.
    pub(super) fn earlier_view(&self, node: NodeId) -> Option<&M::View> {
        self.views.get(&node)
    }

    /// The id of this piece's first event, now or later; [`EventId::FIRST`] if nothing was recorded before it.
    pub fn first_id(&self) -> EventId {
        EventId::at_index(self.before)
    }

    /// Keeps a rule's sentence. The only cost is copying it.
    pub fn text(&mut self, why: &str) -> Text {
        let start = self.sentences.len();
        self.sentences.push_str(why);
        Text { start, end: self.sentences.len() }
    }

    /// The sentence that [`text`](Self::text) kept; empty for a text of another recording that does not fit this one.
    pub fn sentence(&self, text: Text) -> &str {
        self.sentences.get(text.start..text.end).unwrap_or_default()
    }

    /// Appends an event. Times must not go backwards and a cause must be an earlier event: readers of the document insist on it.
    pub fn push(&mut self, at: Time, lane: Option<Lane>, cause: Option<EventId>, what: Happened<M>) -> EventId {
        debug_assert!(self.events.last().is_none_or(|last| last.at <= at), "time goes backwards at {what:?}");
        debug_assert!(cause.is_none_or(|cause| cause < self.next_id()), "no such cause of {what:?}");
        let what = self.compact(what);
        EventId::at_index(self.before + self.events.push(Kept { at, lane, cause, what }))
    }

    fn compact(&mut self, what: Happened<M>) -> Compact<M::Rule> {
        match what {
            Happened::Send { msg: MessageId(msg), to, message } if msg <= u64::from(u32::MAX) => {
                Compact::Send { msg: msg as u32, to: to.0, message: place(self.messages.push(message)) }
            }
            Happened::Deliver { msg: MessageId(msg), from } if msg <= u64::from(u32::MAX) => {
                Compact::Deliver { msg: msg as u32, from: from.0 }
            }
            Happened::Rule { rule, why: Text { start, end } } if end <= u32::MAX as usize => {
                Compact::Rule { rule, start: start as u32, length: (end - start) as u32 }
            }
            other => Compact::Other(place(self.others.push(other))),
        }
    }

    fn expand(&self, kept: &Kept<M::Rule>) -> Option<Recorded<M>> {
        let what = match kept.what {
            Compact::Send { msg, to, message } => Happened::Send {
                msg: MessageId(u64::from(msg)),
                to: NodeId(to),
                message: self.messages.get(message as usize)?.clone(),
            },
            Compact::Deliver { msg, from } => Happened::Deliver { msg: MessageId(u64::from(msg)), from: NodeId(from) },
            Compact::Rule { rule, start, length } => {
                let (start, length) = (start as usize, length as usize);
                Happened::Rule { rule, why: Text { start, end: start + length } }
            }
            Compact::Other(other) => self.others.get(other as usize)?.clone(),
        };
        Some(Recorded { at: kept.at, lane: kept.lane, cause: kept.cause, what })
    }

    /// How many events were recorded.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether nothing was recorded yet.
    pub fn is_empty(&self) -> bool {
        self.events.len() == 0
    }

    /// What the recording is about.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// Replaces the names: a running script may add nodes and clients. Ids already given must keep their names.
    pub fn set_names(&mut self, names: Names) {
        self.about.names = names;
    }

    /// The id that the next event will have: where [`events_from`](Self::events_from) goes on later.
    pub fn next_id(&self) -> EventId {
        EventId::at_index(self.before + self.events.len())
    }

    /// The event of that id, if this recording has it. A copy: events are kept in another form.
    pub fn get(&self, id: EventId) -> Option<Recorded<M>> {
        let index = usize::try_from(id.get() - 1).ok()?.checked_sub(self.before)?;
        self.expand(self.events.get(index)?)
    }

    /// Every event with its id, in order. Skipping costs nothing.
    pub fn iter(&self) -> Events<'_, M> {
        Events { recording: self, left: 0..self.events.len() }
    }
}

/// The events of a [`Recording`], see [`Recording::iter`].
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

/// An index of a pile. Four billion events would fill any memory long before they could overflow it.
fn place(index: usize) -> u32 {
    u32::try_from(index).expect("a recording holds fewer than four billion events")
}
