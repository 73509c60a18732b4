//! Trace buffer of one thread: events in the order of occurrence, without locks, names or JSON.
//!
//! Threads do not know each other's events, so an event that was caused elsewhere names the message
//! that caused it. [`merge`](super::merge) merges all buffers into one trace.

use std::collections::BTreeSet;
use std::ops::Range;

use quorate_protocol::{Machine, Time};

use crate::env::Survival;
use crate::trace::{Lane, MessageId, TypedEvent};

/// The cause of an event, as far as its own thread knows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Cause {
    /// No recorded cause.
    None,
    /// An event of the same buffer, by its index there.
    Own(u64),
    /// The sending of this message.
    Carried(MessageId),
}

impl Cause {
    /// The same cause when the events from `first` on have been renumbered like this.
    fn renumbered(self, first: u64, numbers: &[u64]) -> Self {
        match self {
            Cause::Own(number) if number >= first => {
                numbers.get((number - first) as usize).map_or(Cause::None, |number| Cause::Own(*number))
            }
            other => other,
        }
    }
}

/// An event of a buffer.
#[derive(Debug)]
pub(super) struct TraceEvent<M: Machine> {
    pub(super) at: Time,
    pub(super) lane: Option<Lane>,
    pub(super) cause: Cause,
    pub(super) what: TraceItem<M>,
}

#[derive(Debug)]
pub(super) enum TraceItem<M: Machine> {
    /// A rule, with the range of its explanation in `sentences`.
    Rule(M::Rule, Range<usize>),
    Other(TypedEvent<M>),
}

/// The source of a buffer: a node, a client, or (`None`) the fault injection.
pub(super) type Source = Option<Lane>;

/// A chunk of a buffer, with its events in order.
#[derive(Debug)]
pub(super) struct TraceChunk<M: Machine> {
    pub(super) source: Source,
    pub(super) events: Vec<TraceEvent<M>>,
    pub(super) sentences: String,
    /// No later event of this source is earlier than this.
    pub(super) upto: Time,
}

impl<M: Machine> TraceChunk<M> {
    const fn new(source: Source) -> Self {
        TraceChunk { source, events: Vec::new(), sentences: String::new(), upto: Time::ZERO }
    }
}

/// One thread's trace recorder. When switched off, it only numbers messages.
#[derive(Debug)]
pub(super) struct ThreadTrace<M: Machine> {
    on: bool,
    chunk: TraceChunk<M>,
    events: u64,
    messages: u64,
    /// Number of settled events of the chunk: the ones after them have not left the thread yet, and
    /// a crash can undo them.
    settled: usize,
}

impl<M: Machine> ThreadTrace<M> {
    pub(super) const fn new(source: Source, on: bool) -> Self {
        ThreadTrace { on, chunk: TraceChunk::new(source), events: 0, messages: 0, settled: 0 }
    }

    /// Whether events are recorded.
    pub(super) const fn is_on(&self) -> bool {
        self.on
    }

    /// A message number that no other thread uses: a merged trace has shorter ones.
    pub(super) fn number(&mut self) -> MessageId {
        self.messages += 1;
        let source = match self.chunk.source {
            None => 0,
            Some(Lane::Node(node)) => 1 + 2 * u64::from(node.0),
            Some(Lane::Client(client)) => 2 + 2 * u64::from(client.0),
        };
        MessageId(source << 34 | self.messages)
    }

    /// Records an event of the buffer's own lane.
    pub(super) fn note(&mut self, at: Time, cause: Cause, what: impl FnOnce() -> TypedEvent<M>) -> Cause {
        self.note_of(self.chunk.source, at, cause, what)
    }

    /// Records an event of any lane.
    pub(super) fn note_of(
        &mut self,
        lane: Option<Lane>,
        at: Time,
        cause: Cause,
        what: impl FnOnce() -> TypedEvent<M>,
    ) -> Cause {
        if !self.on {
            return Cause::None;
        }
        self.push(TraceEvent { at, lane, cause, what: TraceItem::Other(what()) })
    }

    /// Records a rule with its explanation.
    pub(super) fn rule(&mut self, at: Time, cause: Cause, rule: M::Rule, why: &str) {
        if self.on {
            let start = self.chunk.sentences.len();
            self.chunk.sentences.push_str(why);
            let what = TraceItem::Rule(rule, start..self.chunk.sentences.len());
            self.push(TraceEvent { at, lane: self.chunk.source, cause, what });
        }
    }

    fn push(&mut self, event: TraceEvent<M>) -> Cause {
        self.chunk.events.push(event);
        self.events += 1;
        Cause::Own(self.events - 1)
    }

    /// Marks the events so far as settled: a crash cannot undo them.
    pub(super) fn settle(&mut self) {
        self.settled = self.chunk.events.len();
    }

    /// Removes the unsettled events that a node's crash has undone: those that do not survive, and
    /// messages to others after the last one sent.
    ///
    /// Steps themselves stay, with their rules: the node took them, but nothing of them became
    /// visible.
    pub(super) fn roll_back(&mut self, survival: Survival, last_sent: Option<MessageId>) {
        let unsettled = self.chunk.events.split_off(self.settled);
        let first = self.events - unsettled.len() as u64;
        let survival = survival.of_batch();
        let mut rollback = Rollback { me: self.chunk.source, survival, last_sent, messages: BTreeSet::new() };
        let mut numbers = Vec::with_capacity(unsettled.len());
        let mut steps = steps(unsettled);
        for step in &mut steps {
            rollback.begin(step);
            for mut event in step.drain(..) {
                numbers.push(self.events_on(first));
                if rollback.happened(&event) {
                    event.cause = event.cause.renumbered(first, &numbers);
                    self.chunk.events.push(event);
                }
            }
        }
        self.events = self.events_on(first);
        self.settle();
    }

    /// The number of events recorded in all, given that `first` of them were recorded before the
    /// unsettled ones.
    fn events_on(&self, first: u64) -> u64 {
        first + (self.chunk.events.len() - self.settled) as u64
    }

    /// Whether there are no events to take.
    pub(super) fn is_blank(&self) -> bool {
        self.chunk.events.is_empty()
    }

    /// Takes the recorded events and continues with an empty chunk.
    pub(super) fn take(&mut self, now: Time) -> TraceChunk<M> {
        self.settled = 0;
        let next = TraceChunk::new(self.chunk.source);
        TraceChunk { upto: now, ..std::mem::replace(&mut self.chunk, next) }
    }
}

/// Filter of the events that a crash undoes.
struct Rollback {
    me: Source,
    /// The part of the batch that survives.
    survival: Survival,
    /// The last message to others that was sent.
    last_sent: Option<MessageId>,
    /// Messages and answers that were never sent.
    messages: BTreeSet<MessageId>,
}

impl Rollback {
    /// Begins a step.
    fn begin<M: Machine>(&mut self, step: &[TraceEvent<M>]) {
        let records = step.iter().filter(|event| matches!(event.what, TraceItem::Other(TypedEvent::Persist { .. })));
        self.survival.begin(records.count());
    }

    /// Whether an event has happened despite the crash. Called for every event, in order.
    fn happened<M: Machine>(&mut self, event: &TraceEvent<M>) -> bool {
        let TraceItem::Other(what) = &event.what else { return true };
        match what {
            TypedEvent::Persist { .. } => self.survival.keeps_record(),
            TypedEvent::Send { msg, to, .. } => {
                let left = self.me == Some(Lane::Node(*to)) || self.last_sent.is_some_and(|last| *msg <= last);
                left || !self.messages.insert(*msg)
            }
            TypedEvent::Reply { msg, .. } => !self.messages.insert(*msg),
            TypedEvent::Drop { msg, .. } => !self.messages.contains(msg),
            TypedEvent::Fact { .. } => self.survival.done,
            _ => true,
        }
    }
}

/// Groups events by step: each begins with the input that triggered it.
fn steps<M: Machine>(events: Vec<TraceEvent<M>>) -> Vec<Vec<TraceEvent<M>>> {
    let begins = |event: &TraceEvent<M>| {
        use TypedEvent::{Boot, Deliver, Fire, Request};
        matches!(&event.what, TraceItem::Other(Boot { .. } | Deliver { .. } | Fire { .. } | Request { .. }))
    };
    let mut steps = vec![Vec::new()];
    for event in events {
        if begins(&event) {
            steps.push(Vec::new());
        }
        if let Some(step) = steps.last_mut() {
            step.push(event);
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use quorate_protocol::{ClientId, NodeId, RequestId};

    use super::*;
    use crate::env::CrashPoint;
    use crate::trace::toy::{Fact, Message, Node, Toy};

    const ME: NodeId = NodeId(0);

    /// A batch: a step that writes one record and sends to another node, then one that writes two,
    /// sends to itself and answers.
    fn batch(thread_trace: &mut ThreadTrace<Node>) -> Vec<MessageId> {
        let at = Time::ZERO;
        let fact = |value| TypedEvent::Fact { fact: Fact::Chosen { value } };
        let numbers: Vec<MessageId> = (0..4).map(|_| thread_trace.number()).collect();
        let send =
            |place: usize, to: u32| TypedEvent::Send { msg: numbers[place], to: NodeId(to), message: Message::Ping };
        let step = thread_trace.note(at, Cause::None, || TypedEvent::Deliver { msg: MessageId(1), from: NodeId(1) });
        thread_trace.rule(at, step, Toy::Follow, "");
        thread_trace.note(at, step, || TypedEvent::Persist { record: 1 });
        thread_trace.note(at, step, || send(0, 1));
        thread_trace.note(at, step, || fact(1));
        let ticket = RequestId { client: ClientId(0), number: 1 };
        let step = thread_trace.note(at, Cause::None, || TypedEvent::Request { msg: MessageId(2), ticket, command: 7 });
        thread_trace.note(at, step, || TypedEvent::Persist { record: 2 });
        thread_trace.note(at, step, || TypedEvent::Persist { record: 3 });
        thread_trace.note(at, step, || send(1, 1));
        thread_trace.note(at, step, || send(2, 0));
        thread_trace.note(at, step, || fact(2));
        thread_trace.note(at, step, || TypedEvent::Reply { msg: numbers[3], ticket, reply: true });
        thread_trace.note(at, Cause::Carried(numbers[3]), || TypedEvent::Drop {
            msg: numbers[3],
            reason: crate::trace::DropReason::Crashed,
        });
        numbers
    }

    /// The events of the batch that remain after a crash, each with its cause.
    fn left(kept: usize, last: Option<usize>) -> Vec<String> {
        let mut thread_trace = ThreadTrace::new(Some(Lane::Node(ME)), true);
        thread_trace.note(Time::ZERO, Cause::None, || TypedEvent::Pause);
        thread_trace.settle();
        let numbers = batch(&mut thread_trace);
        let survival = Survival::of(Some(CrashPoint::AfterPersist), kept);
        thread_trace.roll_back(survival, last.map(|place| numbers[place]));
        let end = thread_trace.note(Time::ZERO, Cause::None, || TypedEvent::Resume);
        let chunk = thread_trace.take(Time::ZERO);
        assert_eq!(end, Cause::Own(chunk.events.len() as u64 - 1), "events are counted as they are left");
        let told = |event: &TraceEvent<Node>| match (&event.what, event.cause) {
            (TraceItem::Rule(..), Cause::Own(cause)) => format!("rule of {cause}"),
            (TraceItem::Other(TypedEvent::Persist { record }), Cause::Own(cause)) => {
                format!("persist {record} of {cause}")
            }
            (TraceItem::Other(TypedEvent::Send { to, .. }), Cause::Own(cause)) => format!("send to {to} of {cause}"),
            (TraceItem::Other(TypedEvent::Fact { fact: Fact::Chosen { value } }), _) => format!("fact {value}"),
            (TraceItem::Other(other), _) => {
                format!("{other:?}").split([' ', '{']).next().unwrap_or_default().to_owned()
            }
            (other, cause) => format!("{other:?} of {cause:?}"),
        };
        chunk.events.iter().map(told).collect()
    }

    #[test]
    fn a_crash_takes_back_what_did_not_happen_and_nothing_else() {
        let all = ["Pause", "Deliver", "rule of 1", "persist 1 of 1", "send to n2 of 1", "fact 1", "Request"];
        let durable = ["persist 2 of 6", "persist 3 of 6", "send to n2 of 6", "send to n1 of 6", "fact 2", "Resume"];
        assert_eq!(left(3, Some(1)), [&all[..], &durable].concat(), "the answer alone did not leave");
        let first = ["Pause", "Deliver", "rule of 1", "persist 1 of 1", "send to n2 of 1", "fact 1", "Request"];
        let nothing_more = ["persist 2 of 6", "persist 3 of 6", "send to n1 of 6", "fact 2", "Resume"];
        assert_eq!(left(3, Some(0)), [&first[..], &nothing_more].concat());
        let one_step = ["Pause", "Deliver", "rule of 1", "persist 1 of 1", "fact 1", "Request"];
        assert_eq!(left(2, None), [&one_step[..], &["persist 2 of 5", "send to n1 of 5", "Resume"]].concat());
        assert_eq!(left(0, None), ["Pause", "Deliver", "rule of 1", "Request", "send to n1 of 3", "Resume"]);
    }
}
