//! What clients asked and were told, in the order in which it happened: recorded live, or read from a file.

use std::collections::BTreeMap;
use std::fmt;

use quorate_protocol::{ClientId, Time};

use super::Model;

/// A call's number in its history, from 0, in the order of the invocations.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CallId(pub u32);

impl CallId {
    /// The number as an index into [`History::calls`].
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// How a call ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome<R> {
    /// It had not ended when the history did. It may have taken effect.
    Waiting,
    /// It took effect, and returned this.
    Ok(R),
    /// It certainly did **not** take effect.
    Fail,
    /// Its client does not know and gave up. It may have taken effect, or do so at any time after.
    Info,
}

/// One call: an operation from its invocation to its answer.
#[derive(Clone, Debug)]
pub struct Call<M: Model> {
    /// Who called.
    pub client: ClientId,
    /// What was asked.
    pub op: M::Op,
    /// How it ended.
    pub outcome: Outcome<M::Return>,
    /// The event that began it.
    pub invoked: Event,
    /// The event that ended it, unless it still waits.
    pub answered: Option<Event>,
}

impl<M: Model> Call<M> {
    /// What it returned, if it did.
    pub fn returned(&self) -> Option<&M::Return> {
        match &self.outcome {
            Outcome::Ok(returned) => Some(returned),
            Outcome::Waiting | Outcome::Fail | Outcome::Info => None,
        }
    }
}

/// When something happened.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Event {
    /// How many events of the history came before. It is this order that counts.
    pub position: usize,
    /// The time on the recorder's clock. It never runs backwards, and two events may share it.
    pub at: Time,
}

/// A history of calls, as it is recorded (Herlihy & Wing 1990, §2.1). Every client has at most one call under way.
///
/// Events count as having happened in the order in which they are recorded, so record an invocation *before* the
/// request leaves and an answer *after* it came. Several threads share a recorder behind a lock, and read the clock
/// while they hold it.
///
/// ```
/// use quorate_lab::linearizability::{ClientId, History, Misuse, Time};
/// use quorate_lab::linearizability::models::{Register, RegisterOp};
///
/// let mut history = History::<Register<u8>>::new();
/// let write = history.invoke(ClientId(0), RegisterOp::Write(1), Time::ZERO)?;
/// let early = history.invoke(ClientId(0), RegisterOp::Read, Time::ZERO).unwrap_err();
/// assert_eq!(early, Misuse::StillWaiting { client: ClientId(0), since: 0 });
/// history.info(write, Time::from_millis(10))?;      // no answer came in time
/// history.invoke(ClientId(0), RegisterOp::Read, Time::from_millis(11))?;
/// # Ok::<(), Misuse>(())
/// ```
#[derive(Clone, Debug)]
pub struct History<M: Model> {
    calls: Vec<Call<M>>,
    events: Vec<CallId>,
    now: Time,
    latest: BTreeMap<ClientId, CallId>,
}

impl<M: Model> Default for History<M> {
    fn default() -> Self {
        History { calls: Vec::new(), events: Vec::new(), now: Time::ZERO, latest: BTreeMap::new() }
    }
}

impl<M: Model> History<M> {
    /// The most calls that a history holds.
    pub const CALLS_MAX: usize = 1 << 30;

    /// A history in which nothing has happened yet.
    pub fn new() -> Self {
        History::default()
    }

    /// A client asks.
    ///
    /// # Errors
    /// [`Misuse::StillWaiting`] if it has a call under way, [`Misuse::TimeGoesBackwards`], [`Misuse::Full`].
    pub fn invoke(&mut self, client: ClientId, op: M::Op, at: Time) -> Result<CallId, Misuse> {
        if let Some(latest) = self.latest.get(&client).map(|latest| self.call(*latest))
            && latest.answered.is_none()
        {
            return Err(Misuse::StillWaiting { client, since: latest.invoked.position });
        }
        if self.calls.len() >= Self::CALLS_MAX {
            return Err(Misuse::Full);
        }
        let id = CallId(self.calls.len() as u32);
        let invoked = self.event(id, at)?;
        self.calls.push(Call { client, op, outcome: Outcome::Waiting, invoked, answered: None });
        self.latest.insert(client, id);
        Ok(id)
    }

    /// A call took effect and returned.
    ///
    /// # Errors
    /// [`Misuse::NoSuchCall`], [`Misuse::AnsweredAlready`], [`Misuse::TimeGoesBackwards`].
    pub fn ok(&mut self, call: CallId, returned: M::Return, at: Time) -> Result<(), Misuse> {
        self.answer(call, Outcome::Ok(returned), at)
    }

    /// A call certainly did not take effect, and never will.
    ///
    /// # Errors
    /// As [`ok`](Self::ok).
    pub fn fail(&mut self, call: CallId, at: Time) -> Result<(), Misuse> {
        self.answer(call, Outcome::Fail, at)
    }

    /// A client stops waiting for a call, which may have taken effect or may do so later. The client is free to call again.
    ///
    /// # Errors
    /// As [`ok`](Self::ok).
    pub fn info(&mut self, call: CallId, at: Time) -> Result<(), Misuse> {
        self.answer(call, Outcome::Info, at)
    }

    /// The call that a client waits for.
    ///
    /// # Errors
    /// [`Misuse::NeverInvoked`] if it never called, [`Misuse::AnsweredAlready`] if its last call was answered.
    pub fn waiting(&self, client: ClientId) -> Result<CallId, Misuse> {
        let latest = *self.latest.get(&client).ok_or(Misuse::NeverInvoked { client })?;
        match self.call(latest).answered {
            None => Ok(latest),
            Some(event) => Err(Misuse::AnsweredAlready { client, since: event.position }),
        }
    }

    /// All calls, by their [`CallId`].
    pub fn calls(&self) -> &[Call<M>] {
        &self.calls
    }

    /// One call.
    ///
    /// # Panics
    /// If the id is of another history, and this one is shorter.
    pub fn call(&self, id: CallId) -> &Call<M> {
        &self.calls[id.index()]
    }

    /// The calls in the order of their events: each appears where it was invoked, and where it was answered.
    pub fn events(&self) -> &[CallId] {
        &self.events
    }

    fn answer(&mut self, id: CallId, outcome: Outcome<M::Return>, at: Time) -> Result<(), Misuse> {
        let call = self.calls.get(id.index()).ok_or(Misuse::NoSuchCall { call: id })?;
        if let Some(event) = call.answered {
            return Err(Misuse::AnsweredAlready { client: call.client, since: event.position });
        }
        let answered = Some(self.event(id, at)?);
        let call = &mut self.calls[id.index()];
        (call.outcome, call.answered) = (outcome, answered);
        Ok(())
    }

    fn event(&mut self, call: CallId, at: Time) -> Result<Event, Misuse> {
        if at < self.now {
            return Err(Misuse::TimeGoesBackwards { at, before: self.now });
        }
        self.now = at;
        self.events.push(call);
        Ok(Event { position: self.events.len() - 1, at })
    }
}

/// Why an event cannot be part of a history. The history is as it was before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Misuse {
    /// A client calls while it waits.
    StillWaiting {
        /// Who.
        client: ClientId,
        /// The event that began the call it waits for, from 0.
        since: usize,
    },
    /// An answer to a call that was never made.
    NoSuchCall {
        /// The call.
        call: CallId,
    },
    /// An answer to a client that never called.
    NeverInvoked {
        /// Who.
        client: ClientId,
    },
    /// A second answer to one call.
    AnsweredAlready {
        /// Whose call.
        client: ClientId,
        /// The event that was the first answer, from 0.
        since: usize,
    },
    /// A time before that of the event before.
    TimeGoesBackwards {
        /// The time.
        at: Time,
        /// The time before.
        before: Time,
    },
    /// There are [`History::CALLS_MAX`] calls already.
    Full,
}

impl Misuse {
    /// The earlier event that it collides with, from 0.
    pub const fn earlier(&self) -> Option<usize> {
        match self {
            Misuse::StillWaiting { since, .. } | Misuse::AnsweredAlready { since, .. } => Some(*since),
            Misuse::NoSuchCall { .. }
            | Misuse::NeverInvoked { .. }
            | Misuse::TimeGoesBackwards { .. }
            | Misuse::Full => None,
        }
    }

    /// What is wrong, where events go by another name than their position.
    pub(super) fn tell(&self, f: &mut fmt::Formatter<'_>, earlier: &str) -> fmt::Result {
        match self {
            Misuse::StillWaiting { client, .. } => write!(
                f,
                "client {} invokes again while it waits for its call of {earlier}; record that call's answer first, or `info` if none came",
                client.0
            ),
            Misuse::NoSuchCall { call } => {
                write!(f, "there is no call {}; answer with the id that `invoke` returned", call.0)
            }
            Misuse::NeverInvoked { client } => write!(
                f,
                "client {} is answered before it invoked anything; put the invocation before the answer",
                client.0
            ),
            Misuse::AnsweredAlready { client, .. } => write!(
                f,
                "client {} is answered a second time, the first was {earlier}; leave out one of them, or put the invocation between them",
                client.0
            ),
            Misuse::TimeGoesBackwards { at, before } => write!(
                f,
                "the time goes back from {} to {} ns; record events in the order in which they happened",
                before.as_nanos(),
                at.as_nanos()
            ),
            Misuse::Full => f.write_str("the history has as many calls as fit; begin another"),
        }
    }
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let earlier = self.earlier().map_or(String::new(), |position| format!("event {position}"));
        self.tell(f, &earlier)
    }
}

impl std::error::Error for Misuse {}
