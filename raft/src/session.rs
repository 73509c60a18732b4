//! Client sessions: a command that a client repeats is applied once (Raft §8, dissertation §6.3).
//!
//! A client that gets no answer retries, perhaps at another leader, and so one command may enter
//! the log twice. Every copy carries the same [`RequestId`]. The sessions are part of the
//! replicated state, snapshots included: all nodes store the same replies, and answer a copy with
//! the stored reply instead of applying it.
//!
//! A session keeps the newest [`session_replies`](crate::Settings::session_replies) replies. Older
//! requests count as forgotten: they are refused, because applying one again would be unsafe. So a
//! client must not have more requests in flight than that.

use std::collections::{BTreeMap, VecDeque};

use quorate_protocol::{ClientId, RequestId};
use serde::{Deserialize, Serialize};

use crate::state_machine::StateMachine;

/// A client's session.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Session<S: StateMachine> {
    /// Requests up to this number that are not in `answered` are forgotten.
    forgotten: u64,
    /// The newest requests and their replies, by number.
    answered: VecDeque<(u64, S::Reply)>,
}

impl<S: StateMachine> Default for Session<S> {
    fn default() -> Self {
        Session { forgotten: 0, answered: VecDeque::new() }
    }
}

/// The state of a request in its session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SessionLookup<'a, T> {
    /// It has not been applied.
    New,
    /// It was applied, with this reply.
    Answered(&'a T),
    /// It is too old: the session no longer knows whether it was applied.
    Forgotten,
}

impl<S: StateMachine> Session<S> {
    fn known(&self, number: u64) -> SessionLookup<'_, S::Reply> {
        if self.answered.back().is_none_or(|(newest, _)| *newest < number) && number > self.forgotten {
            return SessionLookup::New;
        }
        match self.answered.binary_search_by_key(&number, |(answered, _)| *answered) {
            Ok(at) => SessionLookup::Answered(&self.answered[at].1),
            Err(_) if number <= self.forgotten => SessionLookup::Forgotten,
            Err(_) => SessionLookup::New,
        }
    }

    fn remember(&mut self, number: u64, reply: S::Reply, limit: usize) {
        if self.answered.back().is_none_or(|(newest, _)| *newest < number) {
            self.answered.push_back((number, reply));
        } else {
            match self.answered.binary_search_by_key(&number, |(answered, _)| *answered) {
                Ok(at) => self.answered[at].1 = reply,
                Err(at) => self.answered.insert(at, (number, reply)),
            }
        }
        let surplus = self.answered.len().saturating_sub(limit);
        for (oldest, _) in self.answered.drain(..surplus) {
            self.forgotten = self.forgotten.max(oldest);
        }
    }
}

/// The sessions of all clients.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Sessions<S: StateMachine>(BTreeMap<ClientId, Session<S>>);

impl<S: StateMachine> Default for Sessions<S> {
    fn default() -> Self {
        Sessions(BTreeMap::new())
    }
}

impl<S: StateMachine> Sessions<S> {
    /// Looks up a request.
    pub fn known(&self, ticket: RequestId) -> SessionLookup<'_, S::Reply> {
        self.0.get(&ticket.client).map_or(SessionLookup::New, |session| session.known(ticket.number))
    }

    /// Stores the reply to a request, and forgets the client's oldest ones beyond `limit`.
    pub fn remember(&mut self, ticket: RequestId, reply: S::Reply, limit: usize) {
        self.0.entry(ticket.client).or_default().remember(ticket.number, reply, limit);
    }

    /// The sessions, by client.
    pub fn iter(&self) -> impl Iterator<Item = (ClientId, &Session<S>)> {
        self.0.iter().map(|(client, session)| (*client, session))
    }

    /// Sets a client's session, when a snapshot is installed.
    pub fn restore(&mut self, client: ClientId, session: Session<S>) {
        self.0.insert(client, session);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counter::Counter;

    fn ticket(number: u64) -> RequestId {
        RequestId { client: ClientId(7), number }
    }

    #[test]
    fn an_answer_is_remembered_until_newer_ones_push_it_out() {
        let mut sessions = Sessions::<Counter>::default();
        assert_eq!(sessions.known(ticket(1)), SessionLookup::New);
        for number in 1..=3 {
            sessions.remember(ticket(number), number as i64 * 10, 2);
        }
        assert_eq!(sessions.known(ticket(1)), SessionLookup::Forgotten);
        assert_eq!(sessions.known(ticket(2)), SessionLookup::Answered(&20));
        assert_eq!(sessions.known(ticket(3)), SessionLookup::Answered(&30));
        assert_eq!(sessions.known(ticket(4)), SessionLookup::New);
        assert_eq!(sessions.known(RequestId { client: ClientId(8), number: 1 }), SessionLookup::New);
    }

    #[test]
    fn requests_under_way_together_may_be_applied_in_any_order() {
        let mut sessions = Sessions::<Counter>::default();
        for number in [5, 3, 4] {
            assert_eq!(sessions.known(ticket(number)), SessionLookup::New, "request {number}");
            sessions.remember(ticket(number), 0, 4);
        }
        assert_eq!(sessions.known(ticket(2)), SessionLookup::New);
    }
}
