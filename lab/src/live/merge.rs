//! Merge of the threads' traces into one: in the order of time where it is known, and no effect
//! before its cause.
//!
//! All threads read one monotonic clock, so their times are comparable; but two readings may be
//! equal, and a thread may hand over its events late. So the merge follows time, and holds an
//! arrival back until the message's sending is merged. An event that arrives late gets the time of
//! the previous event.

use std::collections::{BTreeMap, VecDeque};

use quorate_protocol::{Machine, Time};

use super::thread_trace::{Cause, Source, TraceChunk, TraceEvent, TraceItem};
use crate::trace::{EventId, MessageId, Recording, TypedEvent};

/// Merges the threads' traces, chunk by chunk.
#[derive(Debug)]
pub(super) struct Merge<M: Machine> {
    pub(super) recording: Recording<M>,
    streams: BTreeMap<Source, Stream<M>>,
    /// The messages that later events may refer to, by their sender's number.
    sent: BTreeMap<MessageId, Sent>,
    messages: u64,
    now: Time,
}

/// A message whose sending is merged.
#[derive(Clone, Copy, Debug)]
struct Sent {
    /// The event that sent it.
    by: EventId,
    /// Its number in the trace.
    msg: MessageId,
    /// Whether it has arrived or was lost.
    landed: bool,
}

/// Number of recent events that are remembered as possible causes when the trace is taken in
/// pieces. Effects, except for messages in flight, follow their cause sooner: at two hundred events
/// per second this is ten minutes.
const REMEMBERED: u64 = 1 << 17;

/// The events of one thread.
#[derive(Debug)]
struct Stream<M: Machine> {
    /// The ids of its latest events, in its own order.
    ids: VecDeque<EventId>,
    /// Number of earlier events that are forgotten.
    forgotten: u64,
    waiting: VecDeque<(TraceEvent<M>, String)>,
}

impl<M: Machine> Merge<M> {
    pub(super) fn new(recording: Recording<M>) -> Self {
        Merge { recording, streams: BTreeMap::new(), sent: BTreeMap::new(), messages: 0, now: Time::ZERO }
    }

    /// Adds a chunk. The chunks of one source come in order.
    pub(super) fn take(&mut self, chunk: TraceChunk<M>) {
        let stream = self.streams.entry(chunk.source).or_insert_with(|| Stream {
            ids: VecDeque::new(),
            forgotten: 0,
            waiting: VecDeque::new(),
        });
        for event in chunk.events {
            let sentence = match &event.what {
                TraceItem::Rule(_, range) => chunk.sentences.get(range.clone()).unwrap_or_default().to_owned(),
                TraceItem::Other(_) => String::new(),
            };
            stream.waiting.push_back((event, sentence));
        }
    }

    /// Merges all events up to this time; later ones may still be incomplete.
    pub(super) fn advance(&mut self, upto: Time) {
        while let Some(source) = self.next(upto, false) {
            self.tell(source);
        }
    }

    /// Merges the remaining events: no more will come. A message without a recorded sender has no
    /// cause.
    pub(super) fn finish(&mut self) {
        while let Some(source) = self.next(Time::MAX, false).or_else(|| self.next(Time::MAX, true)) {
            self.tell(source);
        }
    }

    /// The source of the earliest event that may be merged next.
    fn next(&self, upto: Time, even_uncaused: bool) -> Option<Source> {
        let ready = self.streams.iter().filter_map(|(source, stream)| {
            let (event, _) = stream.waiting.front()?;
            let caused = match event.cause {
                Cause::Carried(msg) => self.sent.contains_key(&msg),
                Cause::None | Cause::Own(_) => true,
            };
            (event.at <= upto && (caused || even_uncaused)).then_some((event.at, *source))
        });
        ready.min().map(|(_, source)| source)
    }

    fn tell(&mut self, source: Source) {
        let Some(stream) = self.streams.get_mut(&source) else { return };
        let Some((TraceEvent { at, lane, cause, what }, sentence)) = stream.waiting.pop_front() else { return };
        let cause = match cause {
            Cause::None => None,
            Cause::Own(index) => {
                let index = index.checked_sub(stream.forgotten).and_then(|index| usize::try_from(index).ok());
                index.and_then(|index| stream.ids.get(index)).copied()
            }
            Cause::Carried(msg) => self.sent.get(&msg).map(|sent| sent.by),
        };
        self.now = self.now.max(at);
        let (what, departs) = match what {
            TraceItem::Rule(rule, _) => (TypedEvent::Rule { rule, why: self.recording.text(&sentence) }, None),
            TraceItem::Other(what) => self.renumber(what),
        };
        let id = self.recording.push(self.now, lane, cause, what);
        if let Some((old, new)) = departs {
            self.sent.insert(old, Sent { by: id, msg: new, landed: false });
        }
        if let Some(stream) = self.streams.get_mut(&source) {
            stream.ids.push_back(id);
        }
    }

    /// Takes the events merged since the last call, and forgets messages that no later event refers
    /// to.
    pub(super) fn take_piece(&mut self) -> Recording<M> {
        let piece = self.recording.next_piece();
        let Some(horizon) = self.recording.next_id().get().checked_sub(REMEMBERED) else { return piece };
        // Scanning all of them pays off only once half of them can go.
        if self.sent.len() as u64 > 2 * REMEMBERED {
            self.sent.retain(|_, sent| !sent.landed || sent.by.get() >= horizon);
        }
        for stream in self.streams.values_mut() {
            while stream.ids.front().is_some_and(|id| id.get() < horizon) {
                stream.ids.pop_front();
                stream.forgotten += 1;
            }
        }
        piece
    }

    /// Number of events in memory, including those of which only the number is kept.
    pub(super) fn kept(&self) -> usize {
        let streams = self.streams.values().map(|stream| stream.ids.len() + stream.waiting.len());
        self.recording.len() + self.sent.len() + streams.sum::<usize>()
    }

    /// Renumbers messages in the order of sending. Returns the old and new number of a message that
    /// is sent here.
    fn renumber(&mut self, mut what: TypedEvent<M>) -> (TypedEvent<M>, Option<(MessageId, MessageId)>) {
        let departs = match &mut what {
            TypedEvent::Send { msg, .. } | TypedEvent::Ask { msg, .. } | TypedEvent::Reply { msg, .. } => {
                Some(self.depart(msg))
            }
            TypedEvent::Duplicate { msg, copy } => {
                *msg = self.sent.get(msg).map_or(*msg, |sent| sent.msg);
                Some(self.depart(copy))
            }
            TypedEvent::Deliver { msg, .. }
            | TypedEvent::Request { msg, .. }
            | TypedEvent::Answer { msg, .. }
            | TypedEvent::Drop { msg, .. } => {
                match self.sent.get_mut(msg) {
                    Some(sent) => (sent.landed, *msg) = (true, sent.msg),
                    None => _ = self.depart(msg),
                }
                None
            }
            _ => None,
        };
        (what, departs)
    }

    fn depart(&mut self, msg: &mut MessageId) -> (MessageId, MessageId) {
        self.messages += 1;
        let old = std::mem::replace(msg, MessageId(self.messages));
        (old, *msg)
    }
}
