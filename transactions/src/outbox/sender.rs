//! The sender: writes an order and its message together, and forwards the message until the broker
//! confirms it.

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Context, Outbox, RequestId};

use super::disk::TableChange;
use super::message::{Fact, Message, Note, OutboxMessageId, Reply, Timer};
use super::node::{MessageTable, records};
use super::rules::OutboxRule;

type Cx<'a> = Context<'a, MessageTable>;
type Out = Outbox<MessageTable>;

/// Places an order.
pub(super) fn place(node: &mut MessageTable, cx: &Cx<'_>, ticket: RequestId, note: Note, out: &mut Out) {
    let last = node.tables.placed.get(&ticket.client).copied();
    match (cx.rules.begins(last.map(|(number, _)| number), ticket.number), last) {
        (Refuse(rule), Some((number, id))) if number == ticket.number => {
            out.because(rule).why(format_args!("it is order {id}")).reply(ticket, Reply::Placed { id });
        }
        (Refuse(rule), _) => {
            out.because(rule).why(format_args!("{ticket} comes too late")).reply(ticket, Reply::Overtaken);
        }
        (Allow(rule), _) => {
            let id = node.tables.orders.last().copied().unwrap_or_default().saturating_add(1);
            let order = TableChange::InsertOrder { id, ticket };
            let message = TableChange::InsertMessage { id, note: note.clone() };
            let transactions = cx.rules.places(order, message);
            node.change(&transactions);
            let mut because = out.because(rule);
            because.why(format_args!("order {id}"));
            for record in records(transactions) {
                because.persist(record);
            }
            let units = note.units;
            because.emit(Fact::Placed { id, units }).reply(ticket, Reply::Placed { id });
            forward_some(node, cx, vec![(id, note)], out);
        }
    }
}

/// Forwards everything that is in the table.
pub(super) fn forward(node: &mut MessageTable, cx: &Cx<'_>, out: &mut Out) {
    let table = node.tables.messages.iter().map(|(id, note)| (*id, note.clone())).collect();
    forward_some(node, cx, table, out);
}

fn forward_some(node: &mut MessageTable, cx: &Cx<'_>, some: Vec<(OutboxMessageId, Note)>, out: &mut Out) {
    let mut because = out.because(OutboxRule::Forward);
    because.why(format_args!("{} to forward", some.len()));
    if !node.tables.messages.is_empty() {
        because.arm(Timer::Forward, cx.config.retry);
    }
    let ids: Vec<OutboxMessageId> = some.iter().map(|(id, _)| *id).collect();
    for (id, Note { item, units }) in some {
        because.send(cx.config.broker, Message::Forward { id, item, units });
    }
    if cx.rules.deletes_unconfirmed() {
        delete(node, &ids, out);
    }
}

/// Handles the broker's confirmation.
pub(super) fn confirmed(node: &mut MessageTable, cx: &Cx<'_>, id: OutboxMessageId, out: &mut Out) {
    let table: Vec<OutboxMessageId> = node.messages().collect();
    let mut leaving = cx.rules.deletes(id, &table);
    leaving.retain(|id| table.contains(id));
    if leaving.is_empty() {
        out.because(OutboxRule::LateConfirmation).why(format_args!("{id} is not in the table"));
        return;
    }
    delete(node, &leaving, out);
}

fn delete(node: &mut MessageTable, ids: &[OutboxMessageId], out: &mut Out) {
    let transactions = vec![ids.iter().map(|id| TableChange::DeleteMessage { id: *id }).collect::<Vec<_>>()];
    node.change(&transactions);
    let mut because = out.because(OutboxRule::Delete);
    because.why(format_args!("{} left in the table", node.tables.messages.len()));
    for record in records(transactions) {
        because.persist(record);
    }
    for id in ids {
        because.emit(Fact::Deleted { id: *id });
    }
    if node.tables.messages.is_empty() {
        because.disarm(Timer::Forward);
    }
}
