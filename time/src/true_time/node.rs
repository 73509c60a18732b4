//! The node: dispatches each input to its role.

use quorate_protocol::{Context, Disposition, Input, LocalTime, Machine, NodeId, Outbox};

use super::config::Config;
use super::disk::{Disk, Record};
use super::display::{self, NodeView};
use super::master;
use super::message::{Command, Fact, Message, Reply, Timer};
use super::rulebook::Rulebook;
use super::rules::TrueTimeRule;
use super::server::Server;
use crate::Interval;

/// A time master, or a server.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum TrueTime {
    #[doc(hidden)]
    Master,
    #[doc(hidden)]
    Server(ServerRole),
}

/// Role of a server.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ServerRole(pub(crate) Server);

impl TrueTime {
    pub(crate) fn server(&self) -> Option<&Server> {
        match self {
            TrueTime::Server(ServerRole(server)) => Some(server),
            TrueTime::Master => None,
        }
    }

    /// The reading of a server, of whatever error; `None` at a master, at a server without a
    /// reading, and at one that has left.
    pub fn reading(&self, cx: &Context<'_, Self>) -> Option<Interval> {
        self.server()?.reading(cx)
    }

    /// Whether the clock of this server has left its bound.
    pub fn has_left(&self) -> bool {
        self.server().is_some_and(|server| server.left)
    }

    /// Number of transactions that wait here for their stamps to pass.
    pub fn pending(&self) -> usize {
        self.server().map_or(0, |server| server.waiting.len())
    }
}

/// The first node that is no master. There may be none of that id: clients do not follow it then.
fn first_server(config: &Config) -> NodeId {
    let mut server = NodeId(0);
    while config.masters.contains(&server) {
        server.0 += 1;
    }
    server
}

quorate_protocol::reference!(impl for TrueTime);

impl Machine for TrueTime {
    const FAMILY: &'static str = "time";

    type Config = Config;
    type Rulebook = Rulebook;
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = TrueTimeRule;
    type Record = Record;
    type Disk = Disk;
    type Clock = LocalTime;
    type View = NodeView;

    fn boot(cx: &Context<Self>, disk: &Disk, out: &mut Outbox<Self>) -> Self {
        if cx.config.masters.contains(&cx.me) {
            TrueTime::Master
        } else {
            TrueTime::Server(ServerRole(Server::boot(cx, disk, out)))
        }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match (self, input) {
            (TrueTime::Server(ServerRole(server)), input) => match input {
                Input::Request { ticket, command } => server.asked(cx, ticket, command, out),
                Input::Deliver { from, message: Message::Tell { sent, reading } } => {
                    server.told(cx, from, sent, reading, out);
                }
                Input::Deliver { from, message: Message::Ask { .. } } => {
                    out.because(TrueTimeRule::WrongRole).why(format_args!("{from} asks a server for the time"));
                }
                Input::Fire(Timer::Poll) => server.poll(cx, out),
                Input::Fire(Timer::Wait { ticket }) => server.try_commit(cx, ticket, out),
            },
            (TrueTime::Master, Input::Deliver { from, message: Message::Ask { sent } }) => {
                master::asked(cx, from, sent, out);
            }
            (TrueTime::Master, Input::Request { ticket, .. }) => {
                let server = first_server(cx.config);
                out.because(TrueTimeRule::WrongRole).reply(ticket, Reply::NotAServer { server });
            }
            (TrueTime::Master, input) => {
                out.because(TrueTimeRule::WrongRole).why(format_args!("{input:?} is for a server"));
            }
        }
    }

    fn disposition(reply: &Reply) -> Disposition {
        match reply {
            Reply::Unsynchronised => Disposition::Retry,
            Reply::NotAServer { server } => Disposition::Redirect(*server),
            Reply::Now { .. } | Reply::Committed { .. } => Disposition::Final,
        }
    }

    fn view(&self, cx: &Context<Self>) -> NodeView {
        display::node_view(self, cx)
    }
}
