//! The node: dispatches each input to its side.

use quorate_protocol::{Context, Disposition, Duration, Input, LocalTime, Machine, Outbox};
use serde::Serialize;

use super::config::Config;
use super::disk::{Disk, Record};
use super::message::{Command, Connection, Fact, Message, Reply, Timer};
use super::receiver::Receiver;
use super::rulebook::Rulebook;
use super::rules::ChannelRule;
use super::sender::Sender;

pub(crate) type Cx<'a> = Context<'a, Channel>;
pub(crate) type Out = Outbox<Channel>;

/// One side of a channel.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Channel {
    #[doc(hidden)]
    Sender(SenderRole),
    #[doc(hidden)]
    Receiver(ReceiverRole),
}

/// Role of the sender.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct SenderRole(pub(crate) Sender);

/// Role of the receiver.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ReceiverRole(pub(crate) Receiver);

/// State of a node, for display. A part that belongs to the other side is empty.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct NodeView {
    /// The connection that is open.
    pub open: Option<Connection>,
    /// At a sender: the last number that was given.
    pub sent: u64,
    /// The last number that is acknowledged, or at a receiver that is held without a gap.
    pub acked: u64,
    /// At a receiver: the last number that the application has processed.
    pub processed: u64,
    /// At a sender: messages that wait for room. At a receiver: segments that are held.
    pub waiting: usize,
    /// At a sender: the retransmission timeout.
    #[serde(serialize_with = "super::span::serialize_any")]
    pub timeout: Option<Duration>,
}

impl Channel {
    /// Number of messages whose fate the sender does not know; at a receiver the number of segments
    /// that it holds.
    pub fn pending(&self) -> usize {
        match self {
            Channel::Sender(SenderRole(sender)) => sender.pending(),
            Channel::Receiver(ReceiverRole(receiver)) => receiver.held.len(),
        }
    }

    /// The connection that is open at this side.
    pub fn connection(&self) -> Option<Connection> {
        match self {
            Channel::Sender(SenderRole(sender)) => sender.open,
            Channel::Receiver(ReceiverRole(receiver)) => receiver.open,
        }
    }

    /// The retransmission timeout of a sender.
    pub fn timeout(&self) -> Option<Duration> {
        match self {
            Channel::Sender(SenderRole(sender)) => Some(sender.estimator.timeout()),
            Channel::Receiver(_) => None,
        }
    }

    pub(crate) fn receiver(&self) -> Option<&Receiver> {
        match self {
            Channel::Sender(_) => None,
            Channel::Receiver(ReceiverRole(receiver)) => Some(receiver),
        }
    }
}

quorate_protocol::reference!(impl for Channel);

impl Machine for Channel {
    const FAMILY: &'static str = "time";

    type Config = Config;
    type Rulebook = Rulebook;
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = ChannelRule;
    type Record = Record;
    type Disk = Disk;
    type Clock = LocalTime;
    type View = NodeView;

    fn boot(cx: &Context<Self>, disk: &Disk, out: &mut Outbox<Self>) -> Self {
        if cx.me == cx.config.receiver {
            Channel::Receiver(ReceiverRole(Receiver::boot(disk, out)))
        } else {
            Channel::Sender(SenderRole(Sender::boot(cx, disk, out)))
        }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match (self, input) {
            (Channel::Sender(SenderRole(sender)), input) => match input {
                Input::Request { ticket, command: Command::Send { payload } } => sender.asked(cx, ticket, payload, out),
                Input::Deliver { message: Message::Opened { connection }, .. } => sender.opened(cx, connection, out),
                Input::Deliver { message: Message::Ack { connection, received, processed }, .. } => {
                    sender.acked(cx, connection, (received, processed), out);
                }
                Input::Deliver { message: Message::Reset { connection }, .. } => sender.reset(cx, connection, out),
                Input::Fire(Timer::Resend) => sender.resend(cx, out),
                input => {
                    out.because(ChannelRule::WrongRole).why(format_args!("{input:?} is for a receiver"));
                }
            },
            (Channel::Receiver(ReceiverRole(receiver)), input) => match input {
                Input::Deliver { message: Message::Open { life }, .. } => receiver.opened(cx, life, out),
                Input::Deliver { message: Message::Data(segment), .. } => receiver.arrived(cx, segment, out),
                Input::Deliver { message: Message::Probe { connection }, .. } => receiver.probed(cx, connection, out),
                Input::Fire(Timer::Work) => receiver.work(cx, out),
                Input::Request { ticket, .. } => {
                    let sender = cx.config.sender;
                    out.because(ChannelRule::WrongRole).reply(ticket, Reply::NotASender { sender });
                }
                input => {
                    out.because(ChannelRule::WrongRole).why(format_args!("{input:?} is for a sender"));
                }
            },
        }
    }

    fn disposition(reply: &Reply) -> Disposition {
        match reply {
            Reply::NotASender { sender } => Disposition::Redirect(*sender),
            _ => Disposition::Final,
        }
    }

    fn view(&self, _: &Context<Self>) -> NodeView {
        match self {
            Channel::Sender(SenderRole(sender)) => NodeView {
                open: sender.open,
                sent: sender.sent,
                acked: sender.acked,
                waiting: sender.queue.len(),
                timeout: Some(sender.estimator.timeout()),
                ..NodeView::default()
            },
            Channel::Receiver(ReceiverRole(receiver)) => NodeView {
                open: receiver.open,
                acked: receiver.received,
                processed: receiver.processed,
                waiting: receiver.held.len(),
                ..NodeView::default()
            },
        }
    }
}
