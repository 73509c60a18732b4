//! The node: dispatches each input to its role.

use quorate_protocol::{Context, Disposition, Input, Machine, NodeId, Outbox};

use super::config::Config;
use super::disk::{Disk, Record, State};
use super::display::{self, NodeView};
use super::message::{Command, Fact, Message, Reply, Timer, View};
use super::monitor::Monitor;
use super::rulebook::Rulebook;
use super::rules::PrimaryBackupRule;
use super::server::{Cx, Out, Server};

/// A server, or the monitor.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum PrimaryBackup {
    #[doc(hidden)]
    Server(ServerRole),
    #[doc(hidden)]
    Monitor(MonitorRole),
}

/// Role of a server.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ServerRole(pub(crate) Server);

/// Role of the monitor.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct MonitorRole(pub(crate) Monitor);

impl PrimaryBackup {
    pub(crate) fn server(&self) -> Option<&Server> {
        match self {
            PrimaryBackup::Server(ServerRole(server)) => Some(server),
            PrimaryBackup::Monitor(_) => None,
        }
    }

    /// The view that a server knows, or that the monitor has named.
    pub fn view_known(&self) -> Option<View> {
        match self {
            PrimaryBackup::Server(ServerRole(server)) => server.view,
            PrimaryBackup::Monitor(MonitorRole(monitor)) => Some(monitor.view),
        }
    }

    /// The state of a server.
    pub fn state(&self) -> Option<&State> {
        self.server().map(|server| &server.state)
    }

    /// Number of requests that wait here for an answer.
    pub fn pending(&self) -> usize {
        self.server().map_or(0, |server| server.writes.len() + server.reads.len())
    }

    fn deliver(server: &mut Server, cx: &Cx<'_>, from: NodeId, message: Message, out: &mut Out) {
        match message {
            Message::Name { view } => server.named(cx, view, out),
            Message::Ship { view, number, ticket, key, value } => {
                server.ship(cx, from, (view, number), ticket, key, value, out);
            }
            Message::Transfer { view, state } => server.transfer(cx, from, view, state, out),
            Message::Stored { view, number } => {
                server.count(cx, from, view, number, out);
            }
            Message::Probe { view, ticket } => server.probed_by(cx, from, view, ticket, out),
            Message::Probed { view, ticket, number } => server.probed(cx, from, (view, number), ticket, out),
            Message::Ping { .. } => {
                out.because(PrimaryBackupRule::NotMyRole).why(format_args!("a ping is for the monitor"));
            }
        }
    }
}

quorate_protocol::reference!(impl for PrimaryBackup);

impl Machine for PrimaryBackup {
    const FAMILY: &'static str = "replication";

    type Config = Config;
    type Rulebook = Rulebook;
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = PrimaryBackupRule;
    type Record = Record;
    type Disk = Disk;
    type Clock = ();
    type View = NodeView;

    fn boot(cx: &Context<Self>, disk: &Disk, out: &mut Outbox<Self>) -> Self {
        if cx.me == cx.config.monitor {
            PrimaryBackup::Monitor(MonitorRole(Monitor::boot(cx, disk, out)))
        } else {
            PrimaryBackup::Server(ServerRole(Server::boot(cx, disk, out)))
        }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match (self, input) {
            (PrimaryBackup::Server(ServerRole(server)), input) => match input {
                Input::Request { ticket, command } => server.asked(cx, ticket, command, out),
                Input::Deliver { from, message } => Self::deliver(server, cx, from, message, out),
                Input::Fire(Timer::Tick) => server.tick(cx, out),
                Input::Fire(Timer::Late { ticket }) => server.late(cx, ticket, out),
            },
            (PrimaryBackup::Monitor(MonitorRole(monitor)), Input::Fire(Timer::Tick)) => monitor.tick(cx, out),
            (
                PrimaryBackup::Monitor(MonitorRole(monitor)),
                Input::Deliver { from, message: Message::Ping { view, synced } },
            ) => monitor.ping(cx, from, view, synced, out),
            (PrimaryBackup::Monitor(MonitorRole(monitor)), Input::Request { ticket, .. }) => {
                let primary = Some(monitor.view.primary);
                out.because(PrimaryBackupRule::SendAway).reply(ticket, Reply::NotPrimary { primary });
            }
            (PrimaryBackup::Monitor(_), input) => {
                out.because(PrimaryBackupRule::NotMyRole).why(format_args!("{input:?} is for a server"));
            }
        }
    }

    fn disposition(reply: &Reply) -> Disposition {
        match reply {
            Reply::NotPrimary { primary: Some(primary) } => Disposition::Redirect(*primary),
            Reply::NotPrimary { primary: None } => Disposition::Retry,
            _ => Disposition::Final,
        }
    }

    fn view(&self, _: &Context<Self>) -> NodeView {
        display::node_view(self)
    }
}
