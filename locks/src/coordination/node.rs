//! Node of the coordination service: passes each input to its role.

use quorate_lease::{Token, Value};
use quorate_protocol::{Context, Disposition, Effect, Input, Leads, LocalTime, Machine, Outbox, Time};
use quorate_raft as raft;
use serde::Serialize;

use super::client::Client;
use super::config::Config;
use super::message::{Command, Disk, Fact, Message, Record, Reply, Timer};
use super::request::SessionId;
use super::rulebook::Rulebook;
use super::rules::CoordinationRule;
use super::server::{Server, inside};
use super::tree::Tree;
use crate::id::AttemptId;
use crate::message as lock;
use crate::node::{self as resource, Lock};
use crate::rules::LockRule;
use crate::sequencer::Sequencer;

/// Node of a coordination service: a server, a client, or the resource, under a rulebook.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Coordination {
    role: Role,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Role {
    Server(Box<Server>),
    Client(Box<Client>),
    /// The resource is that of every lock.
    Resource(Box<Lock>),
    Bystander,
}

impl Coordination {
    /// The Raft machine inside this server.
    pub fn raft(&self) -> Option<&raft::Raft<Tree>> {
        match &self.role {
            Role::Server(server) => Some(&server.raft),
            _ => None,
        }
    }

    /// The lock under which this client would act at that reading of its clocks, if any.
    pub fn holds(&self, cx: &Context<Self>) -> Option<AttemptId> {
        let Role::Client(client) = &self.role else { return None };
        client.holds(cx, cx.now.monotonic).map(|held| held.attempt)
    }

    /// The lock that this client has taken and not given up.
    pub fn held(&self) -> Option<AttemptId> {
        let Role::Client(client) = &self.role else { return None };
        client.held.as_ref().map(|held| held.attempt)
    }

    /// The session of this client.
    pub fn session(&self) -> Option<SessionId> {
        let Role::Client(client) = &self.role else { return None };
        client.session.as_ref().map(|session| session.id)
    }

    /// The value of this resource.
    pub fn value(&self) -> Option<&Value> {
        let Role::Resource(resource) = &self.role else { return None };
        resource.value()
    }

    fn deliver(&mut self, cx: &Context<Self>, input: Input<Self>, now: Time, out: &mut Outbox<Self>) {
        match (&mut self.role, input) {
            (Role::Server(role), Input::Deliver { from, message }) => role.deliver(cx, from, message, now, out),
            (Role::Client(role), Input::Deliver { message: Message::Answer { number, reply }, .. }) => {
                heed(role, cx, number, reply, now, out);
            }
            (Role::Client(role), Input::Deliver { message: Message::Event(event), .. }) => {
                role.notified(cx, &event, now, out);
            }
            (Role::Client(role), Input::Deliver { message: Message::Resource(message), .. }) => {
                role.wrote(&message, out);
            }
            (Role::Resource(role), Input::Deliver { from, message: Message::Resource(message) }) => {
                step_resource(role, cx, Input::Deliver { from, message }, out);
            }
            (_, input) => {
                out.because(LockRule::NotMyRole).why(format_args!("{input:?} is for another role"));
            }
        }
    }

    fn fire(&mut self, cx: &Context<Self>, timer: Timer, now: Time, out: &mut Outbox<Self>) {
        match (&mut self.role, timer) {
            (Role::Server(role), timer) => role.fire(cx, timer, now, out),
            (Role::Client(role), Timer::Heartbeat) => role.heartbeat(cx, now, out),
            (Role::Client(role), Timer::Answer) => role.requests.overdue(cx, out),
            (Role::Client(role), Timer::Lapse) => role.lapse(cx, now, out),
            (Role::Client(role), Timer::Act) => role.act(cx, None, now, out),
            (Role::Client(role), Timer::Work(ticket)) => role.send_write(cx, ticket, out),
            (Role::Resource(role), Timer::Resource(timer)) => step_resource(role, cx, Input::Fire(timer), out),
            (_, timer) => {
                out.because(LockRule::NotMyRole).why(format_args!("{timer:?} is for another role"));
            }
        }
    }
}

/// Handles a server's reply to a client.
fn heed(
    client: &mut Client,
    cx: &Context<Coordination>,
    number: u64,
    reply: raft::Reply<Tree>,
    now: Time,
    out: &mut Outbox<Coordination>,
) {
    if !client.requests.awaits(number) {
        out.because(CoordinationRule::StaleAnswer).why(format_args!("nobody waits for answer {number}"));
        return;
    }
    match reply {
        raft::Reply::Applied(reply) => {
            if let Some(question) = client.requests.answered(number) {
                out.because(CoordinationRule::AskServers)
                    .why(format_args!("answered as of {}", reply.zxid))
                    .disarm(Timer::Answer);
                client.answered(cx, question, reply.answer, now, out);
                client.requests.ask_next(cx, now, out);
            }
        }
        raft::Reply::Redirect { leader: Some(leader) } => client.requests.turn_to(cx, leader, out),
        _ => {
            out.because(CoordinationRule::Redirected).why(format_args!("nobody knows a leader: later, elsewhere"));
        }
    }
}

/// Context of the resource, which is a machine of its own, always under the correct rulebook.
fn of_resource<'a>(cx: &Context<'a, Coordination>) -> Context<'a, Lock> {
    cx.narrow(cx.config.of_resource(), &crate::BY_THE_BOOK, cx.now)
}

/// Steps the resource and passes on its effects.
fn step_resource(lock: &mut Lock, cx: &Context<Coordination>, input: Input<Lock>, out: &mut Outbox<Coordination>) {
    let mut inner = if out.explains() { Outbox::explaining() } else { Outbox::new() };
    lock.step(&of_resource(cx), input, &mut inner);
    for reason in inner.reasons() {
        let mut because = out.because(reason.rule);
        because.why(format_args!("{}", reason.why));
        for effect in reason.effects {
            match effect.clone() {
                // It asks all servers, because it does not know which of them leads.
                Effect::Send {
                    message: message @ (lock::Message::Ask { .. } | lock::Message::CheckSequencer { .. }),
                    ..
                } => {
                    for server in &cx.config.servers.voters {
                        because.send(*server, Message::Resource(message.clone()));
                    }
                    &mut because
                }
                Effect::Send { to, message } => because.send(to, Message::Resource(message)),
                Effect::Persist(record) => because.persist(Record::Resource(record)),
                Effect::Arm { timer, after } => because.arm(Timer::Resource(timer), after),
                Effect::Disarm(timer) => because.disarm(Timer::Resource(timer)),
                Effect::Emit(fact) => because.emit(Fact::Resource(fact)),
                // Nobody but a driver's client asks a resource, and it gets its own answer.
                Effect::Reply { ticket, .. } => because.reply(ticket, Reply::NotMyRole),
            };
        }
    }
}

quorate_protocol::reference!(impl for Coordination);

impl Leads for Coordination {
    type Epoch = raft::Term;

    fn leads(&self, _: &Context<Self>) -> Option<raft::Term> {
        self.raft().filter(|raft| raft.is_leader()).map(raft::Raft::term)
    }
}

impl Machine for Coordination {
    const FAMILY: &'static str = "lock";

    type Config = Config;
    type Rulebook = Rulebook;
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = CoordinationRule;
    type Record = Record;
    type Disk = Disk;
    type Clock = LocalTime;
    type View = View;

    fn boot(cx: &Context<Self>, disk: &Disk, out: &mut Outbox<Self>) -> Self {
        let Context { me, config, .. } = *cx;
        let role = if config.servers.voters.contains(&me) {
            Role::Server(Box::new(Server::boot(cx, disk, cx.now.monotonic, out)))
        } else if config.holders.contains(&me) {
            Role::Client(Box::default())
        } else if config.resource == Some(me) {
            // A resource does nothing when it boots, so there is nothing to pass on.
            let lock = Lock::boot(&of_resource(cx), &disk.resource, &mut Outbox::new());
            Role::Resource(Box::new(lock))
        } else {
            Role::Bystander
        };
        Coordination { role }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        let now = cx.now.monotonic;
        match (&mut self.role, input) {
            (Role::Server(role), Input::Request { ticket, command }) => role.request(cx, ticket, command, now, out),
            (Role::Client(role), Input::Request { ticket, command }) => role.request(cx, ticket, command, now, out),
            (_, Input::Request { ticket, .. }) => {
                out.because(LockRule::NotMyRole)
                    .why(format_args!("this node does not take the lock"))
                    .reply(ticket, Reply::NotMyRole);
            }
            (_, Input::Fire(timer)) => self.fire(cx, timer, now, out),
            (_, input @ Input::Deliver { .. }) => self.deliver(cx, input, now, out),
        }
    }

    fn view(&self, cx: &Context<Self>) -> View {
        match &self.role {
            Role::Server(server) => View::Server { raft: Box::new(server.raft.view(&inside(cx))) },
            Role::Client(client) => View::Client {
                session: client.session.as_ref().map(|session| session.id),
                until: client.session.as_ref().map(|session| session.until),
                holds: client.held.as_ref().map(|held| held.attempt),
                token: client.held.as_ref().map(|held| held.holding.token(cx.rules)),
                sequencer: client.held.as_ref().and_then(|held| held.holding.sequencer().cloned()),
            },
            Role::Resource(lock) => View::Resource { resource: lock.view(&of_resource(cx)) },
            Role::Bystander => View::Bystander,
        }
    }

    fn disposition(reply: &Reply) -> Disposition {
        match reply {
            Reply::Raft(reply) => raft::Raft::<Tree>::disposition(reply),
            _ => Disposition::Final,
        }
    }
}

/// State of a node, for display. Times are those of its own clock.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(tag = "role", rename_all = "kebab-case")]
pub enum View {
    /// State of a server.
    Server {
        /// State of its Raft machine.
        raft: Box<raft::View<Tree>>,
    },
    /// State of a client.
    Client {
        /// Its session.
        session: Option<SessionId>,
        /// End of the session, by its own count.
        until: Option<Time>,
        /// The lock that it holds.
        holds: Option<AttemptId>,
        /// The fencing token.
        token: Option<Token>,
        /// The sequencer, of a service that has such.
        #[serde(skip_serializing_if = "Option::is_none")]
        sequencer: Option<Sequencer>,
    },
    /// State of the resource.
    Resource {
        /// State of the resource, which is that of every lock.
        resource: resource::View,
    },
    /// A node without a role.
    Bystander,
}
