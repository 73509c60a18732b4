//! What one thread records: no lock, no name, no JSON; only what happened, in the order in which it did.
//!
//! Threads do not know each other's events, so an event that was caused elsewhere names the message that brought it.
//! [`merge`](super::merge) makes one trace of all tapes.

use std::ops::Range;

use quorate_protocol::{Machine, Time};

use crate::trace::{Happened, Lane, MessageId};

/// What made an event happen, as far as its own thread can say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Cause {
    /// Nothing that is recorded.
    None,
    /// An event of the same tape, by its count there.
    Own(u64),
    /// The sending of this message.
    Carried(MessageId),
}

/// An event of a tape.
#[derive(Debug)]
pub(super) struct Noted<M: Machine> {
    pub(super) at: Time,
    pub(super) lane: Option<Lane>,
    pub(super) cause: Cause,
    pub(super) what: What<M>,
}

#[derive(Debug)]
pub(super) enum What<M: Machine> {
    /// A rule, and where its sentence is.
    Rule(M::Rule, Range<usize>),
    Else(Happened<M>),
}

/// Whose tape it is: a node's, a client's, or that of whoever makes things go wrong.
pub(super) type Source = Option<Lane>;

/// A piece of a tape, in the order of its events.
#[derive(Debug)]
pub(super) struct Reel<M: Machine> {
    pub(super) source: Source,
    pub(super) events: Vec<Noted<M>>,
    pub(super) sentences: String,
    /// What is yet to come from this source is not earlier than this.
    pub(super) upto: Time,
}

impl<M: Machine> Reel<M> {
    const fn new(source: Source) -> Self {
        Reel { source, events: Vec::new(), sentences: String::new(), upto: Time::ZERO }
    }
}

/// One thread's recorder. Switched off it costs nothing but numbering the messages.
#[derive(Debug)]
pub(super) struct Tape<M: Machine> {
    on: bool,
    reel: Reel<M>,
    events: u64,
    messages: u64,
}

impl<M: Machine> Tape<M> {
    pub(super) const fn new(source: Source, on: bool) -> Self {
        Tape { on, reel: Reel::new(source), events: 0, messages: 0 }
    }

    /// Whether anybody will look at it.
    pub(super) const fn is_on(&self) -> bool {
        self.on
    }

    /// A number for a message, that no other thread gives: a merged trace has shorter ones.
    pub(super) fn number(&mut self) -> MessageId {
        self.messages += 1;
        let source = match self.reel.source {
            None => 0,
            Some(Lane::Node(node)) => 1 + 2 * u64::from(node.0),
            Some(Lane::Client(client)) => 2 + 2 * u64::from(client.0),
        };
        MessageId(source << 34 | self.messages)
    }

    /// Notes an event of the tape's own lane.
    pub(super) fn note(&mut self, at: Time, cause: Cause, what: impl FnOnce() -> Happened<M>) -> Cause {
        self.note_of(self.reel.source, at, cause, what)
    }

    /// Notes an event of any lane.
    pub(super) fn note_of(
        &mut self,
        lane: Option<Lane>,
        at: Time,
        cause: Cause,
        what: impl FnOnce() -> Happened<M>,
    ) -> Cause {
        if !self.on {
            return Cause::None;
        }
        self.push(Noted { at, lane, cause, what: What::Else(what()) })
    }

    /// Notes a rule with its sentence.
    pub(super) fn rule(&mut self, at: Time, cause: Cause, rule: M::Rule, why: &str) {
        if self.on {
            let start = self.reel.sentences.len();
            self.reel.sentences.push_str(why);
            let what = What::Rule(rule, start..self.reel.sentences.len());
            self.push(Noted { at, lane: self.reel.source, cause, what });
        }
    }

    fn push(&mut self, noted: Noted<M>) -> Cause {
        self.reel.events.push(noted);
        self.events += 1;
        Cause::Own(self.events - 1)
    }

    /// Whether nothing is on it that was not taken yet.
    pub(super) fn is_blank(&self) -> bool {
        self.reel.events.is_empty()
    }

    /// What is on it; it goes on with an empty reel.
    pub(super) fn take(&mut self, now: Time) -> Reel<M> {
        let next = Reel::new(self.reel.source);
        Reel { upto: now, ..std::mem::replace(&mut self.reel, next) }
    }
}
