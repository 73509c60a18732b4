//! The node: brings each input to the role that it is for.

use quorate_protocol::{Input, LocalTime, Machine, NodeId, Outbox, Ruled, Time};
use serde::Serialize;

use crate::fence::{Asked, Resource};
use crate::granter::Granter;
use crate::holder::{Held, Holder};
use crate::{ByTheBook, Command, Config, Fact, LeaseRule, Message, Record, Reply, Rulebook, Stable, Timer};
use crate::{Token, Value};

/// A node of a cluster with a single granter: the granter, a holder, or the resource, under a rulebook.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Lease<R: Rulebook = ByTheBook> {
    rules: R,
    role: Role<R>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Role<R> {
    Granter(Granter<R>),
    Holder(Holder<R>),
    Resource(Resource<R>),
    Bystander,
}

impl<R: Rulebook> Lease<R> {
    /// The grant under which this node may act at that reading of its clocks, if it may.
    pub fn acts(&self, now: LocalTime) -> Option<Token> {
        let Role::Holder(holder) = &self.role else { return None };
        let held = holder.primary?;
        self.rules.may_act(held.until, self.rules.clock(now)).allows().then_some(held.token)
    }

    /// Whom this granter has granted the primary lease to, unless it was given back; the grant may have ended.
    pub fn grantee(&self) -> Option<NodeId> {
        let Role::Granter(granter) = &self.role else { return None };
        granter.primary.map(|grant| grant.holder)
    }

    /// The value that this resource holds.
    pub fn value(&self) -> Option<&Value> {
        let Role::Resource(resource) = &self.role else { return None };
        resource.value()
    }

    fn deliver(&mut self, from: NodeId, message: Message, now: Time, out: &mut Outbox<Self>) {
        match (&mut self.role, message) {
            (Role::Granter(role), Message::Heartbeat { sent }) => role.heartbeat(from, sent, now, out),
            (Role::Granter(role), Message::Release { token, sent, successor }) => {
                role.release(from, (token, sent), successor, now, out);
            }
            (Role::Granter(role), Message::Check { sequencer, writer, value, attempt }) => {
                role.check((from, writer), sequencer, (value, attempt), now, out);
            }
            (Role::Holder(role), Message::Granted { lease, token, sent }) => role.granted(lease, token, sent, now, out),
            (Role::Holder(role), Message::Denied { holder, .. }) => role.denied(holder, now, out),
            (Role::Holder(role), Message::Released { token }) => role.released(token, now, out),
            (Role::Holder(role), Message::Written { attempt, token }) => {
                role.answered(attempt, Reply::Written { token }, out);
            }
            (Role::Holder(role), Message::WriteRefused { attempt, highest }) => {
                role.answered(attempt, Reply::WriteRefused { highest }, out);
            }
            (Role::Resource(role), Message::Write { sequencer, value, attempt }) => {
                role.write(Asked { writer: from, sequencer, value, attempt }, out);
            }
            (Role::Resource(role), Message::Checked { valid, sequencer, writer, value, attempt }) => {
                role.checked(valid, Asked { writer, sequencer, value, attempt }, out);
            }
            (Role::Resource(role), Message::Apply { sequencer, writer, value, attempt }) => {
                role.apply(LeaseRule::AcceptWrite, Asked { writer, sequencer, value, attempt }, out);
            }
            (_, message) => {
                out.because(LeaseRule::NotMyRole).why(format_args!("{message:?} is for another role"));
            }
        }
    }
}

impl<R: Rulebook> Machine for Lease<R> {
    const FAMILY: &'static str = "lease";

    type Config = Ruled<Config, R>;
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = LeaseRule;
    type Record = Record;
    type Disk = Stable;
    type Clock = LocalTime;
    type View = View;

    fn boot(me: NodeId, config: &Self::Config, disk: &Stable, now: LocalTime, out: &mut Outbox<Self>) -> Self {
        let Ruled { config, rules } = config;
        let rules = *rules;
        let now = rules.clock(now);
        let role = if me == config.granter {
            Role::Granter(Granter::boot(rules, config, disk, now, out))
        } else if config.holders.contains(&me) {
            Role::Holder(Holder::boot(rules, me, config, now, out))
        } else if config.resource == Some(me) {
            Role::Resource(Resource::boot(rules, me, config, disk))
        } else {
            Role::Bystander
        };
        Lease { rules, role }
    }

    fn step(&mut self, now: LocalTime, input: Input<Self>, out: &mut Outbox<Self>) {
        let now = self.rules.clock(now);
        match (&mut self.role, input) {
            (_, Input::Deliver { from, message }) => self.deliver(from, message, now, out),
            (Role::Holder(role), Input::Request { ticket, command }) => role.request(ticket, command, now, out),
            (_, Input::Request { ticket, .. }) => {
                out.because(LeaseRule::NotMyRole)
                    .why(format_args!("this node is not a holder"))
                    .reply(ticket, Reply::NotAHolder);
            }
            (Role::Granter(role), Input::Fire(Timer::Review)) => role.review(now, out),
            (Role::Holder(role), Input::Fire(Timer::Heartbeat)) => role.heartbeat(now, out),
            (Role::Holder(role), Input::Fire(Timer::Lapse(lease))) => role.lapse(lease, now, out),
            (Role::Holder(role), Input::Fire(Timer::Work(attempt))) => role.finish(attempt, now, out),
            (Role::Holder(role), Input::Fire(Timer::Act)) => role.act(None, now, out),
            (_, Input::Fire(timer)) => {
                out.because(LeaseRule::NotMyRole).why(format_args!("{timer:?} is for another role"));
            }
        }
    }

    fn view(&self) -> View {
        match &self.role {
            Role::Granter(role) => View::Granter {
                primary: role.primary.map(|grant| grant.holder),
                token: role.primary.map(|grant| grant.token),
                expires: role.primary.map(|grant| grant.expires),
                silent_until: role.silent_until,
            },
            Role::Holder(role) => View::Holder {
                serves_until: role.node_lease.map(|held: Held| held.until),
                acts_until: role.primary.map(|held| held.until),
                token: role.primary.map(|held| held.token),
            },
            Role::Resource(role) => View::Resource { highest: role.highest(), value: role.value().cloned() },
            Role::Bystander => View::Bystander,
        }
    }
}

/// What a state panel shows of a node. Times are those of its own clock.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(tag = "role", rename_all = "kebab-case")]
pub enum View {
    /// The granter.
    Granter {
        /// Who was granted the primary lease.
        primary: Option<NodeId>,
        /// The grant.
        token: Option<Token>,
        /// Until when it binds.
        expires: Option<Time>,
        /// Until when nothing is granted, after a restart.
        silent_until: Option<Time>,
    },
    /// A holder.
    Holder {
        /// The end of its node lease.
        serves_until: Option<Time>,
        /// The end of its primary lease.
        acts_until: Option<Time>,
        /// The grant of that.
        token: Option<Token>,
    },
    /// The resource.
    Resource {
        /// The highest token it has accepted.
        highest: Option<Token>,
        /// What was written last.
        value: Option<Value>,
    },
    /// A node without a role.
    Bystander,
}
