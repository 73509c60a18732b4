//! A general: the commander, or a lieutenant.

use std::collections::BTreeMap;

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Context, Disposition, Input, Machine, Never, NodeId, Outbox, RequestId};
use serde::Serialize;

use super::config::Config;
use super::liar::{self, Lie};
use super::message::{Command, Fact, Message, Order, Reply, Timer};
use super::rulebook::Rulebook;
use super::rules::GeneralsRule;

type Cx<'a> = Context<'a, General>;
type Out = Outbox<General>;

/// A general.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct General {
    /// The order that each path of senders has brought.
    pub(crate) got: BTreeMap<Vec<NodeId>, Order>,
    /// At the commander, the order that he gives; at a lieutenant, the one that he obeys.
    pub(crate) order: Option<Order>,
}

/// State of a general, for display.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct View {
    /// The lie of a traitor.
    pub lie: Option<Lie>,
    /// The order that each path of senders has brought.
    pub got: Vec<(Vec<NodeId>, Order)>,
    /// The order that the commander gives, or that the lieutenant obeys.
    pub order: Option<Order>,
}

impl General {
    /// The order that this commander gives, or that this lieutenant obeys.
    pub fn order(&self) -> Option<Order> {
        self.order
    }

    /// The number of orders that this lieutenant has got.
    pub fn heard(&self) -> usize {
        self.got.len()
    }

    /// The step of a loyal general.
    pub(crate) fn loyal(&mut self, cx: &Cx<'_>, input: Input<Self>, out: &mut Out) {
        match input {
            Input::Request { ticket, command: Command::Give { order } } => self.give(cx, ticket, order, out),
            Input::Deliver { from, message: Message::Say { path, order } } => self.say(cx, from, path, order, out),
            Input::Fire(Timer::Deadline) => self.decide(cx, GeneralsRule::DecideLate, out),
        }
    }

    fn give(&mut self, cx: &Cx<'_>, ticket: RequestId, order: Order, out: &mut Out) {
        let commander = cx.config.commander();
        if cx.me != commander {
            out.because(GeneralsRule::NotMyRole).reply(ticket, Reply::NotTheCommander { commander });
            return;
        }
        if let Some(given) = self.order {
            out.because(GeneralsRule::OrderedBefore)
                .why(format_args!("the order is to {given}"))
                .reply(ticket, Reply::GivenBefore);
            return;
        }
        self.order = Some(order);
        let mut because = out.because(GeneralsRule::Command);
        because.why(format_args!("the order is to {order}")).emit(Fact::Ordered { order });
        for lieutenant in others(cx, &[cx.me]) {
            because.send(lieutenant, Message::Say { path: vec![cx.me], order });
        }
        because.reply(ticket, Reply::Given);
    }

    fn say(&mut self, cx: &Cx<'_>, from: NodeId, mut path: Vec<NodeId>, order: Order, out: &mut Out) {
        if !is_path(cx, &path) {
            out.because(GeneralsRule::NoSuchPath).why(format_args!("{path:?} is not a path to {}", cx.me));
            return;
        }
        if !path.last().is_some_and(|last| cx.rules.knows_sender(from, *last)) {
            out.because(GeneralsRule::WrongSender).why(format_args!("{from} speaks for {path:?}"));
            return;
        }
        if self.order.is_some() {
            out.because(GeneralsRule::Decided).why(format_args!("{from} says {order} too late"));
            return;
        }
        if self.got.contains_key(&path) {
            out.because(GeneralsRule::RepeatedOrder).why(format_args!("{path:?} has said {}", self.got[&path]));
            return;
        }
        self.got.insert(path.clone(), order);
        match cx.rules.relays(path.len(), cx.config.m) {
            Refuse(rule) => _ = out.because(rule).why(format_args!("{path:?} says {order}")),
            Allow(rule) => {
                let mut because = out.because(rule);
                because.why(format_args!("{path:?} says {order}"));
                path.push(cx.me);
                for lieutenant in others(cx, &path) {
                    because.send(lieutenant, Message::Say { path: path.clone(), order });
                }
            }
        }
        if self.got.len() == expected(cx) {
            self.decide(cx, GeneralsRule::Decide, out);
        }
    }

    fn decide(&mut self, cx: &Cx<'_>, rule: GeneralsRule, out: &mut Out) {
        if self.order.is_some() || cx.me == cx.config.commander() {
            out.because(GeneralsRule::Decided).why(format_args!("the order stands"));
            return;
        }
        let order = self.value(cx, &mut vec![cx.config.commander()]);
        self.order = Some(order);
        let (got, all) = (self.got.len(), expected(cx));
        out.because(rule)
            .why(format_args!("{got} of {all} messages came: {order}"))
            .emit(Fact::Obeys { order })
            .disarm(Timer::Deadline);
    }

    /// The order of the last general of a path, as OM tells it: what he said himself, and what the
    /// others report through OM(m-1) that he said to them.
    fn value(&self, cx: &Cx<'_>, path: &mut Vec<NodeId>) -> Order {
        let own = self.got.get(path).copied().unwrap_or_else(|| cx.rules.absent());
        if !cx.rules.relays(path.len(), cx.config.m).allows() {
            return own;
        }
        let mut got = vec![own];
        for lieutenant in others(cx, path).filter(|lieutenant| *lieutenant != cx.me).collect::<Vec<_>>() {
            path.push(lieutenant);
            got.push(self.value(cx, path));
            path.pop();
        }
        cx.rules.majority(&got)
    }
}

/// The lieutenants that are not on a path, nor this general.
fn others<'a>(cx: &Cx<'a>, path: &[NodeId]) -> impl Iterator<Item = NodeId> + use<'a> {
    let (me, path) = (cx.me, path.to_vec());
    cx.config.generals.iter().copied().filter(move |general| *general != me && !path.contains(general))
}

/// Whether an order can come on this path: from the commander, over different lieutenants, none of
/// them this one, and no more than m relays.
fn is_path(cx: &Cx<'_>, path: &[NodeId]) -> bool {
    let known = |(place, node): (usize, &NodeId)| {
        cx.config.generals.contains(node) && *node != cx.me && !path[..place].contains(node)
    };
    path.first() == Some(&cx.config.commander()) && path.len() <= cx.config.m + 1 && path.iter().enumerate().all(known)
}

/// The number of messages that a lieutenant gets if all are sent: one from the commander, and for
/// each relay as many paths as there are other lieutenants left.
fn expected(cx: &Cx<'_>) -> usize {
    let lieutenants = cx.config.generals.len().saturating_sub(2);
    let paths = (0..cx.config.m).scan(1, |paths, relay| {
        *paths *= lieutenants.saturating_sub(relay);
        Some(*paths)
    });
    1 + paths.sum::<usize>()
}

quorate_protocol::reference!(impl for General);

impl Machine for General {
    const FAMILY: &'static str = "byzantine";

    type Config = Config;
    type Rulebook = Rulebook;
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = GeneralsRule;
    type Record = Never;
    type Disk = ();
    type Clock = ();
    type View = View;

    fn boot(cx: &Context<Self>, (): &(), out: &mut Outbox<Self>) -> Self {
        if cx.me != cx.config.commander() {
            out.because(GeneralsRule::Await).arm(Timer::Deadline, cx.config.deadline);
        }
        General::default()
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match cx.config.lie() {
            None => self.loyal(cx, input, out),
            Some(lie) => liar::step(self, cx, lie, input, out),
        }
    }

    fn disposition(reply: &Reply) -> Disposition {
        match reply {
            Reply::NotTheCommander { commander } => Disposition::Redirect(*commander),
            Reply::Given | Reply::GivenBefore => Disposition::Final,
        }
    }

    fn view(&self, cx: &Context<Self>) -> View {
        let got = self.got.iter().map(|(path, order)| (path.clone(), *order)).collect();
        View { lie: cx.config.lie(), got, order: self.order }
    }
}
