//! The node of the local message table: sender, broker or receiver.

use std::collections::BTreeMap;

use quorate_protocol::{Context, Input, Machine, NodeId, Outbox};
use serde::Serialize;

use super::config::Config;
use super::disk::{Disk, Record, TableChange};
use super::message::{Command, Fact, Message, Note, OutboxMessageId, Reply, Timer};
use super::rulebook::Rulebook;
use super::rules::OutboxRule;
use super::{broker, receiver, sender};
use crate::id::Row;

/// A node of the local message table, in the role that its configuration assigns to it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct MessageTable {
    /// The tables, as on disk.
    pub(super) tables: Disk,
    /// At the receiver: the messages that it is working on.
    pub(super) working: BTreeMap<OutboxMessageId, Note>,
}

/// Role of a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    Sender,
    Broker,
    Receiver,
    None,
}

impl Role {
    fn of(node: NodeId, config: &Config) -> Self {
        match node {
            node if node == config.sender => Role::Sender,
            node if node == config.broker => Role::Broker,
            node if node == config.receiver => Role::Receiver,
            _ => Role::None,
        }
    }
}

impl MessageTable {
    /// The numbers of the orders that the sender has placed.
    pub fn orders(&self) -> impl Iterator<Item = OutboxMessageId> {
        self.tables.orders.iter().copied()
    }

    /// The numbers of the messages in the sender's table, or in the broker's queue.
    pub fn messages(&self) -> impl Iterator<Item = OutboxMessageId> {
        self.tables.messages.keys().copied()
    }

    /// The units of an item that the receiver has shipped.
    pub fn shipped(&self, item: &Row) -> u64 {
        self.tables.shipped.get(item).copied().unwrap_or_default()
    }

    /// The units of all items that the receiver has shipped.
    pub fn shipped_in_all(&self) -> u64 {
        self.tables.shipped.values().fold(0, |sum, units| sum.saturating_add(*units))
    }

    /// Applies local transactions to the tables, without writing them to disk.
    pub(super) fn change(&mut self, transactions: &[Vec<TableChange>]) {
        transactions.iter().flatten().for_each(|change| self.tables.change(change));
    }
}

/// Local transactions as durable writes.
pub(super) fn records(transactions: Vec<Vec<TableChange>>) -> impl Iterator<Item = Record> {
    transactions.into_iter().map(|changes| Record::Committed { changes })
}

quorate_protocol::reference!(impl for MessageTable);

impl Machine for MessageTable {
    const FAMILY: &'static str = "transactions";

    type Config = Config;
    type Rulebook = Rulebook;
    type Message = Message;
    type Timer = Timer;
    type Command = Command;
    type Reply = Reply;
    type Fact = Fact;
    type Rule = OutboxRule;
    type Record = Record;
    type Disk = Disk;
    type Clock = ();
    type View = View;

    fn boot(cx: &Context<Self>, disk: &Disk, out: &mut Outbox<Self>) -> Self {
        let timer = match Role::of(cx.me, cx.config) {
            Role::Sender => Some(Timer::Forward),
            Role::Broker => Some(Timer::Deliver),
            Role::Receiver | Role::None => None,
        };
        if *disk != Disk::default() {
            let mut because = out.because(OutboxRule::Recall);
            because.why(format_args!("{} on their way", disk.messages.len()));
            if let Some(timer) = timer.filter(|_| !disk.messages.is_empty()) {
                because.arm(timer, cx.config.retry);
            }
        }
        MessageTable { tables: disk.clone(), working: BTreeMap::new() }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        match (Role::of(cx.me, cx.config), input) {
            (Role::Sender, Input::Request { ticket, command: Command::Place { item, units } }) => {
                sender::place(self, cx, ticket, Note { item, units }, out);
            }
            (Role::Sender, Input::Deliver { message: Message::Confirm { id }, .. }) => {
                sender::confirmed(self, cx, id, out);
            }
            (Role::Sender, Input::Fire(Timer::Forward)) => sender::forward(self, cx, out),
            (Role::Broker, Input::Deliver { message: Message::Forward { id, item, units }, .. }) => {
                broker::forwarded(self, cx, id, Note { item, units }, out);
            }
            (Role::Broker, Input::Deliver { message: Message::Ack { id }, .. }) => {
                broker::acknowledged(self, id, out);
            }
            (Role::Broker, Input::Fire(Timer::Deliver)) => broker::deliver(self, cx, out),
            (Role::Receiver, Input::Deliver { message: Message::Deliver { id, item, units }, .. }) => {
                receiver::delivered(self, cx, id, Note { item, units }, out);
            }
            (Role::Receiver, Input::Fire(Timer::Work { id })) => receiver::worked(self, cx, id, out),
            (_, Input::Request { ticket, .. }) => {
                out.because(OutboxRule::NotMyRole)
                    .why(format_args!("{} places orders", cx.config.sender))
                    .reply(ticket, Reply::NotTheSender);
            }
            (_, input) => {
                out.because(OutboxRule::NotMyRole).why(format_args!("{input:?} is for another role"));
            }
        }
    }

    fn view(&self, _: &Context<Self>) -> View {
        View {
            orders: self.tables.orders.len(),
            messages: self.tables.messages.keys().copied().collect(),
            working: self.working.keys().copied().collect(),
            shipped: self.tables.shipped.clone(),
        }
    }
}

/// State of a node, for display. A part that belongs to another role is empty.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct View {
    /// At the sender: number of orders.
    pub orders: usize,
    /// The messages in the sender's table, or in the broker's queue.
    pub messages: Vec<OutboxMessageId>,
    /// At the receiver: the messages that it is working on.
    pub working: Vec<OutboxMessageId>,
    /// At the receiver: the units of each item that it has shipped.
    pub shipped: BTreeMap<Row, u64>,
}
