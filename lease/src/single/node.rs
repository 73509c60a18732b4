//! Node of a cluster with a single granter. Dispatches each input to its role.

use quorate_protocol::{Context, Input, Leads, LocalTime, Machine, NodeId, Outbox, Time};
use serde::Serialize;

use super::config::Config;
use super::fence::{Asked, Resource};
use super::granter::Granter;
use super::holder::{Held, Holder};
use super::message::{Command, Disk, Message, Record, Timer};
use super::rules::SingleRule;
use super::seal::GrantBody;
use crate::id::Token;
use crate::name::Value;
use crate::primary::{Fact, Reply};
use crate::rulebook::Rulebook;
use crate::rules::InputRule;

/// Node of a cluster with a single granter: the granter, a holder, or the resource, under a
/// rulebook.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Lease {
    role: Role,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Role {
    Granter(Granter),
    Holder(Holder),
    Resource(Resource),
    Bystander,
}

impl Lease {
    /// Grant under which this node may act at that reading of its clocks, if any.
    pub fn acts(&self, cx: &Context<Self>) -> Option<Token> {
        let Role::Holder(holder) = &self.role else { return None };
        let held = holder.primary?;
        cx.rules.may_act(held.until, cx.rules.clock(cx.now)).allows().then_some(held.token)
    }

    /// Whether this node is the primary at that reading of its clocks.
    pub fn is_leader(&self, cx: &Context<Self>) -> bool {
        self.acts(cx).is_some()
    }

    /// Node to which this granter has granted the primary lease, unless it was released; the grant
    /// may have ended.
    pub fn grantee(&self) -> Option<NodeId> {
        let Role::Granter(granter) = &self.role else { return None };
        granter.primary.map(|grant| grant.holder)
    }

    /// The value that this resource holds.
    pub fn value(&self) -> Option<&Value> {
        let Role::Resource(resource) = &self.role else { return None };
        resource.value()
    }

    fn deliver(&mut self, cx: &Context<Lease>, from: NodeId, message: Message, now: Time, out: &mut Outbox<Self>) {
        match (&mut self.role, message) {
            (Role::Granter(role), Message::Heartbeat { sent }) => role.heartbeat(cx, from, sent, now, out),
            (Role::Granter(role), Message::Release { token, sent, successor }) => {
                role.release(cx, from, (token, sent), successor, now, out);
            }
            (Role::Granter(role), Message::Check { sequencer, writer, value, attempt }) => {
                role.check(cx, (from, writer), sequencer, (value, attempt), now, out);
            }
            (Role::Holder(role), Message::Granted { lease, token, sent }) => {
                role.granted(cx, lease, (token, None), sent, now, out);
            }
            (Role::Holder(role), Message::GrantedUnderSeal { grant, sent }) => {
                let GrantBody { lease, token, .. } = *grant.body();
                role.granted(cx, lease, (token, Some(grant)), sent, now, out);
            }
            (Role::Holder(role), Message::Denied { holder, .. }) => role.denied(cx, holder, now, out),
            (Role::Holder(role), Message::Released { token }) => role.released(cx, token, now, out),
            (Role::Holder(role), Message::Written { attempt, token }) => {
                role.answered(attempt, Reply::Written { token }, out);
            }
            (Role::Holder(role), Message::WriteRefused { attempt, highest }) => {
                role.answered(attempt, Reply::WriteRefused { highest }, out);
            }
            (Role::Resource(role), Message::Write { sequencer, value, attempt }) => {
                role.write(cx, Asked { writer: from, sequencer, value, attempt }, None, out);
            }
            (Role::Resource(role), Message::WriteUnderSeal { sequencer, value, attempt, grant }) => {
                role.write(cx, Asked { writer: from, sequencer, value, attempt }, Some(grant), out);
            }
            (Role::Resource(role), Message::Checked { valid, sequencer, writer, value, attempt }) => {
                role.checked(cx, valid, Asked { writer, sequencer, value, attempt }, out);
            }
            (_, message) => {
                out.because(InputRule::NotMyRole).why(format_args!("{message:?} is for another role"));
            }
        }
    }
}

quorate_protocol::reference!(impl for Lease);

impl Leads for Lease {
    type Epoch = Token;

    fn leads(&self, cx: &Context<Self>) -> Option<Token> {
        self.acts(cx)
    }
}

impl Machine for Lease {
    const FAMILY: &'static str = "lease";

    type Config = Config;
    type Rulebook = Rulebook;
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = SingleRule;
    type Record = Record;
    type Disk = Disk;
    type Clock = LocalTime;
    type View = View;

    fn boot(cx: &Context<Self>, disk: &Disk, out: &mut Outbox<Self>) -> Self {
        let Context { me, config, .. } = *cx;
        let now = cx.rules.clock(cx.now);
        let role = if me == config.granter {
            Role::Granter(Granter::boot(cx, disk, now, out))
        } else if config.holders.contains(&me) {
            Role::Holder(Holder::boot(cx, now, out))
        } else if config.resource == Some(me) {
            Role::Resource(Resource::boot(disk))
        } else {
            Role::Bystander
        };
        Lease { role }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        let now = cx.rules.clock(cx.now);
        match (&mut self.role, input) {
            (_, Input::Deliver { from, message }) => self.deliver(cx, from, message, now, out),
            (Role::Holder(role), Input::Request { ticket, command }) => role.request(cx, ticket, command, now, out),
            (_, Input::Request { ticket, .. }) => {
                out.because(InputRule::NotMyRole)
                    .why(format_args!("this node is not a holder"))
                    .reply(ticket, Reply::NotAHolder);
            }
            (Role::Granter(role), Input::Fire(Timer::Review)) => role.review(cx, now, out),
            (Role::Holder(role), Input::Fire(Timer::Heartbeat)) => role.heartbeat(cx, now, out),
            (Role::Holder(role), Input::Fire(Timer::Lapse(lease))) => role.expire(cx, lease, now, out),
            (Role::Holder(role), Input::Fire(Timer::Work(attempt))) => role.finish(cx, attempt, now, out),
            (Role::Holder(role), Input::Fire(Timer::Act)) => role.act(cx, None, now, out),
            (_, Input::Fire(timer)) => {
                out.because(InputRule::NotMyRole).why(format_args!("{timer:?} is for another role"));
            }
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
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

/// State of a node, for display. Times are those of its own clock.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(tag = "role", rename_all = "kebab-case")]
pub enum View {
    /// State of the granter.
    Granter {
        /// Holder of the primary lease.
        primary: Option<NodeId>,
        /// The grant.
        token: Option<Token>,
        /// End of the grant.
        expires: Option<Time>,
        /// End of the quarantine after a restart.
        silent_until: Option<Time>,
    },
    /// State of a holder.
    Holder {
        /// The end of its node lease.
        serves_until: Option<Time>,
        /// The end of its primary lease.
        acts_until: Option<Time>,
        /// The grant of its primary lease.
        token: Option<Token>,
    },
    /// State of the resource.
    Resource {
        /// The highest token it has accepted.
        highest: Option<Token>,
        /// The value written last.
        value: Option<Value>,
    },
    /// A node without a role.
    Bystander,
}
