//! The node: a server or a holder; brings each input to its role.

use quorate_protocol::{Answer, Broken, Input, Invariant, LocalTime, Machine, NodeId, Observed, Outbox, Ruled, Time};
use quorate_raft as raft;
use serde::Serialize;

use super::holder::Holder;
use super::server::Server;
use super::{Command, Config, Fact, LeaseTable, Message, ReplicatedRule, Reply, Timer};
use crate::invariants::{Deed, Witnessed};
use crate::{ByTheBook, LeaseRule, Name, Rulebook, Token};

/// A node of a cluster with a replicated lease table: a server or a holder, under a rulebook.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct RaftLease<R: Rulebook = ByTheBook> {
    rules: R,
    role: Role<R>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Role<R: Rulebook> {
    Server(Box<Server<R>>),
    Holder(Holder<R>),
    Bystander,
}

impl<R: Rulebook> RaftLease<R> {
    /// Raft inside this server.
    pub fn raft(&self) -> Option<&raft::Raft<LeaseTable>> {
        match &self.role {
            Role::Server(server) => Some(&server.raft),
            _ => None,
        }
    }

    /// Whether this server would answer a read by itself at that reading of its clocks.
    pub fn reads_alone(&self, now: LocalTime) -> bool {
        matches!(&self.role, Role::Server(server) if server.reads_alone(self.rules.clock(now)))
    }
}

impl<R: Rulebook> Machine for RaftLease<R> {
    const FAMILY: &'static str = "lease";

    type Config = Ruled<Config, R>;
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = ReplicatedRule;
    type Record = raft::Record<LeaseTable>;
    type Disk = raft::Disk<LeaseTable>;
    type Clock = LocalTime;
    type View = View;

    fn boot(me: NodeId, config: &Self::Config, disk: &Self::Disk, now: LocalTime, out: &mut Outbox<Self>) -> Self {
        let Ruled { config, rules } = config;
        let rules = *rules;
        let now = rules.clock(now);
        let role = if config.servers.voters.contains(&me) {
            Role::Server(Box::new(Server::boot(rules, me, config, disk, now, out)))
        } else if config.holders.contains(&me) {
            Role::Holder(Holder::boot(rules, me, config, now, out))
        } else {
            Role::Bystander
        };
        RaftLease { rules, role }
    }

    fn step(&mut self, now: LocalTime, input: Input<Self>, out: &mut Outbox<Self>) {
        let now = self.rules.clock(now);
        match (&mut self.role, input) {
            (Role::Server(role), Input::Deliver { from, message }) => role.deliver(from, message, now, out),
            (Role::Server(role), Input::Fire(timer)) => role.fire(timer, now, out),
            (Role::Server(role), Input::Request { ticket, command }) => role.request(ticket, command, now, out),
            (Role::Holder(role), Input::Request { ticket, command }) => role.request(ticket, command, now, out),
            (Role::Holder(role), Input::Deliver { message: Message::Answer { number, reply }, .. }) => {
                role.answer(number, reply, now, out);
            }
            (Role::Holder(_), Input::Deliver { message: Message::Changed { lease, holder }, .. }) => {
                out.because(LeaseRule::WatchChange.into()).learn(Fact::Noticed { lease, holder });
            }
            (Role::Holder(role), Input::Fire(Timer::Renew(lease))) => role.renew(lease, now, out),
            (Role::Holder(role), Input::Fire(Timer::Lapse(lease))) => role.lapse(lease, now, out),
            (Role::Holder(role), Input::Fire(Timer::Act)) => role.act_again(now, out),
            (_, Input::Request { ticket, .. }) => {
                out.because(LeaseRule::NotMyRole.into()).reply(ticket, Reply::NotMyRole);
            }
            (_, input) => {
                out.because(LeaseRule::NotMyRole.into()).why(format_args!("{input:?} is for another role"));
            }
        }
    }

    fn view(&self) -> View {
        match &self.role {
            Role::Server(server) => View::Server {
                raft: Box::new(server.raft.view()),
                reads_until: server.leadership.as_ref().and_then(|lead| lead.until),
            },
            Role::Holder(holder) => View::Holder {
                held: holder.held().map(|(lease, held)| (lease.clone(), held.token, held.until)).collect(),
            },
            Role::Bystander => View::Bystander,
        }
    }

    fn answer(reply: &Reply) -> Answer {
        match reply {
            Reply::Raft(reply) => raft::Raft::<LeaseTable>::answer(reply),
            _ => Answer::Final,
        }
    }
}

impl<R: Rulebook> Witnessed for RaftLease<R> {
    type Name = Name;

    fn testimony(fact: &Fact) -> Option<(Name, Token, Deed)> {
        match fact {
            Fact::LeaseGranted { lease, token, holder, .. } => Some((lease.clone(), *token, Deed::Granted(*holder))),
            Fact::LeaseHeld { lease, token, .. } => Some((lease.clone(), *token, Deed::Held)),
            Fact::Acted { lease, token } => Some((lease.clone(), *token, Deed::Acted)),
            Fact::LeaseLost { lease, token, reason } => Some((lease.clone(), *token, Deed::Lost(*reason))),
            Fact::Raft(_)
            | Fact::LeaderElected { .. }
            | Fact::Noticed { .. }
            | Fact::TableAnswered { .. }
            | Fact::LocalRead { .. } => None,
        }
    }
}

/// What a state panel shows of a node. Times are those of its own clock.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(tag = "role", rename_all = "kebab-case")]
pub enum View {
    /// A server.
    Server {
        /// Raft inside.
        raft: Box<raft::View<LeaseTable>>,
        /// The end of the leader's own lease.
        reads_until: Option<Time>,
    },
    /// A holder.
    Holder {
        /// What it holds: the lease, the grant, the end.
        held: Vec<(Name, Token, Time)>,
    },
    /// A node without a role.
    Bystander,
}

/// A read that a leader answers alone is as new as everything that anybody was told before, judged on the true time.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct NoStaleRead {
    told: u64,
}

impl<R: Rulebook> Invariant<RaftLease<R>> for NoStaleRead {
    fn check(&mut self, seen: &Observed<'_, RaftLease<R>>) -> Result<(), Broken> {
        for fact in seen.facts() {
            match *fact {
                Fact::TableAnswered { changes } => self.told = self.told.max(changes),
                Fact::LocalRead { changes } if changes < self.told => {
                    let told = self.told;
                    let detail = format!("{} read {changes} changes, and a holder was told of {told}", seen.node);
                    return Err(Broken::new("NoStaleRead", detail));
                }
                Fact::LocalRead { changes } => self.told = self.told.max(changes),
                _ => {}
            }
        }
        Ok(())
    }
}
