//! Node with replicated leases: a server or a holder. Dispatches each input to its role.

use quorate_protocol::{
    Context, Disposition, Input, Invariant, InvariantSummary, InvariantViolation, Leads, LocalTime, Machine, Outbox,
    StepView, Time,
};
use quorate_raft as raft;
use serde::Serialize;

use super::holder::Holder;
use super::rules::ReplicatedRule;
use super::server::{Server, inside};
use super::table::LeaseTable;
use super::{Command, Config, Disk, Fact, Message, Record, Reply, Timer};
use crate::exclusion::{LeaseEvent, Observable};
use crate::id::Token;
use crate::name::Name;
use crate::rulebook::Rulebook;
use crate::rules::InputRule;

/// Node of a cluster with a replicated lease table: a server or a holder, under a rulebook.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct RaftLease {
    role: Role,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Role {
    Server(Box<Server>),
    Holder(Holder),
    Bystander,
}

impl RaftLease {
    /// The Raft machine inside this server.
    pub fn raft(&self) -> Option<&raft::Raft<LeaseTable>> {
        match &self.role {
            Role::Server(server) => Some(&server.raft),
            _ => None,
        }
    }

    /// Whether this server leads its term, as far as it knows.
    pub fn is_leader(&self) -> bool {
        self.raft().is_some_and(raft::Raft::is_leader)
    }

    /// End of the leader's own lease; it may have passed. `None` if this server does not lead.
    pub fn reads_until(&self) -> Option<Time> {
        let Role::Server(server) = &self.role else { return None };
        server.leadership.as_ref()?.until
    }

    /// Whether this holder believes it holds a lease, which may have expired.
    pub fn holds(&self) -> bool {
        matches!(&self.role, Role::Holder(holder) if holder.held().next().is_some())
    }

    /// Whether this server would answer a read locally at that reading of its clocks.
    pub fn reads_alone(&self, cx: &Context<Self>) -> bool {
        matches!(&self.role, Role::Server(server) if server.reads_alone(cx, cx.rules.clock(cx.now)))
    }
}

impl Leads for RaftLease {
    type Epoch = raft::Term;

    fn leads(&self, _: &Context<Self>) -> Option<raft::Term> {
        self.raft().filter(|raft| raft.is_leader()).map(raft::Raft::term)
    }
}

impl Machine for RaftLease {
    const FAMILY: &'static str = "lease";

    type Config = Config;
    type Rulebook = Rulebook;
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = ReplicatedRule;
    type Record = Record;
    type Disk = Disk;
    type Clock = LocalTime;
    type View = View;

    fn boot(cx: &Context<Self>, disk: &Disk, out: &mut Outbox<Self>) -> Self {
        let Context { me, config, .. } = *cx;
        let now = cx.rules.clock(cx.now);
        let role = if config.servers.voters.contains(&me) {
            Role::Server(Box::new(Server::boot(cx, disk, now, out)))
        } else if config.holders.contains(&me) {
            Role::Holder(Holder::boot(cx, now, out))
        } else {
            Role::Bystander
        };
        RaftLease { role }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        let now = cx.rules.clock(cx.now);
        match (&mut self.role, input) {
            (Role::Server(role), Input::Deliver { from, message }) => role.deliver(cx, from, message, now, out),
            (Role::Server(role), Input::Fire(timer)) => role.fire(cx, timer, now, out),
            (Role::Server(role), Input::Request { ticket, command }) => role.request(cx, ticket, command, now, out),
            (Role::Holder(role), Input::Request { ticket, command }) => role.request(cx, ticket, command, now, out),
            (Role::Holder(role), Input::Deliver { message: Message::Answer { number, reply }, .. }) => {
                role.answer(cx, number, reply, now, out);
            }
            (Role::Holder(_), Input::Deliver { message: Message::Changed { lease, holder }, .. }) => {
                out.because(ReplicatedRule::WatchChange).emit(Fact::Noticed { lease, holder });
            }
            (Role::Holder(role), Input::Fire(Timer::Renew(lease))) => role.renew(cx, lease, now, out),
            (Role::Holder(role), Input::Fire(Timer::Lapse(lease))) => role.expire(cx, lease, now, out),
            (Role::Holder(role), Input::Fire(Timer::Act)) => role.act_again(cx, now, out),
            (_, Input::Request { ticket, .. }) => {
                out.because(InputRule::NotMyRole).reply(ticket, Reply::NotMyRole);
            }
            (_, input) => {
                out.because(InputRule::NotMyRole).why(format_args!("{input:?} is for another role"));
            }
        }
    }

    fn view(&self, cx: &Context<Self>) -> View {
        match &self.role {
            Role::Server(server) => View::Server {
                raft: Box::new(server.raft.view(&inside(cx))),
                reads_until: server.leadership.as_ref().and_then(|lead| lead.until),
            },
            Role::Holder(holder) => View::Holder {
                held: holder.held().map(|(lease, held)| (lease.clone(), held.token, held.until)).collect(),
            },
            Role::Bystander => View::Bystander,
        }
    }

    fn disposition(reply: &Reply) -> Disposition {
        match reply {
            Reply::Raft(reply) => raft::Raft::<LeaseTable>::disposition(reply),
            _ => Disposition::Final,
        }
    }
}

impl Observable for RaftLease {
    type Name = Name;

    fn observe(fact: &Fact) -> Option<(Name, Token, LeaseEvent)> {
        match fact {
            Fact::LeaseGranted { lease, token, holder, .. } => {
                Some((lease.clone(), *token, LeaseEvent::Granted(*holder)))
            }
            Fact::LeaseHeld { lease, token, .. } => Some((lease.clone(), *token, LeaseEvent::Held)),
            Fact::Acted { lease, token } => Some((lease.clone(), *token, LeaseEvent::Acted)),
            Fact::LeaseLost { lease, token, reason } => Some((lease.clone(), *token, LeaseEvent::Lost(*reason))),
            Fact::Raft(_)
            | Fact::LeaderElected { .. }
            | Fact::Noticed { .. }
            | Fact::TableAnswered { .. }
            | Fact::LocalRead { .. } => None,
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
        raft: Box<raft::View<LeaseTable>>,
        /// End of the leader's own lease.
        reads_until: Option<Time>,
    },
    /// State of a holder.
    Holder {
        /// Leases held: name, grant and end.
        held: Vec<(Name, Token, Time)>,
    },
    /// A node without a role.
    Bystander,
}

/// A local read at a leader is as new as every earlier reply, in true time.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct NoStaleRead {
    told: u64,
}

impl Invariant<RaftLease> for NoStaleRead {
    fn summaries(&self) -> Vec<InvariantSummary> {
        vec![InvariantSummary::new("NoStaleRead", "A local read at a leader is as new as every earlier reply.")]
    }

    fn check(&mut self, step: &StepView<'_, RaftLease>) -> Result<(), InvariantViolation> {
        for fact in step.facts() {
            match *fact {
                Fact::TableAnswered { changes } => self.told = self.told.max(changes),
                Fact::LocalRead { changes } if changes < self.told => {
                    let told = self.told;
                    let detail = format!("{} read {changes} changes, and a holder was told of {told}", step.node);
                    return Err(InvariantViolation::new("NoStaleRead", detail));
                }
                Fact::LocalRead { changes } => self.told = self.told.max(changes),
                _ => {}
            }
        }
        Ok(())
    }
}
