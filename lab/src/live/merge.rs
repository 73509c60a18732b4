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
    /// The messages that an event may still be about, by the number that their sender gave.
    sent: BTreeMap<MessageId, Sent>,
    messages: u64,
    now: Time,
}

/// A message that was told to be sent.
#[derive(Clone, Copy, Debug)]
struct Sent {
    /// The event that sent it.
    by: EventId,
    /// Its number in the trace.
    msg: MessageId,
    /// Whether it has arrived or was lost.
    landed: bool,
}

/// Events that are remembered when the trace is taken piece by piece: what comes of an event, but for messages under way, comes
/// sooner. Two hundred a second make ten minutes.
const REMEMBERED: u64 = 1 << 17;

/// What came from one thread.
#[derive(Debug)]
struct Stream<M: Machine> {
    /// The ids of its latest events, in its own order.
    ids: VecDeque<EventId>,
    /// How many are forgotten that were before these.
    forgotten: u64,
    waiting: VecDeque<(Noted<M>, String)>,
}

impl<M: Machine> Merge<M> {
    pub(super) fn new(recording: Recording<M>) -> Self {
        Merge { recording, streams: BTreeMap::new(), sent: BTreeMap::new(), messages: 0, now: Time::ZERO }
    }

    /// Takes a piece of a tape. The pieces of one tape come in order.
    pub(super) fn take(&mut self, reel: Reel<M>) {
        let stream = self.streams.entry(reel.source).or_insert_with(|| Stream {
            ids: VecDeque::new(),
            forgotten: 0,
            waiting: VecDeque::new(),
        });
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
            Cause::Own(index) => {
                let index = index.checked_sub(stream.forgotten).and_then(|index| usize::try_from(index).ok());
                index.and_then(|index| stream.ids.get(index)).copied()
            }
            Cause::Carried(msg) => self.sent.get(&msg).map(|sent| sent.by),
        };
        self.now = self.now.max(at);
        let (what, departs) = match what {
            What::Rule(rule, _) => (Happened::Rule { rule, why: self.recording.text(&sentence) }, None),
            What::Else(what) => self.renumber(what),
        };
        let id = self.recording.push(self.now, lane, cause, what);
        if let Some((old, new)) = departs {
            self.sent.insert(old, Sent { by: id, msg: new, landed: false });
        }
        if let Some(stream) = self.streams.get_mut(&source) {
            stream.ids.push_back(id);
        }
    }

    /// Takes what was told since the last time, and forgets what no later event is about.
    pub(super) fn take_piece(&mut self) -> Recording<M> {
        let piece = self.recording.next_piece();
        let Some(horizon) = self.recording.next_id().get().checked_sub(REMEMBERED) else { return piece };
        // Looking through all of them is worth the while once half of them can go.
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

    /// How many events are kept, those included that are only remembered by their number.
    pub(super) fn kept(&self) -> usize {
        let streams = self.streams.values().map(|stream| stream.ids.len() + stream.waiting.len());
        self.recording.len() + self.sent.len() + streams.sum::<usize>()
    }

    /// Messages are numbered anew, in the order in which they are sent. Returns the two numbers of one that sets out.
    fn renumber(&mut self, mut what: Happened<M>) -> (Happened<M>, Option<(MessageId, MessageId)>) {
        let departs = match &mut what {
            Happened::Send { msg, .. } | Happened::Ask { msg, .. } | Happened::Reply { msg, .. } => {
                Some(self.depart(msg))
            }
            Happened::Duplicate { msg, copy } => {
                *msg = self.sent.get(msg).map_or(*msg, |sent| sent.msg);
                Some(self.depart(copy))
            }
            Happened::Deliver { msg, .. }
            | Happened::Request { msg, .. }
            | Happened::Answer { msg, .. }
            | Happened::Drop { msg, .. } => {
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
