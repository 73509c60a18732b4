//! Stable storage: tables, changed by local transactions.

use std::collections::{BTreeMap, BTreeSet};

use quorate_protocol::{ClientId, RequestId};
use serde::{Deserialize, Serialize};

use super::message::{Note, OutboxMessageId};
use crate::id::Row;

/// One change of a table.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum TableChange {
    /// Sender: an order is inserted.
    InsertOrder {
        /// Its number.
        id: OutboxMessageId,
        /// The request that it answers.
        ticket: RequestId,
    },
    /// Sender: a message is inserted into the message table. Broker: into the queue.
    InsertMessage {
        /// Its number.
        id: OutboxMessageId,
        /// Its content.
        note: Note,
    },
    /// Sender and broker: a message is deleted.
    DeleteMessage {
        /// Its number.
        id: OutboxMessageId,
    },
    /// Receiver: units of an item are shipped.
    Ship {
        /// The item and the number of units.
        note: Note,
    },
    /// Receiver: the number of a handled message is kept.
    KeepId {
        /// The number.
        id: OutboxMessageId,
    },
    /// Receiver: the number of a handled message is dropped.
    DropId {
        /// The number.
        id: OutboxMessageId,
    },
}

/// One durable write: a local transaction, of which a crash leaves all changes or none.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Record {
    /// The transaction is committed.
    Committed {
        /// Its changes.
        changes: Vec<TableChange>,
    },
}

/// State that survives a crash.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Disk {
    /// The sender's orders.
    pub orders: BTreeSet<OutboxMessageId>,
    /// The newest request of each client that placed an order, with that order.
    pub placed: BTreeMap<ClientId, (u64, OutboxMessageId)>,
    /// The sender's message table, or the broker's queue.
    pub messages: BTreeMap<OutboxMessageId, Note>,
    /// The units of each item that the receiver has shipped.
    pub shipped: BTreeMap<Row, u64>,
    /// The numbers of the messages that the receiver has handled.
    pub handled: BTreeSet<OutboxMessageId>,
}

impl Disk {
    /// Applies one change. Machines have their tables in this form, too.
    pub(super) fn change(&mut self, change: &TableChange) {
        match change {
            TableChange::InsertOrder { id, ticket } => {
                self.orders.insert(*id);
                self.placed.insert(ticket.client, (ticket.number, *id));
            }
            TableChange::InsertMessage { id, note } => {
                self.messages.insert(*id, note.clone());
            }
            TableChange::DeleteMessage { id } => {
                self.messages.remove(id);
            }
            TableChange::Ship { note } => {
                let shipped = self.shipped.entry(note.item.clone()).or_default();
                *shipped = shipped.saturating_add(note.units);
            }
            TableChange::KeepId { id } => {
                self.handled.insert(*id);
            }
            TableChange::DropId { id } => {
                self.handled.remove(id);
            }
        }
    }
}

impl quorate_protocol::Disk for Disk {
    type Record = Record;

    fn apply(&mut self, record: &Record) {
        let Record::Committed { changes } = record;
        changes.iter().for_each(|change| self.change(change));
    }
}
