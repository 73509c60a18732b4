//! The rulebook: each decision of the local message table as one small pure function.
//!
//! ```
//! use quorate_transactions::outbox::{BY_THE_BOOK, Rulebook, TableChange};
//!
//! // The order first and the message afterwards, in a transaction of its own.
//! const TWO_WRITES: Rulebook = Rulebook { places: |order, message| vec![vec![order], vec![message]], ..BY_THE_BOOK };
//!
//! let [one, other] = [1, 2].map(|id| TableChange::DeleteMessage { id });
//! assert_eq!(BY_THE_BOOK.places(one.clone(), other.clone()).len(), 1);
//! assert_eq!(TWO_WRITES.places(one, other).len(), 2);
//! ```

use quorate_protocol::Ruling::{self, Allow, Refuse};

use super::disk::TableChange;
use super::message::OutboxMessageId;
use super::rules::OutboxRule;

quorate_protocol::rulebook! {
    /// The decisions of the local message table. [`BY_THE_BOOK`] follows the papers exactly.
    pub struct Rulebook;

    /// RIFL §3: whether a request places an order. `last` is the number of the newest request of the
    /// same client that did.
    fn begins(last: Option<u64>, number: u64) -> Ruling<OutboxRule> {
        match last {
            Some(last) if last == number => Refuse(OutboxRule::AnswerFromRecord),
            Some(last) if last > number => Refuse(OutboxRule::Overtaken),
            _ => Allow(OutboxRule::Place),
        }
    }

    /// Pritchett §2: the local transactions, in order, that write an order and its message: one.
    fn places(order: TableChange, message: TableChange) -> Vec<Vec<TableChange>> {
        vec![vec![order, message]]
    }

    /// Pritchett §2: whether a message leaves the sender's table when it is sent, before the broker
    /// has confirmed it.
    fn deletes_unconfirmed() -> bool {
        false
    }

    /// Pritchett §2: the messages of the `table` that leave it when the broker confirms one:
    /// confirmations may overtake each other, so only that one.
    fn deletes(confirmed: OutboxMessageId, table: &[OutboxMessageId]) -> Vec<OutboxMessageId> {
        table.iter().copied().filter(|id| *id == confirmed).collect()
    }

    /// Gray §5: whether the broker has a message on disk when it confirms it.
    fn writes_queue() -> bool {
        true
    }

    /// Helland §5: whether a message leaves the broker's queue when it is delivered, before it is
    /// acknowledged.
    fn removes_unacknowledged() -> bool {
        false
    }

    /// Helland §5: whether the receiver acknowledges a message when it arrives, before it has worked
    /// on it.
    fn acknowledges_unhandled() -> bool {
        false
    }

    /// Helland §5: whether the receiver handles a message. It does not if it knows the number.
    fn handles(known: bool) -> Ruling<OutboxRule> {
        if known { Refuse(OutboxRule::KnownId) } else { Allow(OutboxRule::Handle) }
    }

    /// Pritchett §2: the local transactions, in order, that make the change and keep the message's
    /// number: one.
    fn books(change: TableChange, id: TableChange) -> Vec<Vec<TableChange>> {
        vec![vec![change, id]]
    }

    /// Helland §5: whether the receiver still keeps the number of a message after it has handled so
    /// many newer ones.
    fn keeps_id(newer: usize) -> bool {
        let _ = newer;
        true
    }
}
