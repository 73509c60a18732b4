//! Node of a lock: passes each input to its role.

use std::collections::BTreeMap;

use quorate_lease::{Token, Value};
use quorate_protocol::{Context, Input, LocalTime, Machine, NodeId, Outbox, Time};
use serde::Serialize;

use crate::client::{Client, Held};
use crate::config::Config;
use crate::disk::Disk;
use crate::id::{AttemptId, LockValue};
use crate::message::{Command, Fact, Message, Record, Reply, Timer};
use crate::resource::Resource;
use crate::rulebook::Rulebook;
use crate::rules::LockRule;
use crate::server::Server;

/// Node of a lock: a server, a client, or the resource, under a rulebook.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Lock {
    role: Role,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Role {
    Server(Server),
    Client(Client),
    Resource(Resource),
    Bystander,
}

impl Lock {
    /// The lock under which this client may act at that reading of its clocks, if any.
    pub fn holds(&self, cx: &Context<Self>) -> Option<AttemptId> {
        let Role::Client(Client { held: Some(Held { attempt, until, .. }), .. }) = &self.role else { return None };
        cx.rules.may_act(*until, cx.now.monotonic).allows().then_some(*attempt)
    }

    /// The lock that this client has taken and not given up, whether or not it is valid still.
    pub fn held(&self) -> Option<AttemptId> {
        let Role::Client(client) = &self.role else { return None };
        client.held.map(|held| held.attempt)
    }

    /// The attempt that has set the key on this server. Its time to live may be over.
    pub fn key(&self, config: &Config) -> Option<AttemptId> {
        let Role::Server(server) = &self.role else { return None };
        server.keys.get(&config.key).map(|entry| entry.by)
    }

    /// The value that readers of this resource get.
    pub fn value(&self) -> Option<&Value> {
        let Role::Resource(resource) = &self.role else { return None };
        resource.read_value()
    }

    fn deliver(&mut self, cx: &Context<Self>, from: NodeId, message: Message, now: Time, out: &mut Outbox<Self>) {
        match (&mut self.role, message) {
            (Role::Server(role), Message::Ask { attempt, request }) => role.asked(cx, from, attempt, request, out),
            (Role::Client(role), Message::Told { attempt, answer }) => role.told(cx, from, attempt, &answer, now, out),
            (Role::Client(role), Message::Marked { ticket }) => role.marked(ticket, out),
            (Role::Client(role), Message::Data { ticket, currlock, .. }) => role.data(cx, ticket, currlock, out),
            (Role::Client(role), Message::Written { ticket }) => {
                role.wrote(cx, from, ticket, Reply::Written, out);
            }
            (Role::Client(role), Message::WriteRefused { ticket }) => {
                role.wrote(cx, from, ticket, Reply::WriteRefused, out);
            }
            (Role::Client(role), Message::Opened { attempt, ticket, author, .. }) => {
                role.opened(cx, from, (attempt, ticket), author, out);
            }
            (Role::Client(role), Message::Stored { attempt, ticket }) => role.stored(cx, from, (attempt, ticket), out),
            (Role::Client(role), Message::Committed { ticket }) => role.pass_on(ticket, Reply::Committed, out),
            (Role::Resource(role), Message::Write(write)) => role.write(cx, from, write, out),
            (Role::Resource(role), Message::Mark { attempt, ticket }) => role.mark(from, attempt, ticket, out),
            (Role::Resource(role), Message::Open { attempt, token, ticket }) => {
                role.open(cx, from, (attempt, token), ticket, out);
            }
            (Role::Resource(role), Message::Commit { attempt, token, ticket }) => {
                role.commit(cx, from, (attempt, token), ticket, out);
            }
            (Role::Resource(role), Message::Read { ticket }) => role.read(from, ticket, out),
            (Role::Resource(role), Message::Told { attempt, answer }) => role.told(attempt, &answer, out),
            (Role::Resource(role), Message::SequencerChecked { attempt, valid }) => role.checked(attempt, valid, out),
            (_, message) => {
                out.because(LockRule::NotMyRole).why(format_args!("{message:?} is for another role"));
            }
        }
    }

    fn fire(&mut self, cx: &Context<Self>, timer: Timer, now: Time, out: &mut Outbox<Self>) {
        match (&mut self.role, timer) {
            (Role::Client(role), Timer::Answers) => role.overdue(cx, now, out),
            (Role::Client(role), Timer::Retry) => role.begin_attempt(cx, now, out),
            (Role::Client(role), Timer::Lapse) => role.lapse(cx, now, out),
            (Role::Client(role), Timer::Act) => role.act(cx, None, now, out),
            (Role::Client(role), Timer::Extend) => role.extend(cx, now, out),
            (Role::Client(role), Timer::Work(ticket)) => role.send_write(cx, ticket, out),
            (Role::Resource(role), Timer::Write(ticket)) => role.write_later(ticket, out),
            (_, timer) => {
                out.because(LockRule::NotMyRole).why(format_args!("{timer:?} is for another role"));
            }
        }
    }
}

quorate_protocol::reference!(impl for Lock);

impl Machine for Lock {
    const FAMILY: &'static str = "lock";

    type Config = Config;
    type Rulebook = Rulebook;
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = LockRule;
    type Record = Record;
    type Disk = Disk;
    type Clock = LocalTime;
    type View = View;

    fn boot(cx: &Context<Self>, disk: &Disk, out: &mut Outbox<Self>) -> Self {
        let Context { me, config, .. } = *cx;
        let role = if config.servers.contains(&me) {
            Role::Server(Server::boot(cx, disk, out))
        } else if config.holders.contains(&me) {
            Role::Client(Client::boot(cx, disk, out))
        } else if config.guard_of(me).is_some() {
            Role::Resource(Resource::boot(disk))
        } else {
            Role::Bystander
        };
        Lock { role }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        let now = cx.now.monotonic;
        match (&mut self.role, input) {
            (_, Input::Deliver { from, message }) => self.deliver(cx, from, message, now, out),
            (_, Input::Fire(timer)) => self.fire(cx, timer, now, out),
            (Role::Client(role), Input::Request { ticket, command }) => role.request(cx, ticket, command, now, out),
            (_, Input::Request { ticket, .. }) => {
                out.because(LockRule::NotMyRole)
                    .why(format_args!("this node does not take the lock"))
                    .reply(ticket, Reply::NotAClient);
            }
        }
    }

    fn view(&self, cx: &Context<Self>) -> View {
        match &self.role {
            Role::Server(role) => {
                let entry = role.keys.get(&cx.config.key);
                View::Server {
                    value: entry.map(|entry| entry.value),
                    expires: entry.and_then(|entry| entry.expires),
                    away_until: role.away_until,
                }
            }
            Role::Client(role) => View::Client {
                holds: role.held.map(|held| held.attempt),
                until: role.held.and_then(|held| held.until),
                token: role.held.and_then(|held| held.token),
            },
            Role::Resource(role) => {
                let Resource { highest, currlock, ref files, .. } = *role;
                View::Resource { value: role.read_value().cloned(), highest, currlock, files: files.clone() }
            }
            Role::Bystander => View::Bystander,
        }
    }
}

/// State of a node, for display. Times are those of its own clock.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(tag = "role", rename_all = "kebab-case")]
pub enum View {
    /// State of a server.
    Server {
        /// Value of the lock's key.
        value: Option<LockValue>,
        /// End of its time to live.
        expires: Option<Time>,
        /// End of the time for which it takes no part after a restart.
        away_until: Option<Time>,
    },
    /// State of a client.
    Client {
        /// The attempt by which it holds the lock.
        holds: Option<AttemptId>,
        /// End of the validity.
        until: Option<Time>,
        /// The fencing token.
        token: Option<Token>,
    },
    /// State of the resource.
    Resource {
        /// The value written last.
        value: Option<Value>,
        /// The highest token seen.
        highest: Option<Token>,
        /// The lock that was announced last.
        currlock: Option<AttemptId>,
        /// Its files, if it has any: by token, their content.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        files: BTreeMap<Token, Value>,
    },
    /// A node without a role.
    Bystander,
}
