//! Node of Bracha's reliable broadcast.

use std::collections::BTreeMap;

use quorate_protocol::{Context, Disposition, Input, Machine, Never, NodeId, Outbox, RequestId};
use serde::Serialize;

use super::config::Config;
use super::liar::{self, Lie};
use super::message::{Command, Fact, Message, Reply, Value};
use super::rulebook::Rulebook;
use super::rules::BroadcastRule;

type Cx<'a> = Context<'a, Broadcast>;
type Out = Outbox<Broadcast>;

/// A node of reliable broadcast. It has no disk: a node that crashes counts as one that lies.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Broadcast {
    /// At the sender: the value that it broadcasts.
    pub(crate) sent: Option<Value>,
    /// The value that this node has echoed last.
    pub(crate) echoed: Option<Value>,
    pub(crate) ready: Option<Value>,
    pub(crate) accepted: Option<Value>,
    pub(crate) echoes: BTreeMap<NodeId, Value>,
    pub(crate) readies: BTreeMap<NodeId, Value>,
}

/// State of a node, for display.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct View {
    /// The lie of a liar.
    pub lie: Option<Lie>,
    /// The value that it has echoed.
    pub echoed: Option<Value>,
    /// The value that it is ready for.
    pub ready: Option<Value>,
    /// The value that it has accepted.
    pub accepted: Option<Value>,
    /// The echo of each node.
    pub echoes: BTreeMap<NodeId, Value>,
    /// The value that each node is ready for.
    pub readies: BTreeMap<NodeId, Value>,
}

impl Broadcast {
    /// The value that this node has accepted.
    pub fn accepted(&self) -> Option<Value> {
        self.accepted
    }

    /// The step of an honest node.
    pub(crate) fn honest(&mut self, cx: &Cx<'_>, input: Input<Self>, out: &mut Out) {
        match input {
            Input::Request { ticket, command: Command::Broadcast { value } } => self.broadcast(cx, ticket, value, out),
            Input::Deliver { from, message: Message::Initial { value } } => self.initial(cx, from, value, out),
            Input::Deliver { from, message: Message::Echo { value } } => {
                if is_first(&mut self.echoes, from, value, out) {
                    self.go_on(cx, from, value, BroadcastRule::CountEcho, out);
                }
            }
            Input::Deliver { from, message: Message::Ready { value } } => {
                if is_first(&mut self.readies, from, value, out) {
                    self.go_on(cx, from, value, BroadcastRule::CountReady, out);
                }
            }
            Input::Fire(never) => match never {},
        }
    }

    fn broadcast(&mut self, cx: &Cx<'_>, ticket: RequestId, value: Value, out: &mut Out) {
        let sender = cx.config.sender();
        if cx.me != sender {
            out.because(BroadcastRule::NotMyRole).reply(ticket, Reply::NotTheSender { sender });
            return;
        }
        if let Some(sent) = self.sent {
            out.because(BroadcastRule::SentBefore)
                .why(format_args!("the value is {sent}"))
                .reply(ticket, Reply::SentBefore);
            return;
        }
        self.sent = Some(value);
        let mut because = out.because(BroadcastRule::SendInitial);
        because.emit(Fact::Broadcast { value }).reply(ticket, Reply::Sent);
        for &node in &cx.config.nodes {
            because.send(node, Message::Initial { value });
        }
    }

    fn initial(&mut self, cx: &Cx<'_>, from: NodeId, value: Value, out: &mut Out) {
        if !cx.rules.is_senders(from, cx.config.sender()) {
            out.because(BroadcastRule::NotTheSender).why(format_args!("{from} is not the sender"));
        } else if let (Some(echoed), false) = (self.echoed, cx.rules.echoes_again()) {
            out.because(BroadcastRule::EchoedBefore).why(format_args!("it has echoed {echoed}"));
        } else {
            self.echo(cx, BroadcastRule::Echo, value, out);
        }
    }

    fn echo(&mut self, cx: &Cx<'_>, rule: BroadcastRule, value: Value, out: &mut Out) {
        self.echoed = Some(value);
        let mut because = out.because(rule);
        for &node in &cx.config.nodes {
            because.send(node, Message::Echo { value });
        }
    }

    /// Goes on with a value as far as the messages allow, and otherwise only counts the last one.
    /// Each node sends to itself, too, so that its own messages count as they arrive.
    fn go_on(&mut self, cx: &Cx<'_>, from: NodeId, value: Value, counts: BroadcastRule, out: &mut Out) {
        let before = (self.echoed, self.ready, self.accepted);
        let (n, f) = (cx.config.nodes.len(), cx.config.faults());
        let of = |heard: &BTreeMap<NodeId, Value>| heard.values().filter(|heard| **heard == value).count();
        let (echoes, readies) = (of(&self.echoes), of(&self.readies));
        let (enough, follows) = (cx.rules.enough_echoes(n, f, echoes), cx.rules.follows(f, readies));
        if self.echoed.is_none() && (enough || follows) {
            self.echo(cx, BroadcastRule::EchoWithOthers, value, out);
        }
        if self.ready.is_none() && (enough || follows) {
            self.ready = Some(value);
            let rule = if enough { BroadcastRule::Ready } else { BroadcastRule::ReadyWithOthers };
            let mut because = out.because(rule);
            because.why(format_args!("{echoes} echo {value}, and {readies} are ready for it"));
            for &node in &cx.config.nodes {
                because.send(node, Message::Ready { value });
            }
        }
        if self.accepted.is_none() && cx.rules.accepts(f, readies) {
            self.accepted = Some(value);
            out.because(BroadcastRule::Accept)
                .why(format_args!("{readies} are ready for {value}"))
                .emit(Fact::Accepted { value });
        }
        if before == (self.echoed, self.ready, self.accepted) {
            out.because(counts).why(format_args!("{from} says {value}: {echoes} echo it, {readies} are ready for it"));
        }
    }
}

/// Keeps the first message of a node; returns whether it is that.
fn is_first(heard: &mut BTreeMap<NodeId, Value>, from: NodeId, value: Value, out: &mut Out) -> bool {
    if let Some(before) = heard.get(&from) {
        out.because(BroadcastRule::RepeatedMessage).why(format_args!("{from} has said {before}"));
        return false;
    }
    heard.insert(from, value);
    true
}

quorate_protocol::reference!(impl for Broadcast);

impl Machine for Broadcast {
    const FAMILY: &'static str = "byzantine";

    type Config = Config;
    type Rulebook = Rulebook;
    type Message = Message;
    type Timer = Never;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = BroadcastRule;
    type Record = Never;
    type Disk = ();
    type Clock = ();
    type View = View;

    fn boot(_: &Context<Self>, (): &(), _: &mut Outbox<Self>) -> Self {
        Broadcast::default()
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match cx.config.lie() {
            None => self.honest(cx, input, out),
            Some(lie) => liar::step(self, cx, lie, input, out),
        }
    }

    fn disposition(reply: &Reply) -> Disposition {
        match reply {
            Reply::NotTheSender { sender } => Disposition::Redirect(*sender),
            Reply::Sent | Reply::SentBefore => Disposition::Final,
        }
    }

    fn view(&self, cx: &Context<Self>) -> View {
        let Broadcast { echoed, ready, accepted, .. } = *self;
        View {
            lie: cx.config.lie(),
            echoed,
            ready,
            accepted,
            echoes: self.echoes.clone(),
            readies: self.readies.clone(),
        }
    }
}
