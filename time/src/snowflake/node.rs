//! The node: dispatches each input to its role.

use quorate_protocol::{Context, Disposition, Input, LocalTime, Machine, NodeId, Outbox};
use serde::Serialize;

use super::config::Config;
use super::disk::{Disk, Record};
use super::generator::Generator;
use super::id::Slot;
use super::message::{Command, Fact, Lease, Message, Reply, Timer};
use super::registry::Registry;
use super::rulebook::Rulebook;
use super::rules::SnowflakeRule;

pub(crate) type Cx<'a> = Context<'a, Snowflake>;
pub(crate) type Out = Outbox<Snowflake>;

/// A generator of ids, or the registry of worker numbers.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Snowflake {
    #[doc(hidden)]
    Generator(GeneratorRole),
    #[doc(hidden)]
    Registry(RegistryRole),
}

/// Role of a generator.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct GeneratorRole(pub(crate) Generator);

/// Role of the registry.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct RegistryRole(pub(crate) Registry);

/// State of a node, for display. A part that belongs to the other role is empty.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct NodeView {
    /// At a generator: its lease.
    pub lease: Option<Lease>,
    /// At a generator: the last place in time that it has used.
    pub last: Option<Slot>,
    /// At a generator: the number of requests that wait.
    pub waiting: usize,
    /// At the registry: the leases, with their holders.
    pub leased: Vec<(NodeId, Lease)>,
}

impl Snowflake {
    /// The lease of a generator.
    pub fn lease(&self) -> Option<Lease> {
        match self {
            Snowflake::Generator(GeneratorRole(generator)) => generator.lease,
            Snowflake::Registry(_) => None,
        }
    }

    /// The last place in time that a generator has used, or that counts as used after a restart.
    pub fn last(&self) -> Option<Slot> {
        match self {
            Snowflake::Generator(GeneratorRole(generator)) => generator.last,
            Snowflake::Registry(_) => None,
        }
    }

    /// Number of requests that wait here.
    pub fn pending(&self) -> usize {
        match self {
            Snowflake::Generator(GeneratorRole(generator)) => generator.waiting.len(),
            Snowflake::Registry(_) => 0,
        }
    }
}

quorate_protocol::reference!(impl for Snowflake);

impl Machine for Snowflake {
    const FAMILY: &'static str = "time";

    type Config = Config;
    type Rulebook = Rulebook;
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = SnowflakeRule;
    type Record = Record;
    type Disk = Disk;
    type Clock = LocalTime;
    type View = NodeView;

    fn boot(cx: &Context<Self>, disk: &Disk, out: &mut Outbox<Self>) -> Self {
        if cx.me == cx.config.registry {
            Snowflake::Registry(RegistryRole(Registry::boot(cx, disk)))
        } else {
            Snowflake::Generator(GeneratorRole(Generator::boot(cx, disk, out)))
        }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match (self, input) {
            (Snowflake::Generator(GeneratorRole(generator)), input) => match input {
                Input::Request { ticket, command: Command::Next } => generator.asked(cx, ticket, out),
                Input::Deliver { message: Message::Grant { lease }, .. } => generator.granted(cx, lease, out),
                Input::Deliver { from, message: Message::Claim { .. } } => {
                    out.because(SnowflakeRule::WrongRole).why(format_args!("{from} claims from a generator"));
                }
                Input::Fire(Timer::Renew) => generator.claim(cx, out),
                Input::Fire(Timer::Tick) => {
                    out.because(SnowflakeRule::AwaitTurn).why(format_args!("{} wait", generator.waiting.len()));
                    generator.serve(cx, out);
                }
            },
            (
                Snowflake::Registry(RegistryRole(registry)),
                Input::Deliver { from, message: Message::Claim { tick } },
            ) => {
                registry.claimed(cx, from, tick, out);
            }
            (Snowflake::Registry(_), Input::Request { ticket, .. }) => {
                let generator = NodeId(u32::from(cx.config.registry == NodeId(0)));
                out.because(SnowflakeRule::WrongRole).reply(ticket, Reply::NotAGenerator { generator });
            }
            (Snowflake::Registry(_), input) => {
                out.because(SnowflakeRule::WrongRole).why(format_args!("{input:?} is for a generator"));
            }
        }
    }

    fn disposition(reply: &Reply) -> Disposition {
        match reply {
            Reply::Issued { .. } | Reply::OutOfTicks => Disposition::Final,
            Reply::ClockBack { .. } => Disposition::Retry,
            Reply::NotAGenerator { generator } => Disposition::Redirect(*generator),
        }
    }

    fn view(&self, _: &Context<Self>) -> NodeView {
        match self {
            Snowflake::Generator(GeneratorRole(generator)) => NodeView {
                lease: generator.lease,
                last: generator.last,
                waiting: generator.waiting.len(),
                leased: Vec::new(),
            },
            Snowflake::Registry(RegistryRole(registry)) => {
                NodeView { leased: registry.leased.values().copied().collect(), ..NodeView::default() }
            }
        }
    }
}
