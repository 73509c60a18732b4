//! The receiver: works on a message, makes its change once, and acknowledges it.

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Context, Outbox};

use super::disk::TableChange;
use super::message::{Fact, Message, Note, OutboxMessageId, Timer};
use super::node::{MessageTable, records};
use super::rules::OutboxRule;

type Cx<'a> = Context<'a, MessageTable>;
type Out = Outbox<MessageTable>;

/// Handles a message that the broker delivers.
pub(super) fn delivered(node: &mut MessageTable, cx: &Cx<'_>, id: OutboxMessageId, note: Note, out: &mut Out) {
    let broker = cx.config.broker;
    if node.working.contains_key(&id) {
        out.because(OutboxRule::AtWork).why(format_args!("{id} is being worked on"));
        return;
    }
    if let Refuse(rule) = cx.rules.handles(node.tables.handled.contains(&id)) {
        out.because(rule).why(format_args!("{id} was handled")).send(broker, Message::Ack { id });
        return;
    }
    node.working.insert(id, note);
    let mut because = out.because(OutboxRule::Receive);
    because.why(format_args!("{id} is new")).arm(Timer::Work { id }, cx.config.work);
    if cx.rules.acknowledges_unhandled() {
        because.send(broker, Message::Ack { id });
    }
}

/// The work on a message is done: makes its change, and keeps its number.
pub(super) fn worked(node: &mut MessageTable, cx: &Cx<'_>, id: OutboxMessageId, out: &mut Out) {
    let Some(note) = node.working.remove(&id) else {
        out.because(OutboxRule::KnownId).why(format_args!("{id} is not being worked on"));
        return;
    };
    let rule = match cx.rules.handles(node.tables.handled.contains(&id)) {
        Allow(rule) => rule,
        Refuse(rule) => {
            out.because(rule).why(format_args!("{id} was handled")).send(cx.config.broker, Message::Ack { id });
            return;
        }
    };
    let units = note.units;
    let mut transactions = cx.rules.books(TableChange::Ship { note }, TableChange::KeepId { id });
    let newer =
        |old: OutboxMessageId| node.tables.handled.range(old.saturating_add(1)..).count() + usize::from(id > old);
    let dropped = node.tables.handled.iter().copied().filter(|old| !cx.rules.keeps_id(newer(*old)));
    let dropped: Vec<TableChange> = dropped.map(|id| TableChange::DropId { id }).collect();
    if !dropped.is_empty() {
        transactions.push(dropped);
    }
    node.change(&transactions);
    let mut because = out.because(rule);
    because.why(format_args!("{units} more are shipped"));
    for record in records(transactions) {
        because.persist(record);
    }
    because.emit(Fact::Handled { id, units });
    if !cx.rules.acknowledges_unhandled() {
        because.send(cx.config.broker, Message::Ack { id });
    }
}
