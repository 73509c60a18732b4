//! Leases that are pushed one way: their end is a fixed time, or a higher version.
//!
//! In the other machines a holder asks and the issuer answers, because a term is counted from the
//! request. A lease whose end is a **time of day** needs no request: it means the same whenever it
//! arrives. The issuer sends it, and sends the same one again, to a holder that may be able to hear
//! but not to speak. A lost, late or repeated push is harmless, also across restarts of both.
//!
//! | message | from | to | purpose |
//! |---|---|---|---|
//! | [`Push`](Message::Push) | issuer | holder | a lease with a fixed end |
//! | [`Write`](Message::Write), [`Written`](Message::Written), [`WriteRefused`](Message::WriteRefused) | holder, resource | resource, holder | a fenced write |
//!
//! # The costs
//!
//! * Issuer and holder compare readings of *different* wall clocks (Leases §5). Each of them must
//!   be right within [`skew`](Settings::skew). The holder stops that much before the end, the
//!   issuer waits that much longer, so `2 · skew` of each change of primary are lost; a clock that
//!   is wrong by more makes two primaries. The machines that count terms bear any wall clock.
//! * The issuer learns nothing: it cannot tell whether its holder has heard the lease, or is alive.
//!   So it does not choose the next holder by itself: a client appoints it.
//! * A lease that was pushed cannot be taken back one way. The end has to pass.
//!
//! A **period** that is pushed one way is not safe, because it begins when the push arrives, and
//! the issuer does not know when. That is a bug of the zoo, `period-from-receipt`, and no option.
//!
//! A **version** as the end ([`Ends::Version`]) needs no clock and no waiting. But its holder
//! cannot know alone whether it is overtaken: it may not act by itself at all, only through a
//! resource that compares versions. The fence is what ends the lease.

mod config;
mod holder;
mod issuer;
mod message;
mod resource;
mod rulebook;
pub(crate) mod rules;

use quorate_protocol::{Context, Input, Leads, LocalTime, Machine, NodeId, Outbox, Time};
use serde::Serialize;

pub use config::{Config, Ends, Settings};
use holder::Holder;
use issuer::Issuer;
pub use message::{Command, Disk, Issued, Message, Record, Reply, Timer};
use resource::Resource;
pub use rulebook::{BY_THE_BOOK, Rulebook};
pub use rules::PushedRule;

use crate::exclusion::{self, LeaseEvent, Observable};
use crate::id::{LeaseId, Token};
use crate::name::Value;
pub use crate::primary::Fact;
use crate::rules::InputRule;

/// Node of a cluster with pushed leases: the issuer, a holder, or the resource, under a rulebook.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Pushed {
    role: Role,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Role {
    Issuer(Issuer),
    Holder(Holder),
    Resource(Resource),
}

impl Pushed {
    /// Grant under which this node may act by itself at that reading of its clocks, if any.
    pub fn acts(&self, cx: &Context<Self>) -> Option<Token> {
        let Role::Holder(holder) = &self.role else { return None };
        holder.acts(cx, cx.now.wall)
    }

    /// The newest lease that this issuer is bound by.
    pub fn issued(&self) -> Option<Issued> {
        let Role::Issuer(issuer) = &self.role else { return None };
        issuer.issued
    }

    /// The value that this resource holds.
    pub fn value(&self) -> Option<&Value> {
        let Role::Resource(resource) = &self.role else { return None };
        resource.written.as_ref().map(|(_, value)| value)
    }

    fn deliver(&mut self, cx: &Context<Self>, from: NodeId, message: Message, out: &mut Outbox<Self>) {
        match (&mut self.role, message) {
            (Role::Holder(role), Message::Push { token, expires, term }) => {
                role.pushed(cx, (token, expires, term), cx.now.wall, out);
            }
            (Role::Holder(role), Message::Written { attempt, token }) => {
                role.answered(attempt, Reply::Written { token }, out);
            }
            (Role::Holder(role), Message::WriteRefused { attempt, highest }) => {
                role.answered(attempt, Reply::WriteRefused { highest }, out);
            }
            (Role::Resource(role), Message::Write { token, value, attempt }) => {
                role.write(cx, from, (token, value, attempt), out);
            }
            (_, message) => {
                out.because(InputRule::NotMyRole).why(format_args!("{message:?} is for another role"));
            }
        }
    }
}

impl Leads for Pushed {
    type Epoch = Token;

    fn leads(&self, cx: &Context<Self>) -> Option<Token> {
        self.acts(cx)
    }
}

impl Machine for Pushed {
    const FAMILY: &'static str = "lease";

    type Config = Config;
    type Rulebook = Rulebook;
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = PushedRule;
    type Record = Record;
    type Disk = Disk;
    type Clock = LocalTime;
    type View = View;

    fn boot(cx: &Context<Self>, disk: &Disk, out: &mut Outbox<Self>) -> Self {
        let Context { me, config, .. } = *cx;
        let role = if me == config.issuer {
            Role::Issuer(Issuer::boot(cx, disk, out))
        } else if config.resource == Some(me) {
            Role::Resource(Resource::boot(disk))
        } else {
            Role::Holder(Holder::boot(cx, out))
        };
        Pushed { role }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        let now = cx.now.wall;
        match (&mut self.role, input) {
            (_, Input::Deliver { from, message }) => self.deliver(cx, from, message, out),
            (Role::Issuer(role), Input::Request { ticket, command: Command::Appoint { holder } }) => {
                role.appoint(cx, (ticket, holder), now, out);
            }
            (Role::Holder(role), Input::Request { ticket, command }) => role.request(cx, (ticket, command), now, out),
            (_, Input::Request { ticket, .. }) => {
                out.because(InputRule::NotMyRole).reply(ticket, Reply::NotMyRole);
            }
            (Role::Issuer(role), Input::Fire(Timer::Push)) => role.push(cx, now, out),
            (Role::Holder(role), Input::Fire(Timer::Lapse)) => role.lapse(cx, now, out),
            (Role::Holder(role), Input::Fire(Timer::Act)) => role.act(cx, None, now, out),
            (_, Input::Fire(timer)) => {
                out.because(InputRule::NotMyRole).why(format_args!("{timer:?} is for another role"));
            }
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        match &self.role {
            Role::Issuer(role) => View::Issuer {
                holder: role.issued.map(|issued| issued.holder),
                token: role.issued.map(|issued| issued.token),
                expires: role.issued.map(|issued| issued.end),
                next: role.next,
            },
            Role::Holder(role) => {
                View::Holder { token: role.held.map(|held| held.token), stops: role.held.map(|held| held.stops) }
            }
            Role::Resource(role) => {
                View::Resource { highest: role.highest(), value: role.written.as_ref().map(|(_, value)| value.clone()) }
            }
        }
    }
}

impl Observable for Pushed {
    type Name = LeaseId;

    fn observe(fact: &Fact) -> Option<(LeaseId, Token, LeaseEvent)> {
        exclusion::observe(fact)
    }

    fn accepted(fact: &Fact) -> Option<Token> {
        match fact {
            Fact::WriteAccepted { token, .. } => Some(*token),
            _ => None,
        }
    }
}

/// State of a node, for display. Times are times of day.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(tag = "role", rename_all = "kebab-case")]
pub enum View {
    /// State of the issuer.
    Issuer {
        /// Holder of the newest lease.
        holder: Option<NodeId>,
        /// Its grant.
        token: Option<Token>,
        /// Its end.
        expires: Option<Time>,
        /// The node appointed last.
        next: NodeId,
    },
    /// State of a holder.
    Holder {
        /// The newest grant.
        token: Option<Token>,
        /// Time at which the holder stops.
        stops: Option<Time>,
    },
    /// State of the resource.
    Resource {
        /// The highest token it has accepted.
        highest: Option<Token>,
        /// The value written last.
        value: Option<Value>,
    },
}
