//! The broker: takes messages over, and delivers each until it is acknowledged.

use quorate_protocol::{Context, Outbox};

use super::disk::TableChange;
use super::message::{Fact, Message, Note, OutboxMessageId, Timer};
use super::node::{MessageTable, records};
use super::rules::OutboxRule;

type Cx<'a> = Context<'a, MessageTable>;
type Out = Outbox<MessageTable>;

/// Handles a message that the sender forwards.
pub(super) fn forwarded(node: &mut MessageTable, cx: &Cx<'_>, id: OutboxMessageId, note: Note, out: &mut Out) {
    if node.tables.messages.contains_key(&id) {
        out.because(OutboxRule::QueuedAlready)
            .why(format_args!("{id} is in the queue"))
            .send(cx.config.sender, Message::Confirm { id });
        return;
    }
    let transactions = vec![vec![TableChange::InsertMessage { id, note: note.clone() }]];
    node.change(&transactions);
    let mut because = out.because(OutboxRule::Enqueue);
    because.why(format_args!("{} in the queue", node.tables.messages.len()));
    if cx.rules.writes_queue() {
        for record in records(transactions) {
            because.persist(record);
        }
    }
    let Note { item, units } = note;
    because
        .emit(Fact::Queued { id })
        .send(cx.config.sender, Message::Confirm { id })
        .send(cx.config.receiver, Message::Deliver { id, item, units })
        .arm(Timer::Deliver, cx.config.retry);
    if cx.rules.removes_unacknowledged() {
        remove(node, id, out);
    }
}

/// Handles the receiver's acknowledgement.
pub(super) fn acknowledged(node: &mut MessageTable, id: OutboxMessageId, out: &mut Out) {
    if node.tables.messages.contains_key(&id) {
        remove(node, id, out);
    } else {
        out.because(OutboxRule::LateAck).why(format_args!("{id} is not in the queue"));
    }
}

fn remove(node: &mut MessageTable, id: OutboxMessageId, out: &mut Out) {
    let transactions = vec![vec![TableChange::DeleteMessage { id }]];
    node.change(&transactions);
    let mut because = out.because(OutboxRule::Remove);
    because.why(format_args!("{} left in the queue", node.tables.messages.len()));
    for record in records(transactions) {
        because.persist(record);
    }
    because.emit(Fact::Removed { id });
    if node.tables.messages.is_empty() {
        because.disarm(Timer::Deliver);
    }
}

/// Delivers everything that is in the queue again.
pub(super) fn deliver(node: &mut MessageTable, cx: &Cx<'_>, out: &mut Out) {
    let mut because = out.because(OutboxRule::DeliverAgain);
    because.why(format_args!("{} not acknowledged", node.tables.messages.len()));
    if !node.tables.messages.is_empty() {
        because.arm(Timer::Deliver, cx.config.retry);
    }
    for (&id, Note { item, units }) in &node.tables.messages {
        because.send(cx.config.receiver, Message::Deliver { id, item: item.clone(), units: *units });
    }
}
