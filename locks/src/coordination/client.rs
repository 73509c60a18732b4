//! Client of the service: keeps a session, takes the lock by the configured recipe, acts while it
//! believes that it holds it, and unlocks.

use std::collections::BTreeMap;

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Context, Outbox, RequestId, Time};

use super::config::Belief;
use super::message::{Command, Fact, Reply, Timer};
use super::node::Coordination;
use super::recipe::{Contender, Holding, Next, unlock};
use super::request::{SessionId, TreeAnswer, TreeRequest, WatchEvent};
use super::rules::CoordinationRule;
use super::session::{Question, Requests, Session};
use super::writer::Job;
use crate::id::AttemptId;
use crate::message::Loss;
use crate::rules::LockRule;
use crate::sequencer::LockMode;

type Out = Outbox<Coordination>;

/// The lock as its holder sees it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Held {
    pub(crate) attempt: AttemptId,
    pub(crate) holding: Holding,
    /// The session that it ends with, and that session's end by this node's clock.
    session: SessionId,
    until: Time,
    /// The request that it was taken for.
    ticket: RequestId,
}

/// A request for the lock.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Wanted {
    ticket: RequestId,
    waits: bool,
    mode: LockMode,
    /// The current attempt; `None` while there is no session.
    contender: Option<Contender>,
    /// That by which it has the lock, if its session may have expired when it learnt that.
    ready: Option<(CoordinationRule, Holding)>,
}

impl Wanted {
    fn new(ticket: RequestId, mode: LockMode, waits: bool) -> Self {
        Wanted { ticket, waits, mode, contender: None, ready: None }
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Client {
    pub(crate) session: Option<Session>,
    pub(crate) requests: Requests,
    wanted: Option<Wanted>,
    pub(crate) held: Option<Held>,
    pub(crate) jobs: BTreeMap<RequestId, Job>,
}

impl Client {
    pub(crate) fn request(
        &mut self,
        cx: &Context<Coordination>,
        ticket: RequestId,
        command: Command,
        now: Time,
        out: &mut Out,
    ) {
        match command {
            Command::Try { mode } => self.want(cx, Wanted::new(ticket, mode, false), now, out),
            Command::Acquire { mode } => self.want(cx, Wanted::new(ticket, mode, true), now, out),
            Command::Act => self.act(cx, Some(ticket), now, out),
            Command::Write { value } => self.begin_write(cx, ticket, value, now, out),
            Command::Release => self.release(cx, ticket, now, out),
            Command::TransferLeadership { .. } => {
                out.because(LockRule::NotMyRole)
                    .why(format_args!("this node is a client"))
                    .reply(ticket, Reply::NotMyRole);
            }
        }
    }

    fn want(&mut self, cx: &Context<Coordination>, wanted: Wanted, now: Time, out: &mut Out) {
        let other = self.wanted.as_ref().map(|wanted| wanted.ticket);
        if let Some(held) = self.held.as_ref().filter(|held| held.ticket == wanted.ticket) {
            out.because(LockRule::RepeatedRequest).reply(wanted.ticket, acquired(cx, held.attempt, &held.holding));
        } else if other == Some(wanted.ticket) {
            out.because(LockRule::RepeatedRequest).why(format_args!("it is being taken"));
        } else if other.is_some() || self.held.is_some() {
            out.because(LockRule::RepeatedRequest)
                .why(format_args!("it is held, or being taken, for another request"))
                .reply(wanted.ticket, Reply::Busy);
        } else {
            self.wanted = Some(wanted);
            self.begin(cx, now, out);
        }
    }

    /// Begins an attempt, or opens a session for it.
    fn begin(&mut self, cx: &Context<Coordination>, now: Time, out: &mut Out) {
        let Some(wanted) = &mut self.wanted else { return };
        match &self.session {
            Some(session) => {
                let contender = Contender::new(session.id, wanted.mode, wanted.waits);
                let (rule, request) = contender.begin(cx.config);
                (wanted.contender, wanted.ready) = (Some(contender), None);
                self.requests.ask(cx, rule, request, now, out);
            }
            None if self.requests.has(|request| matches!(request, TreeRequest::Open { .. })) => {
                out.because(CoordinationRule::OpenSession).why(format_args!("a session is being opened"));
            }
            None => {
                let request = TreeRequest::Open { client: cx.me };
                self.requests.ask(cx, CoordinationRule::OpenSession, request, now, out);
            }
        }
    }

    /// Handles the service's answer to a request.
    pub(crate) fn answered(
        &mut self,
        cx: &Context<Coordination>,
        question: Question,
        answer: TreeAnswer,
        now: Time,
        out: &mut Out,
    ) {
        let of_session = question.request.session();
        match (&question.request, answer) {
            (TreeRequest::Open { .. }, TreeAnswer::Opened { session }) => {
                self.opened(cx, session, question.sent, now, out);
            }
            (_, TreeAnswer::SessionExpired) => match of_session {
                Some(session) => self.session_over(cx, session, now, out),
                None => drop(out.because(CoordinationRule::StaleAnswer)),
            },
            (TreeRequest::Touch { .. }, TreeAnswer::Alive { events }) => {
                self.alive(cx, of_session, question.sent, now, out);
                events.iter().for_each(|event| self.notified(cx, event, now, out));
            }
            (TreeRequest::Delete { .. } | TreeRequest::Release { .. } | TreeRequest::Close { .. }, answer) => {
                out.because(LockRule::UnlockHeard).why(format_args!("{answer:?}"));
            }
            (_, answer) => {
                let contender = self.wanted.as_mut().and_then(|wanted| wanted.contender.as_mut());
                let next = contender.map_or(Next::Ignore, |contender| contender.answered(cx.rules, cx.config, &answer));
                self.go_on(cx, next, CoordinationRule::StaleAnswer, now, out);
            }
        }
    }

    /// Handles a notification.
    pub(crate) fn notified(&mut self, cx: &Context<Coordination>, event: &WatchEvent, now: Time, out: &mut Out) {
        if !self.session.as_mut().is_some_and(|session| session.sees(event)) {
            out.because(CoordinationRule::SpuriousEvent).why(format_args!("{} was seen before", event.zxid));
            return;
        }
        let contender = self.wanted.as_mut().and_then(|wanted| wanted.contender.as_mut());
        let next = contender.map_or(Next::Ignore, |contender| contender.notified(cx.rules, cx.config, event));
        if next != Next::Ignore {
            out.because(CoordinationRule::WakeUp)
                .why(format_args!("{}: {:?}", event.path, event.change))
                .emit(Fact::Woken);
        }
        self.go_on(cx, next, CoordinationRule::SpuriousEvent, now, out);
    }

    /// Does what an attempt says; `otherwise` is the rule by which it has nothing to say.
    fn go_on(&mut self, cx: &Context<Coordination>, next: Next, otherwise: CoordinationRule, now: Time, out: &mut Out) {
        match next {
            Next::Ask(rule, request) => self.requests.ask(cx, rule, request, now, out),
            Next::Wait(path) => {
                out.because(CoordinationRule::WaitForEvent).why(format_args!("about {path}"));
            }
            Next::Hold(rule, holding) => self.hold(cx, rule, holding, now, out),
            Next::GiveUp(request) => {
                if let Some(Wanted { ticket, .. }) = self.wanted.take() {
                    out.because(LockRule::FailAtOnce).reply(ticket, Reply::NotAcquired);
                }
                if let Some(request) = request {
                    self.requests.ask(cx, CoordinationRule::LeaveQueue, request, now, out);
                }
            }
            Next::StartOver => {
                out.because(CoordinationRule::CheckAgain).why(format_args!("its own node is gone, so it begins anew"));
                self.begin(cx, now, out);
            }
            Next::Ignore => {
                out.because(otherwise).why(format_args!("nothing waits for it"));
            }
        }
    }

    fn hold(&mut self, cx: &Context<Coordination>, rule: CoordinationRule, holding: Holding, now: Time, out: &mut Out) {
        let Some(session) = &self.session else { return };
        if let Refuse(refused) = cx.rules.may_act(cx.config.belief, session.until, now) {
            out.because(refused).why(format_args!("the session may have expired at {}", session.until));
            if let Some(wanted) = &mut self.wanted {
                wanted.ready = Some((rule, holding));
            }
            return;
        }
        let Some(Wanted { ticket, mode, .. }) = self.wanted.take() else { return };
        let (id, until) = (session.id, session.until);
        let attempt = AttemptId { owner: cx.me, number: holding.taken_by().0 };
        let mut because = out.because(rule);
        because
            .why(format_args!("{}, {}", holding.path(), holding.taken_by()))
            .emit(Fact::LockHeld { attempt, mode, until })
            .reply(ticket, acquired(cx, attempt, &holding));
        if let Some(interval) = cx.config.act_every {
            because.arm(Timer::Act, interval);
        }
        self.held = Some(Held { attempt, holding, session: id, until, ticket });
    }

    fn opened(&mut self, cx: &Context<Coordination>, id: SessionId, sent: Time, now: Time, out: &mut Out) {
        let until = cx.rules.counts_from(sent, now) + cx.rules.client_term(&cx.config.session);
        self.session = Some(Session::new(id, until));
        let mut because = out.because(CoordinationRule::OpenSession);
        because.why(format_args!("{id}")).arm(Timer::Heartbeat, cx.config.session.renew_every());
        if cx.config.belief == Belief::OwnClock {
            because.arm(Timer::Lapse, until.since(now));
        }
        self.begin(cx, now, out);
    }

    /// Handles the answer to a heartbeat.
    fn alive(&mut self, cx: &Context<Coordination>, of: Option<SessionId>, sent: Time, now: Time, out: &mut Out) {
        let Some(session) = self.session.as_mut().filter(|session| Some(session.id) == of) else {
            out.because(CoordinationRule::StaleAnswer).why(format_args!("about an earlier session"));
            return;
        };
        let until = cx.rules.counts_from(sent, now) + cx.rules.client_term(&cx.config.session);
        session.until = session.until.max(until);
        let recovers = session.in_jeopardy && session.until > now;
        session.in_jeopardy &= !recovers;
        let until = session.until;
        let mut because =
            out.because(if recovers { CoordinationRule::Recovered } else { CoordinationRule::SessionAlive });
        because.why(format_args!("until {until}"));
        if cx.config.belief == Belief::OwnClock && until > now {
            because.arm(Timer::Lapse, until.since(now));
        }
        if let Some(held) = self.held.as_mut().filter(|held| Some(held.session) == of) {
            held.until = until;
        }
        if let Some((rule, holding)) = self.wanted.as_mut().and_then(|wanted| wanted.ready.take()) {
            self.hold(cx, rule, holding, now, out);
        }
    }

    /// Handles the time for a heartbeat.
    pub(crate) fn heartbeat(&mut self, cx: &Context<Coordination>, now: Time, out: &mut Out) {
        let Some(Session { id, .. }) = self.session else {
            out.because(CoordinationRule::SendHeartbeat).why(format_args!("there is no session"));
            return;
        };
        out.because(CoordinationRule::SendHeartbeat).arm(Timer::Heartbeat, cx.config.session.renew_every());
        // One that is under way is repeated anyhow.
        if !self.requests.has(|request| matches!(request, TreeRequest::Touch { session, .. } if *session == id)) {
            let seen = self.session.as_ref().map(Session::seen).unwrap_or_default();
            let request = TreeRequest::Touch { session: id, seen };
            self.requests.ask(cx, CoordinationRule::AskServers, request, now, out);
        }
    }

    /// Handles the news that a session has expired.
    fn session_over(&mut self, cx: &Context<Coordination>, id: SessionId, now: Time, out: &mut Out) {
        if self.session.as_ref().is_none_or(|session| session.id != id) {
            out.because(CoordinationRule::StaleAnswer).why(format_args!("{id} is over, as is known"));
            return;
        }
        out.because(CoordinationRule::SessionOver)
            .why(format_args!("{id}"))
            .disarm(Timer::Heartbeat)
            .disarm(Timer::Lapse);
        self.requests.forget(id);
        self.session = None;
        if cx.rules.loses_when_told() {
            self.lose(CoordinationRule::SessionOver, out);
        }
        self.begin(cx, now, out);
    }

    fn lose(&mut self, rule: CoordinationRule, out: &mut Out) {
        if let Some(Held { attempt, .. }) = self.held.take() {
            out.because(rule).emit(Fact::LockLost { attempt, reason: Loss::Expired }).disarm(Timer::Act);
        }
    }

    /// Handles the timer for the end of the session by this node's clock, or of the grace period.
    pub(crate) fn lapse(&mut self, cx: &Context<Coordination>, now: Time, out: &mut Out) {
        let Some(session) = &mut self.session else {
            out.because(CoordinationRule::SessionOver).why(format_args!("as is known"));
            return;
        };
        let (id, until, grace) = (session.id, session.until, cx.config.grace);
        if now < until {
            out.because(CoordinationRule::SessionAlive).arm(Timer::Lapse, until.since(now));
        } else if now < until + grace {
            session.in_jeopardy = true;
            let mut because = out.because(CoordinationRule::Jeopardy);
            because.arm(Timer::Lapse, (until + grace).since(now));
            if let Some(Held { attempt, .. }) = self.held {
                because.emit(Fact::InJeopardy { attempt });
            }
        } else {
            out.because(CoordinationRule::GraceOver).why(format_args!("{id}")).disarm(Timer::Heartbeat);
            self.requests.forget(id);
            self.session = None;
            self.lose(LockRule::Lapse.into(), out);
            self.requests.ask(cx, CoordinationRule::AskServers, TreeRequest::Close { session: id }, now, out);
            self.begin(cx, now, out);
        }
    }

    /// The lock under which this client would act now.
    pub(crate) fn holds(&self, cx: &Context<Coordination>, now: Time) -> Option<&Held> {
        self.held.as_ref().filter(|held| cx.rules.may_act(cx.config.belief, held.until, now).allows())
    }

    /// Checks the lock and acts, for a caller or by itself.
    pub(crate) fn act(&mut self, cx: &Context<Coordination>, ticket: Option<RequestId>, now: Time, out: &mut Out) {
        let ruling = self.held.as_ref().map(|held| cx.rules.may_act(cx.config.belief, held.until, now));
        match (&self.held, ruling) {
            (Some(Held { attempt, .. }), Some(Allow(rule))) => {
                let mut because = out.because(rule);
                because.emit(Fact::Acted { attempt: *attempt });
                if let Some(ticket) = ticket {
                    because.reply(ticket, Reply::Acted);
                }
            }
            _ => self.not_held(ticket, out),
        }
        if let (None, Some(_), Some(interval)) = (ticket, &self.held, cx.config.act_every) {
            out.because(LockRule::ActInTime).why(format_args!("the next act")).arm(Timer::Act, interval);
        }
    }

    pub(crate) fn not_held(&self, ticket: Option<RequestId>, out: &mut Out) {
        let mut because = out.because(LockRule::LockOver);
        if let Some(ticket) = ticket {
            because.reply(ticket, Reply::NotHeld);
        }
    }

    /// Unlocks: stops acting, and gives up what it holds the lock by. A client that waits leaves
    /// the queue.
    fn release(&mut self, cx: &Context<Coordination>, ticket: RequestId, now: Time, out: &mut Out) {
        if let Some(Held { attempt, holding, session, .. }) = self.held.take() {
            let rule = match holding {
                Holding::Node(_) => CoordinationRule::DeleteNode,
                Holding::FileLock { .. } => CoordinationRule::ReleaseLock,
            };
            out.because(rule)
                .emit(Fact::LockLost { attempt, reason: Loss::Released })
                .disarm(Timer::Act)
                .reply(ticket, Reply::Released);
            self.requests.ask(cx, rule, unlock(session, &holding), now, out);
        } else if let Some(Wanted { ticket: waiting, contender, .. }) = self.wanted.take() {
            out.because(CoordinationRule::LeaveQueue).reply(waiting, Reply::NotAcquired).reply(ticket, Reply::NotHeld);
            let leave = contender.and_then(|contender| contender.leave(cx.rules));
            if let Some(request) = leave {
                self.requests.ask(cx, CoordinationRule::LeaveQueue, request, now, out);
            } else if let Some(Session { id, .. }) = self.session.take() {
                // A node may be about to be created, and has no name yet: the session ends with it.
                self.requests.forget(id);
                let close = TreeRequest::Close { session: id };
                self.requests.ask(cx, CoordinationRule::LeaveQueue, close, now, out);
            }
        } else {
            self.not_held(Some(ticket), out);
        }
    }
}

/// The reply to a request for the lock that a client holds now.
fn acquired(cx: &Context<Coordination>, attempt: AttemptId, holding: &Holding) -> Reply {
    Reply::Acquired { attempt, token: holding.token(cx.rules), sequencer: holding.sequencer().cloned() }
}
