//! Many tapes, one trace: in the order of time where that is known, and never an effect before its cause.
//!
//! All threads read one monotonic clock, so their times compare; but two readings may be equal, and a thread may be late to
//! hand over its tape. So the merge goes by time, and holds an arrival back until the message has been sent. An event that is
//! told late gets the time of the one before it.

use std::collections::{BTreeMap, VecDeque};

use quorate_protocol::{Machine, Time};

use super::tape::{Cause, Noted, Reel, Source, What};
use crate::trace::{EventId, Happened, MessageId, Recording};

/// Merges tapes, piece by piece.
#[derive(Debug)]
pub(super) struct Merge<M: Machine> {
    pub(super) recording: Recording<M>,
    streams: BTreeMap<Source, Stream<M>>,
    /// All messages, by the number that their sender gave: the event that sent them, and their number in the trace.
    sent: BTreeMap<MessageId, (EventId, MessageId)>,
    messages: u64,
    now: Time,
}

/// What came from one thread.
#[derive(Debug)]
struct Stream<M: Machine> {
    /// The ids of its events so far, in its own order.
    ids: Vec<EventId>,
    waiting: VecDeque<(Noted<M>, String)>,
}

impl<M: Machine> Merge<M> {
    pub(super) fn new(recording: Recording<M>) -> Self {
        Merge { recording, streams: BTreeMap::new(), sent: BTreeMap::new(), messages: 0, now: Time::ZERO }
    }

    /// Takes a piece of a tape. The pieces of one tape come in order.
    pub(super) fn take(&mut self, reel: Reel<M>) {
        let stream =
            self.streams.entry(reel.source).or_insert_with(|| Stream { ids: Vec::new(), waiting: VecDeque::new() });
        for noted in reel.events {
            let sentence = match &noted.what {
                What::Rule(_, range) => reel.sentences.get(range.clone()).unwrap_or_default().to_owned(),
                What::Else(_) => String::new(),
            };
            stream.waiting.push_back((noted, sentence));
        }
    }

    /// Tells everything up to a time from which on more may come.
    pub(super) fn advance(&mut self, upto: Time) {
        while let Some(source) = self.next(upto, false) {
            self.tell(source);
        }
    }

    /// Tells everything: no more will come. A message whose sending nobody recorded has no cause.
    pub(super) fn finish(&mut self) {
        while let Some(source) = self.next(Time::MAX, false).or_else(|| self.next(Time::MAX, true)) {
            self.tell(source);
        }
    }

    /// The source of the earliest event that may be told.
    fn next(&self, upto: Time, even_uncaused: bool) -> Option<Source> {
        let ready = self.streams.iter().filter_map(|(source, stream)| {
            let (noted, _) = stream.waiting.front()?;
            let caused = match noted.cause {
                Cause::Carried(msg) => self.sent.contains_key(&msg),
                Cause::None | Cause::Own(_) => true,
            };
            (noted.at <= upto && (caused || even_uncaused)).then_some((noted.at, *source))
        });
        ready.min().map(|(_, source)| source)
    }

    fn tell(&mut self, source: Source) {
        let Some(stream) = self.streams.get_mut(&source) else { return };
        let Some((Noted { at, lane, cause, what }, sentence)) = stream.waiting.pop_front() else { return };
        let cause = match cause {
            Cause::None => None,
            Cause::Own(index) => stream.ids.get(index as usize).copied(),
            Cause::Carried(msg) => self.sent.get(&msg).map(|(sending, _)| *sending),
        };
        self.now = self.now.max(at);
        let (what, departs) = match what {
            What::Rule(rule, _) => (Happened::Rule { rule, why: self.recording.text(&sentence) }, None),
            What::Else(what) => self.renumber(what),
        };
        let id = self.recording.push(self.now, lane, cause, what);
        if let Some((old, new)) = departs {
            self.sent.insert(old, (id, new));
        }
        if let Some(stream) = self.streams.get_mut(&source) {
            stream.ids.push(id);
        }
    }

    /// Messages are numbered anew, in the order in which they are sent. Returns the two numbers of one that sets out.
    fn renumber(&mut self, mut what: Happened<M>) -> (Happened<M>, Option<(MessageId, MessageId)>) {
        let departs = match &mut what {
            Happened::Send { msg, .. } | Happened::Ask { msg, .. } | Happened::Reply { msg, .. } => {
                Some(self.depart(msg))
            }
            Happened::Duplicate { msg, copy } => {
                *msg = self.sent.get(msg).map_or(*msg, |(_, new)| *new);
                Some(self.depart(copy))
            }
            Happened::Deliver { msg, .. }
            | Happened::Request { msg, .. }
            | Happened::Answer { msg, .. }
            | Happened::Drop { msg, .. } => {
                match self.sent.get(msg) {
                    Some((_, new)) => *msg = *new,
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
