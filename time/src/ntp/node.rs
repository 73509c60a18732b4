//! The node: dispatches each input to its role.

use quorate_protocol::{Context, Disposition, Duration, Input, LocalTime, Machine, Never, NodeId, Outbox, Time};

use super::config::Config;
use super::display::{self, NodeView};
use super::host::Host;
use super::message::{Command, Fact, Message, Reply, Timer};
use super::rulebook::Rulebook;
use super::rules::NtpRule;
use super::source;

/// A time server, or a host.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Ntp {
    #[doc(hidden)]
    Source,
    #[doc(hidden)]
    Host(Box<HostRole>),
}

/// Role of a host.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct HostRole(pub(crate) Host);

impl Ntp {
    pub(crate) fn host(&self) -> Option<&Host> {
        match self {
            Ntp::Host(role) => Some(&role.0),
            Ntp::Source => None,
        }
    }

    /// The disciplined time of a host; `None` at a source.
    pub fn time(&self, cx: &Context<'_, Self>) -> Option<Time> {
        Some(self.host()?.time(cx))
    }

    /// The bound of its error; `None` at a source, before the first synchronisation, and after
    /// another has set the clock.
    pub fn error(&self, cx: &Context<'_, Self>) -> Option<Duration> {
        self.host()?.error(cx)
    }

    /// Whether a host counts itself synchronised.
    pub fn is_synchronised(&self, cx: &Context<'_, Self>) -> bool {
        self.host().is_some_and(|host| host.status(cx).0)
    }

    /// Whether a source has corrected the clock of a host since its start.
    pub fn is_corrected(&self) -> bool {
        self.host().is_some_and(|host| host.is_corrected)
    }

    /// Whether a host has stopped, because an offset was too large.
    pub fn has_stopped(&self) -> bool {
        self.host().is_some_and(|host| host.is_stopped)
    }

    /// Reach register of a source at a host: a bit for each of the last eight polls, the newest the
    /// lowest.
    pub fn reach(&self, source: NodeId) -> Option<u8> {
        self.host()?.peers.get(&source).map(|peer| peer.reach)
    }

    /// The present interval of a host's polls.
    pub fn poll_interval(&self) -> Option<Duration> {
        self.host().map(|host| host.poll_every)
    }
}

/// The first node that is no source. There may be none of that id: clients do not follow it then.
fn first_host(config: &Config) -> NodeId {
    let mut host = NodeId(0);
    while config.sources.contains(&host) {
        host.0 += 1;
    }
    host
}

quorate_protocol::reference!(impl for Ntp);

impl Machine for Ntp {
    const FAMILY: &'static str = "time";

    type Config = Config;
    type Rulebook = Rulebook;
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = NtpRule;
    type Record = Never;
    type Disk = ();
    type Clock = LocalTime;
    type View = NodeView;

    fn boot(cx: &Context<Self>, (): &(), out: &mut Outbox<Self>) -> Self {
        if cx.config.sources.contains(&cx.me) {
            Ntp::Source
        } else {
            Ntp::Host(Box::new(HostRole(Host::boot(cx, out))))
        }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match (self, input) {
            (Ntp::Host(role), input) => {
                let host = &mut role.0;
                host.notice_set(cx, out);
                match input {
                    Input::Request { ticket, command } => host.asked(cx, ticket, command, out),
                    Input::Deliver { from, message } => host.response(cx, from, message, out),
                    Input::Fire(Timer::Poll) => host.poll(cx, out),
                    Input::Fire(Timer::Wait { ticket }) => host.waited(cx, ticket, out),
                }
            }
            (Ntp::Source, Input::Deliver { from, message: Message::Request { sent } }) => {
                source::asked(cx, from, sent, out);
            }
            (Ntp::Source, Input::Request { ticket, .. }) => {
                let host = first_host(cx.config);
                out.because(NtpRule::WrongRole).reply(ticket, Reply::NotAHost { host });
            }
            (Ntp::Source, input) => {
                out.because(NtpRule::WrongRole).why(format_args!("{input:?} is for a host"));
            }
        }
    }

    fn disposition(reply: &Reply) -> Disposition {
        match reply {
            Reply::NotAHost { host } => Disposition::Redirect(*host),
            _ => Disposition::Final,
        }
    }

    fn view(&self, cx: &Context<Self>) -> NodeView {
        display::node_view(self, cx)
    }
}
