//! Server of the coordination service: Raft with the tree. Its leader counts sessions and notifies
//! watchers.

use std::collections::BTreeMap;

use quorate_protocol::{ClientId, Context, Duration, Effect, Input, Machine, NodeId, Outbox, RequestId, Time};
use quorate_raft::{self as raft, Payload, Raft};

use super::config::Recipe;
use super::message::{Command, Disk, Fact, Message, Record, Reply, Timer};
use super::node::Coordination;
use super::request::{Expiry, SessionId, TreeAnswer, TreeRequest, Zxid};
use super::rules::CoordinationRule;
use super::tree::{Tree, TreeQuery, TreeReply};
use crate::id::LockValue;
use crate::message as lock;
use crate::rules::LockRule;
use crate::service::{Answer, Request};

type Out = Outbox<Coordination>;

/// Clients, servers and the resource are clients of Raft as well, under ids that no client of a
/// driver has.
const HOLDERS: u32 = 1 << 29;
const RESOURCE: u32 = 1 << 30;
const SERVERS: u32 = 1 << 31;

/// Count of a session's timeout on this server.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Counted {
    client: NodeId,
    touches: u64,
    expired: bool,
    /// When it applied the newest heartbeat, or the expiry.
    since: Time,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Server {
    pub(crate) raft: Raft<Tree>,
    /// The term that it leads, and since when.
    leads: Option<(raft::Term, Time)>,
    counted: BTreeMap<SessionId, Counted>,
    /// The newest change whose watchers were notified, by this server or by another.
    notified: Zxid,
    /// Newest request number of its own.
    number: u64,
}

impl Server {
    pub(crate) fn boot(cx: &Context<Coordination>, disk: &Disk, now: Time, out: &mut Out) -> Self {
        let mut inner = inner_outbox(out);
        let raft = Raft::boot(&inside(cx), &disk.raft, &mut inner);
        let mut server = Server { raft, leads: None, counted: BTreeMap::new(), notified: Zxid(0), number: 0 };
        server.pass_on(cx, &inner, now, out);
        if cx.rules.counts_sessions(false) {
            out.because(CoordinationRule::CountSessions).arm(Timer::Review, cx.config.session.renew_every());
        }
        server
    }

    /// Steps Raft and passes on its effects.
    fn drive(&mut self, cx: &Context<Coordination>, input: Input<Raft<Tree>>, now: Time, out: &mut Out) {
        let before = self.raft.state().zxid();
        let mut inner = inner_outbox(out);
        self.raft.step(&inside(cx), input, &mut inner);
        self.pass_on(cx, &inner, now, out);
        self.follow_leadership(cx, now, out);
        self.count(now);
        if self.raft.state().zxid() > before {
            self.notify(out);
        }
    }

    /// Emits Raft's effects as the server's, each under Raft's own rule.
    fn pass_on(&mut self, cx: &Context<Coordination>, inner: &Outbox<Raft<Tree>>, now: Time, out: &mut Out) {
        for reason in inner.reasons() {
            let mut because = out.because(reason.rule);
            because.why(format_args!("{}", reason.why));
            for effect in reason.effects {
                match effect.clone() {
                    Effect::Send { to, message } => because.send(to, Message::Raft(message)),
                    Effect::Persist(record) => because.persist(Record::Raft(record)),
                    Effect::Arm { timer, after } => because.arm(Timer::Raft(timer), after),
                    Effect::Disarm(timer) => because.disarm(Timer::Raft(timer)),
                    Effect::Emit(fact) => because.emit(Fact::Raft(fact)),
                    Effect::Reply { ticket, reply } => match addressee(ticket) {
                        Addressee::Client => because.reply(ticket, Reply::Raft(reply)),
                        Addressee::Holder(holder) => {
                            if let raft::Reply::Applied(TreeReply { answer, .. }) = &reply
                                && let Some(fact) = freed(answer, holder)
                            {
                                because.emit(fact);
                            }
                            because.send(holder, Message::Answer { number: ticket.number, reply })
                        }
                        Addressee::Resource(resource) => match checked(cx, &reply) {
                            Some(told) => because.send(resource, Message::Resource(told)),
                            None => &mut because,
                        },
                        Addressee::Server => &mut because,
                    },
                };
            }
        }
        for fact in inner.facts() {
            if let raft::Fact::Applied { command: Payload::Apply { command, .. }, .. } = fact {
                self.applied(cx, command, now, out);
            }
        }
    }

    /// Tells of an applied request that ends a session.
    fn applied(&mut self, cx: &Context<Coordination>, request: &TreeRequest, now: Time, out: &mut Out) {
        let Some(session) = request.session() else { return };
        let Some(state) = self.raft.state().session(session) else {
            let known = self.counted.remove(&session);
            if let Some(Counted { client, expired: false, .. }) = known.filter(|_| self.raft.is_leader()) {
                out.because(CoordinationRule::ServerApplies)
                    .why(format_args!("{session} is over"))
                    .emit(Fact::SessionEnded { session, client });
            }
            return;
        };
        let delay = cx.rules.frees_after(cx.config.lock_delay);
        if let (true, true, Some(delay)) = (state.expired, self.raft.is_leader(), delay) {
            let newly = self.counted.get(&session).is_some_and(|counted| !counted.expired);
            if newly {
                out.because(CoordinationRule::BeginLockDelay)
                    .why(format_args!("{session}, until {}", now + delay))
                    .emit(Fact::SessionEnded { session, client: state.client });
            }
        }
    }

    /// Starts or restarts the count of each session with a new heartbeat.
    fn count(&mut self, now: Time) {
        let tree = self.raft.state();
        self.counted.retain(|session, _| tree.session(*session).is_some());
        for (session, state) in tree.sessions() {
            let counted = Counted { client: state.client, touches: state.touches, expired: state.expired, since: now };
            let same = |old: &Counted| (old.touches, old.expired) == (counted.touches, counted.expired);
            if !self.counted.get(&session).is_some_and(same) {
                self.counted.insert(session, counted);
            }
        }
    }

    /// Notifies the watchers of what has changed, if this server leads.
    fn notify(&mut self, out: &mut Out) {
        let tree = self.raft.state();
        if self.raft.is_leader() {
            let mut events = tree.events_since(self.notified).peekable();
            if events.peek().is_some() {
                let mut because = out.because(CoordinationRule::Notify);
                events.for_each(|(client, event)| {
                    because.send(client, Message::Event(event.clone()));
                });
            }
        }
        self.notified = tree.zxid();
    }

    /// Starts or ends the leader's duties when Raft's leadership changes.
    fn follow_leadership(&mut self, cx: &Context<Coordination>, now: Time, out: &mut Out) {
        let leads = self.raft.is_leader().then(|| self.raft.term());
        if leads == self.leads.map(|(term, _)| term) {
            return;
        }
        self.leads = leads.map(|term| (term, now));
        match leads {
            Some(term) => {
                let span = cx.config.session.granter();
                out.because(CoordinationRule::CountSessions)
                    .why(format_args!("every session has {span:?} from now"))
                    .emit(Fact::LeaderElected { term })
                    .arm(
                        Timer::Review,
                        span.saturating_add(Duration::from_nanos(1)).min(cx.config.session.renew_every()),
                    );
            }
            None if cx.rules.counts_sessions(false) => {}
            None => {
                out.because(CoordinationRule::CountSessions)
                    .why(format_args!("another leader counts from now on"))
                    .disarm(Timer::Review);
            }
        }
    }

    pub(crate) fn deliver(
        &mut self,
        cx: &Context<Coordination>,
        from: NodeId,
        message: Message,
        now: Time,
        out: &mut Out,
    ) {
        match message {
            Message::Raft(message) => self.drive(cx, Input::Deliver { from, message }, now, out),
            Message::Ask { number, request } => {
                let ticket = RequestId { client: ClientId(HOLDERS.saturating_add(from.0)), number };
                out.because(CoordinationRule::ServerApplies).why(format_args!("asked by {from}"));
                self.drive(cx, Input::Request { ticket, command: raft::Command::Apply(request) }, now, out);
            }
            Message::Resource(lock::Message::Ask { attempt, request: Request::Get { .. } }) => {
                self.check_sequencer(cx, from, TreeQuery { attempt, sequencer: None }, now, out);
            }
            Message::Resource(lock::Message::CheckSequencer { attempt, sequencer }) => {
                self.check_sequencer(cx, from, TreeQuery { attempt, sequencer: Some(sequencer) }, now, out);
            }
            Message::Answer { .. } => {
                out.because(CoordinationRule::StaleAnswer).why(format_args!("to a proposal of this server"));
            }
            Message::Event(_) | Message::Resource(_) => {
                out.because(LockRule::NotMyRole).why(format_args!("this node is a server"));
            }
        }
    }

    /// Answers a resource's `CheckSequencer`, if this server leads.
    fn check_sequencer(
        &mut self,
        cx: &Context<Coordination>,
        from: NodeId,
        query: TreeQuery,
        now: Time,
        out: &mut Out,
    ) {
        let is_leader = self.raft.is_leader();
        let mut because =
            out.because(if is_leader { CoordinationRule::CheckSequencer } else { CoordinationRule::LeaderAnswers });
        match &query.sequencer {
            Some(sequencer) => because.why(format_args!("{sequencer}, of {}", query.attempt)),
            None => because.why(format_args!("about {}", query.attempt)),
        };
        if !is_leader {
            return;
        }
        let number = self.next_number(now);
        let ticket = RequestId { client: ClientId(RESOURCE.saturating_add(from.0)), number };
        self.drive(cx, Input::Request { ticket, command: raft::Command::Read(query) }, now, out);
    }

    pub(crate) fn fire(&mut self, cx: &Context<Coordination>, timer: Timer, now: Time, out: &mut Out) {
        match timer {
            Timer::Raft(timer) => self.drive(cx, Input::Fire(timer), now, out),
            Timer::Review => self.review(cx, now, out),
            _ => {
                out.because(LockRule::NotMyRole).why(format_args!("this node is a server"));
            }
        }
    }

    /// Expires, through the log, the sessions whose timeouts are over by this server's count, and
    /// frees the locks of those whose lock-delay is over.
    fn review(&mut self, cx: &Context<Coordination>, now: Time, out: &mut Out) {
        let leads = self.leads.map(|(_, since)| since);
        if !cx.rules.counts_sessions(leads.is_some()) {
            out.because(CoordinationRule::CountSessions).why(format_args!("this node does not lead"));
            return;
        }
        let ends = |counted: &Counted| self.end(cx, counted);
        let due: Vec<(SessionId, Counted)> = self
            .counted
            .iter()
            .filter(|(_, counted)| ends(counted).is_some_and(|end| cx.rules.has_ended(end, now)))
            .map(|(session, counted)| (*session, *counted))
            .collect();
        let upcoming = self.counted.values().filter_map(ends).filter(|end| !cx.rules.has_ended(*end, now));
        let soonest = upcoming.map(|end| end.since(now).saturating_add(Duration::from_nanos(1))).min();
        let next = soonest.unwrap_or(Duration::MAX).min(cx.config.session.renew_every());
        out.because(CoordinationRule::CountSessions)
            .why(format_args!("{} of {} sessions are over", due.len(), self.counted.len()))
            .arm(Timer::Review, next);
        for (session, counted) in due {
            let (rule, request) = if counted.expired {
                (CoordinationRule::EndLockDelay, TreeRequest::Free { session })
            } else {
                let frees = cx.rules.frees_after(cx.config.lock_delay) == Some(Duration::ZERO);
                let expiry = Expiry { touches: cx.rules.expires_after(counted.touches), frees };
                (CoordinationRule::ProposeExpiry, TreeRequest::Expire { session, expiry })
            };
            out.because(rule).why(format_args!("{session}"));
            self.propose(cx, request, now, out);
        }
    }

    /// End of what is counted for a session: its timeout, or its lock-delay. `None`: never.
    fn end(&self, cx: &Context<Coordination>, counted: &Counted) -> Option<Time> {
        let since = cx.rules.leader_counts_from(self.leads.map(|(_, since)| since), counted.since);
        if counted.expired {
            cx.rules.frees_after(cx.config.lock_delay).map(|delay| since + delay)
        } else {
            Some(since + cx.config.session.granter())
        }
    }

    /// Proposes a request of this server: by itself if it leads, else through the leader.
    fn propose(&mut self, cx: &Context<Coordination>, request: TreeRequest, now: Time, out: &mut Out) {
        let number = self.next_number(now);
        if self.raft.is_leader() {
            let ticket = RequestId { client: ClientId(SERVERS.saturating_add(cx.me.0)), number };
            self.drive(cx, Input::Request { ticket, command: raft::Command::Apply(request) }, now, out);
        } else {
            let mut because = out.because(CoordinationRule::AskServers);
            for server in cx.config.servers.voters.iter().filter(|server| **server != cx.me) {
                because.send(*server, Message::Ask { number, request: request.clone() });
            }
        }
    }

    fn next_number(&mut self, now: Time) -> u64 {
        self.number = self.number.saturating_add(1).max(now.as_nanos());
        self.number
    }

    pub(crate) fn request(
        &mut self,
        cx: &Context<Coordination>,
        ticket: RequestId,
        command: Command,
        now: Time,
        out: &mut Out,
    ) {
        match command {
            Command::TransferLeadership { to } => {
                self.drive(cx, Input::Request { ticket, command: raft::Command::TransferLeadership(to) }, now, out);
            }
            _ => {
                out.because(LockRule::NotMyRole)
                    .why(format_args!("this node is a server"))
                    .reply(ticket, Reply::NotMyRole);
            }
        }
    }
}

/// Context of the inner Raft machine. Its rulebook is always correct.
pub(super) fn inside<'a>(cx: &Context<'a, Coordination>) -> Context<'a, Raft<Tree>> {
    cx.narrow(cx.config.raft(), &raft::BY_THE_BOOK, ())
}

/// Outbox for the inner Raft machine, which records explanations if the outer one does.
fn inner_outbox(out: &Out) -> Outbox<Raft<Tree>> {
    if out.explains() { Outbox::explaining() } else { Outbox::new() }
}

/// Recipient of a reply of Raft.
enum Addressee {
    Client,
    Holder(NodeId),
    Resource(NodeId),
    /// A server's own request, whose reply nobody waits for.
    Server,
}

fn addressee(ticket: RequestId) -> Addressee {
    match ticket.client.0 {
        SERVERS.. => Addressee::Server,
        resource @ RESOURCE.. => Addressee::Resource(NodeId(resource - RESOURCE)),
        holder @ HOLDERS.. => Addressee::Holder(NodeId(holder - HOLDERS)),
        _ => Addressee::Client,
    }
}

/// The fact that a holder's request has given up a lock, if that is the answer.
fn freed(answer: &TreeAnswer, by: NodeId) -> Option<Fact> {
    match answer {
        TreeAnswer::Deleted { attempt } => Some(Fact::NodeDeleted { attempt: *attempt, by }),
        TreeAnswer::Released { attempt } => Some(Fact::LockReleased { attempt: *attempt, by }),
        _ => None,
    }
}

/// The answer to a resource that asks about a lock; `None` if the server has just ceased to lead.
fn checked(cx: &Context<Coordination>, reply: &raft::Reply<Tree>) -> Option<lock::Message> {
    let raft::Reply::Read(reply) = reply else { return None };
    let TreeAnswer::Sequencer { attempt, valid } = reply.answer else { return None };
    if cx.config.recipe == Recipe::FileLock {
        return Some(lock::Message::SequencerChecked { attempt, valid });
    }
    let answer = Answer::Value { value: valid.then_some(LockValue::Unique(attempt)) };
    Some(lock::Message::Told { attempt, answer })
}
