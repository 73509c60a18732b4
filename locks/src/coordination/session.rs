//! A client's session with the service, and its requests, which are sent one after another.

use std::collections::VecDeque;

use quorate_protocol::{Context, NodeId, Outbox, Time};

use super::message::{Message, Timer};
use super::node::Coordination;
use super::request::{SessionId, TreeRequest, WatchEvent, Zxid};
use super::rules::CoordinationRule;

type Out = Outbox<Coordination>;

/// A session, as its client knows it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    /// Its end, by the client's clock.
    pub(crate) until: Time,
    /// Whether the client has stopped acting, because that end has come.
    pub(crate) in_jeopardy: bool,
    /// The newest event that it has seen.
    newest: Option<WatchEvent>,
}

impl Session {
    pub(crate) fn new(id: SessionId, until: Time) -> Self {
        Session { id, until, in_jeopardy: false, newest: None }
    }

    /// The newest event that the client has seen.
    pub(crate) fn seen(&self) -> Zxid {
        self.newest.as_ref().map_or(Zxid(0), |event| event.zxid)
    }

    /// Whether an event is new. An event that comes twice is not.
    pub(crate) fn sees(&mut self, event: &WatchEvent) -> bool {
        let is_new = self.newest.as_ref().is_none_or(|newest| newest.zxid <= event.zxid && newest != event);
        if is_new {
            self.newest = Some(event.clone());
        }
        is_new
    }
}

/// A request that has not been answered.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Question {
    pub(crate) number: u64,
    /// When it was first sent.
    pub(crate) sent: Time,
    pub(crate) request: TreeRequest,
}

/// Requests to the service: one is under way, the others wait for their turn.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Requests {
    asked: Option<Question>,
    queue: VecDeque<TreeRequest>,
    /// Index of the server believed to lead.
    server: usize,
    number: u64,
}

impl Requests {
    /// Sends a request, or has it wait for its turn.
    pub(crate) fn ask(
        &mut self,
        cx: &Context<Coordination>,
        rule: CoordinationRule,
        request: TreeRequest,
        now: Time,
        out: &mut Out,
    ) {
        if self.asked.is_some() {
            out.because(rule).why(format_args!("after the answer to the request before"));
            self.queue.push_back(request);
            return;
        }
        self.number = self.number.saturating_add(1).max(now.as_nanos());
        self.asked = Some(Question { number: self.number, sent: now, request });
        self.send(cx, rule, out);
    }

    /// Sends the next request of the queue, if none is under way.
    pub(crate) fn ask_next(&mut self, cx: &Context<Coordination>, now: Time, out: &mut Out) {
        if self.asked.is_none()
            && let Some(request) = self.queue.pop_front()
        {
            self.ask(cx, CoordinationRule::AskServers, request, now, out);
        }
    }

    fn send(&self, cx: &Context<Coordination>, rule: CoordinationRule, out: &mut Out) {
        let Some(Question { number, request, .. }) = &self.asked else { return };
        let servers = &cx.config.servers.voters;
        out.because(rule)
            .send(servers[self.server % servers.len()], Message::Ask { number: *number, request: request.clone() })
            .arm(Timer::Answer, cx.config.answer_timeout);
    }

    /// Whether a request of that kind is under way or waits.
    pub(crate) fn has(&self, is_such: impl Fn(&TreeRequest) -> bool) -> bool {
        self.asked.iter().map(|question| &question.request).chain(&self.queue).any(is_such)
    }

    /// Takes the request that is answered by that number.
    pub(crate) fn answered(&mut self, number: u64) -> Option<Question> {
        self.asked.take_if(|question| question.number == number)
    }

    /// Whether the request of that number waits for its answer.
    pub(crate) fn awaits(&self, number: u64) -> bool {
        self.asked.as_ref().is_some_and(|question| question.number == number)
    }

    /// Drops the requests that wait on behalf of a session that is over.
    pub(crate) fn forget(&mut self, session: SessionId) {
        self.queue.retain(|request| request.session() != Some(session));
    }

    /// Turns to the leader that a server has named. The request is repeated unchanged.
    pub(crate) fn turn_to(&mut self, cx: &Context<Coordination>, leader: NodeId, out: &mut Out) {
        let place = cx.config.servers.voters.iter().position(|&server| server == leader);
        self.server = place.unwrap_or(self.server);
        out.because(CoordinationRule::Redirected).why(format_args!("{leader} leads"));
        self.send(cx, CoordinationRule::AskServers, out);
    }

    /// Turns to the next server, when an answer is overdue.
    pub(crate) fn overdue(&mut self, cx: &Context<Coordination>, out: &mut Out) {
        if self.asked.is_none() {
            out.because(CoordinationRule::StaleAnswer).why(format_args!("nothing was asked"));
            return;
        }
        self.server = self.server.wrapping_add(1);
        self.send(cx, CoordinationRule::AskServers, out);
    }
}
