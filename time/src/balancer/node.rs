//! The node: dispatches each input to its role.

use std::collections::BTreeMap;

use quorate_protocol::{Context, Disposition, Input, Machine, NodeId, Outbox};
use serde::Serialize;

use super::config::Config;
use super::disk::{Disk, Record};
use super::front::{Front, Health};
use super::message::{Command, Fact, Message, Reply, Standing, Timer};
use super::reporter::Reporter;
use super::rulebook::Rulebook;
use super::rules::BalancerRule;
use super::server::Server;

pub(crate) type Cx<'a> = Context<'a, Balancer>;
pub(crate) type Out = Outbox<Balancer>;

/// A balancer, a server or a reporter.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Balancer {
    #[doc(hidden)]
    Front(FrontRole),
    #[doc(hidden)]
    Server(ServerRole),
    #[doc(hidden)]
    Reporter(ReporterRole),
}

/// Role of the balancer.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FrontRole(pub(crate) Front);

/// Role of a server.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ServerRole(pub(crate) Server);

/// Role of a reporter.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ReporterRole(pub(crate) Reporter);

/// State of a node, for display. A part that belongs to another role is empty.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct NodeView {
    /// At a balancer: its opinion of each server.
    pub servers: BTreeMap<NodeId, Health>,
    /// At a balancer: requests without an answer. At a server: requests in its queue.
    pub waiting: usize,
    /// At a server: its word on itself.
    pub standing: Option<Standing>,
}

impl Balancer {
    /// A balancer's opinion of each server; empty at other nodes.
    pub fn health(&self) -> BTreeMap<NodeId, Health> {
        match self {
            Balancer::Front(FrontRole(front)) => front.health(),
            _ => BTreeMap::new(),
        }
    }

    /// At a balancer: number of requests without an answer. At a server: number in its queue.
    pub fn waiting(&self) -> usize {
        match self {
            Balancer::Front(FrontRole(front)) => front.pending(),
            Balancer::Server(ServerRole(server)) => server.queued(),
            Balancer::Reporter(_) => 0,
        }
    }
}

quorate_protocol::reference!(impl for Balancer);

impl Machine for Balancer {
    const FAMILY: &'static str = "time";

    type Config = Config;
    type Rulebook = Rulebook;
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = BalancerRule;
    type Record = Record;
    type Disk = Disk;
    type Clock = ();
    type View = NodeView;

    fn boot(cx: &Context<Self>, disk: &Disk, out: &mut Outbox<Self>) -> Self {
        if cx.me == cx.config.balancer {
            Balancer::Front(FrontRole(Front::boot(cx, disk, out)))
        } else if cx.config.reporters.contains(&cx.me) {
            Balancer::Reporter(ReporterRole(Reporter::default()))
        } else {
            Balancer::Server(ServerRole(Server::boot(cx, disk, out)))
        }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match (self, input) {
            (Balancer::Front(FrontRole(front)), input) => match input {
                Input::Request { ticket, command } => front.asked(cx, ticket, command, out),
                Input::Deliver { from, message } => front.delivered(cx, from, message, out),
                Input::Fire(Timer::Probe) => front.probe(cx, out),
                Input::Fire(timer) => wrong(&timer, out),
            },
            (Balancer::Server(ServerRole(server)), input) => match input {
                Input::Request { ticket, command } => server.asked(cx, ticket, &command, out),
                Input::Deliver { from, message } => server.delivered(cx, from, message, out),
                Input::Fire(Timer::Work) => server.worked(cx, out),
                Input::Fire(Timer::Announce) => server.announce(cx, out),
                Input::Fire(timer) => wrong(&timer, out),
            },
            (Balancer::Reporter(ReporterRole(reporter)), input) => match input {
                Input::Request { ticket, command } => reporter.asked(cx, ticket, &command, out),
                Input::Deliver { from, message: Message::Started { life } } => reporter.started(from, life, out),
                input => wrong(&input, out),
            },
        }
    }

    fn disposition(reply: &Reply) -> Disposition {
        match reply {
            Reply::NoServer => Disposition::Retry,
            _ => Disposition::Final,
        }
    }

    fn view(&self, _: &Context<Self>) -> NodeView {
        let standing = match self {
            Balancer::Server(ServerRole(server)) => Some(server.standing),
            _ => None,
        };
        NodeView { servers: self.health(), waiting: self.waiting(), standing }
    }
}

fn wrong(input: &impl std::fmt::Debug, out: &mut Out) {
    out.because(BalancerRule::WrongRole).why(format_args!("{input:?} is for another role"));
}
