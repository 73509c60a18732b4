//! Histories: the invocations and answers that clients saw, in real-time order, recorded live or
//! read from a file.

use std::collections::BTreeMap;
use std::fmt;

use quorate_protocol::{ClientId, Time};

use super::Model;

/// A call's number in its history, from 0, in the order of invocation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CallId(pub u32);

impl CallId {
    /// The number as an index into [`History::calls`].
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Outcome of a call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CallOutcome<R> {
    /// Pending: the history ended first. It may have taken effect.
    Waiting,
    /// It took effect, and returned this.
    Ok(R),
    /// It certainly did **not** take effect.
    Fail,
    /// Unknown: its client gave up. It may have taken effect, or may do so at any later time.
    Info,
}

/// One call: an operation from its invocation to its answer.
#[derive(Clone, Debug)]
pub struct Call<M: Model> {
    /// The client.
    pub client: ClientId,
    /// The operation, arguments included.
    pub op: M::Op,
    /// The outcome.
    pub outcome: CallOutcome<M::Return>,
    /// The invocation event.
    pub invoked: CallEvent,
    /// The answer event, unless the call is pending.
    pub answered: Option<CallEvent>,
}

impl<M: Model> Call<M> {
    /// The returned value, if any.
    pub fn returned(&self) -> Option<&M::Return> {
        match &self.outcome {
            CallOutcome::Ok(returned) => Some(returned),
            CallOutcome::Waiting | CallOutcome::Fail | CallOutcome::Info => None,
        }
    }
}

/// Position and time of an event.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CallEvent {
    /// Number of earlier events in the history. This order is the one that counts.
    pub position: usize,
    /// The time on the recorder's clock. It never runs backwards, and two events may share it.
    pub at: Time,
}

/// A recorded history of calls (Herlihy & Wing 1990, §2.1). Every client has at most one call under
/// way.
///
/// Events count as having happened in the order in which they are recorded, so record an invocation
/// *before* the request is sent and an answer *after* it arrived. Several threads share a recorder
/// behind a lock, and read the clock while they hold it.
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
    /// The largest number of calls in a history.
    pub const CALLS_MAX: usize = 1 << 30;

    /// An empty history.
    pub fn new() -> Self {
        History::default()
    }

    /// Records an invocation by a client.
    ///
    /// # Errors
    /// [`Misuse::StillWaiting`] if it has a call under way, [`Misuse::TimeGoesBackwards`],
    /// [`Misuse::Full`].
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
        self.calls.push(Call { client, op, outcome: CallOutcome::Waiting, invoked, answered: None });
        self.latest.insert(client, id);
        Ok(id)
    }

    /// Records that a call took effect and returned.
    ///
    /// # Errors
    /// [`Misuse::NoSuchCall`], [`Misuse::AnsweredAlready`], [`Misuse::TimeGoesBackwards`].
    pub fn ok(&mut self, call: CallId, returned: M::Return, at: Time) -> Result<(), Misuse> {
        self.answer(call, CallOutcome::Ok(returned), at)
    }

    /// Records that a call did not take effect and never will.
    ///
    /// # Errors
    /// As [`ok`](Self::ok).
    pub fn fail(&mut self, call: CallId, at: Time) -> Result<(), Misuse> {
        self.answer(call, CallOutcome::Fail, at)
    }

    /// Records that a client stops waiting for a call, which may have taken effect or may do so
    /// later. The client is free to call again.
    ///
    /// # Errors
    /// As [`ok`](Self::ok).
    pub fn info(&mut self, call: CallId, at: Time) -> Result<(), Misuse> {
        self.answer(call, CallOutcome::Info, at)
    }

    /// The call that a client is waiting for.
    ///
    /// # Errors
    /// [`Misuse::NeverInvoked`] if it never called, [`Misuse::AnsweredAlready`] if its last call
    /// was answered.
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
    /// If the id belongs to another history, and this one is shorter.
    pub fn call(&self, id: CallId) -> &Call<M> {
        &self.calls[id.index()]
    }

    /// The calls in the order of their events: each appears where it was invoked and where it was
    /// answered.
    pub fn events(&self) -> &[CallId] {
        &self.events
    }

    fn answer(&mut self, id: CallId, outcome: CallOutcome<M::Return>, at: Time) -> Result<(), Misuse> {
        let call = self.calls.get(id.index()).ok_or(Misuse::NoSuchCall { call: id })?;
        if let Some(event) = call.answered {
            return Err(Misuse::AnsweredAlready { client: call.client, since: event.position });
        }
        let answered = Some(self.event(id, at)?);
        let call = &mut self.calls[id.index()];
        (call.outcome, call.answered) = (outcome, answered);
        Ok(())
    }

    fn event(&mut self, call: CallId, at: Time) -> Result<CallEvent, Misuse> {
        if at < self.now {
            return Err(Misuse::TimeGoesBackwards { at, before: self.now });
        }
        self.now = at;
        self.events.push(call);
        Ok(CallEvent { position: self.events.len() - 1, at })
    }
}

/// The reason why an event cannot be part of a history. The history is left unchanged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Misuse {
    /// A client calls while it waits for an answer.
    StillWaiting {
        /// The client.
        client: ClientId,
        /// The event that began the pending call, from 0.
        since: usize,
    },
    /// An answer to a call that was never made.
    NoSuchCall {
        /// The call.
        call: CallId,
    },
    /// An answer to a client that never called.
    NeverInvoked {
        /// The client.
        client: ClientId,
    },
    /// A second answer to one call.
    AnsweredAlready {
        /// The client of the call.
        client: ClientId,
        /// The event of the first answer, from 0.
        since: usize,
    },
    /// A time earlier than that of the previous event.
    TimeGoesBackwards {
        /// The time.
        at: Time,
        /// The time of the previous event.
        before: Time,
    },
    /// There are already [`History::CALLS_MAX`] calls.
    Full,
}

impl Misuse {
    /// The earlier event that it conflicts with, from 0.
    pub const fn earlier(&self) -> Option<usize> {
        match self {
            Misuse::StillWaiting { since, .. } | Misuse::AnsweredAlready { since, .. } => Some(*since),
            Misuse::NoSuchCall { .. }
            | Misuse::NeverInvoked { .. }
            | Misuse::TimeGoesBackwards { .. }
            | Misuse::Full => None,
        }
    }

    /// Writes the message; `earlier` names the conflicting event where positions are not used.
    pub(super) fn tell(&self, f: &mut fmt::Formatter<'_>, earlier: &str) -> fmt::Result {
        match self {
            Misuse::StillWaiting { client, .. } => write!(
                f,
                "client {} invokes again while it waits for the response to {earlier}; record that response first, or `info` if none arrived",
                client.0
            ),
            Misuse::NoSuchCall { call } => {
                write!(f, "there is no call {}; use the id that `invoke` returned", call.0)
            }
            Misuse::NeverInvoked { client } => write!(
                f,
                "client {} has a response before its first invocation; put the invocation before the response",
                client.0
            ),
            Misuse::AnsweredAlready { client, .. } => write!(
                f,
                "client {} has a second response, the first is {earlier}; remove one of them, or put an invocation between them",
                client.0
            ),
            Misuse::TimeGoesBackwards { at, before } => write!(
                f,
                "the time goes back from {} to {} ns; record events in the order of their times",
                before.as_nanos(),
                at.as_nanos()
            ),
            Misuse::Full => f.write_str("the history is full; start another"),
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
