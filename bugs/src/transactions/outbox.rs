//! Bugs of the local message table: two writes where one is needed, and deletions that come too
//! early.

use quorate_protocol::Ruling::{self, Allow};
use quorate_transactions::outbox::{BY_THE_BOOK, OutboxMessageId, OutboxRule, Rulebook, TableChange};

use crate::Breaks::Invariant;
use crate::Discovery::{Scenario, Search, Seed};

bugs! {
    /// Rulebook of the local message table: correct, or with one bug.
    pub type NamedRulebook = Rulebook;

    ROW_THEN_EVENT = "row-then-event" of Outbox {
        summary: "The order is committed first, and its message is written afterwards, in a transaction of its own.",
        story: "The shop crashes between the two. The order is placed, and nobody will ever ship it.",
        source: "eclipse dirigible #6816",
        breaks: Invariant("NothingLost"),
        needs: "a crash of the sender between two writes",
        discovery: Scenario { scenario: "transactions/outbox-crash-between-writes", commands: 3 },
        correct_rule: "Place",
        fn places(order: TableChange, message: TableChange) -> Vec<Vec<TableChange>> {
            vec![vec![order], vec![message]]
        }
    }

    EVENT_THEN_ROW = "event-then-row" of Outbox {
        summary: "The message is written first, and the order afterwards, in a transaction of its own.",
        story: "The shop crashes between the two. After the restart it forwards a message about an order that does not exist, and it is shipped.",
        source: "NEventStore #54, openedx-events #292",
        breaks: Invariant("NothingInvented"),
        needs: "a crash of the sender between two writes",
        discovery: Scenario { scenario: "transactions/outbox-crash-between-writes", commands: 4 },
        correct_rule: "Place",
        fn places(order: TableChange, message: TableChange) -> Vec<Vec<TableChange>> {
            vec![vec![message], vec![order]]
        }
    }

    DELETES_BEFORE_CONFIRMED = "deletes-before-confirmed" of Outbox {
        summary: "The sender deletes a message when it has sent it.",
        story: "The network loses it, and nobody knows that there was one.",
        source: "the third step of the message table left out: Pritchett 2008 §2",
        breaks: Invariant("NothingLost"),
        needs: "one order",
        discovery: Search { steps: 1 },
        correct_rule: "Forward",
        fn deletes_unconfirmed() -> bool {
            true
        }
    }

    LAST_CONFIRMATION_WINS = "last-confirmation-wins" of Outbox {
        summary: "A confirmation deletes the message that it names and all before it.",
        story: "The first message is slow or lost, the second one is confirmed, and both leave the table.",
        source: "yugabyte-db #33126",
        breaks: Invariant("NothingLost"),
        needs: "2 orders",
        discovery: Search { steps: 4 },
        correct_rule: "Delete",
        fn deletes(confirmed: OutboxMessageId, table: &[OutboxMessageId]) -> Vec<OutboxMessageId> {
            table.iter().copied().filter(|id| *id <= confirmed).collect()
        }
    }

    MARKS_UNREAD_ROWS = "marks-unread-rows" of Outbox {
        summary: "A confirmation deletes everything that is in the table at that moment.",
        story: "The forwarder has read one message and sent it. While it waits for the confirmation another order is placed, and its message leaves the table together with the first one.",
        source: "eventuate-cdc #165",
        breaks: Invariant("NothingLost"),
        needs: "2 orders",
        discovery: Search { steps: 4 },
        correct_rule: "Delete",
        fn deletes(_: OutboxMessageId, table: &[OutboxMessageId]) -> Vec<OutboxMessageId> {
            table.to_vec()
        }
    }

    CONFIRMS_UNWRITTEN = "confirms-unwritten" of Outbox {
        summary: "The broker confirms a message that is not on its disk.",
        story: "The sender has deleted it when the broker crashes, and with it the only copy.",
        source: "brokers that acknowledge before they flush; Gray 1978 §5",
        breaks: Invariant("NothingLost"),
        needs: "a restart of the broker",
        discovery: Search { steps: 4 },
        correct_rule: "Recall",
        fn writes_queue() -> bool {
            false
        }
    }

    REMOVED_ON_DELIVERY = "removed-on-delivery" of Outbox {
        summary: "The broker removes a message when it has delivered it: at most once.",
        story: "The receiver is down, or the message is lost on the way.",
        source: "fire-and-forget delivery; Helland 2007 §5",
        breaks: Invariant("NothingLost"),
        needs: "one order",
        discovery: Search { steps: 2 },
        correct_rule: "Enqueue",
        fn removes_unacknowledged() -> bool {
            true
        }
    }

    ACK_ON_RECEIPT = "ack-on-receipt" of Outbox {
        summary: "The receiver acknowledges a message when it arrives, and works on it afterwards.",
        story: "The broker has removed it when the receiver crashes in the middle of its work.",
        source: "librdkafka #1122, kafka-python #722",
        breaks: Invariant("NothingLost"),
        needs: "one order",
        discovery: Search { steps: 4 },
        correct_rule: "Receive",
        fn acknowledges_unhandled() -> bool {
            true
        }
    }

    NO_MEMORY_OF_IDS = "no-memory-of-ids" of Outbox {
        summary: "The receiver handles whatever is delivered.",
        story: "Its acknowledgement is slow, so the broker delivers the message again, and the apples are shipped twice.",
        source: "Helland 2007 §5: at least once",
        breaks: Invariant("HandledOnce"),
        needs: "a message that is delivered twice",
        discovery: Search { steps: 7 },
        correct_rule: "KnownId",
        fn handles(_: bool) -> Ruling<OutboxRule> {
            Allow(OutboxRule::Handle)
        }
    }

    CHANGE_THEN_ID = "change-then-id" of Outbox {
        summary: "The receiver makes the change, and keeps the message's number afterwards, in a transaction of its own.",
        story: "It crashes between the two. The change is made and the number unknown, so the message is handled once more.",
        source: "Pritchett 2008 §2: the table of applied updates",
        breaks: Invariant("HandledOnce"),
        needs: "a crash of the receiver between two writes",
        discovery: Scenario { scenario: "transactions/outbox-crash-between-writes", commands: 8 },
        correct_rule: "DeliverAgain",
        fn books(change: TableChange, id: TableChange) -> Vec<Vec<TableChange>> {
            vec![vec![change], vec![id]]
        }
    }

    MEMORY_TOO_SHORT = "memory-shorter-than-redelivery" of Outbox {
        summary: "The receiver drops the number of a message as soon as it has handled a newer one.",
        story: "A copy of the older message was slow. It arrives after the newer one, and is handled again.",
        source: "docs.particular.net #3947, dex-common #232",
        breaks: Invariant("HandledOnce"),
        needs: "2 orders, and a copy that is slow",
        discovery: Search { steps: 11 },
        correct_rule: "KnownId",
        fn keeps_id(newer: usize) -> bool {
            newer == 0
        }
    }

    ORDER_PLACED_AGAIN = "order-placed-again" of Outbox {
        summary: "The sender does not know which requests it has carried out.",
        story: "Its answer is lost. The client asks again, and two orders are placed, with a message each: every message is handled once, and the goods are shipped twice.",
        source: "Lee and others 2015 (RIFL) §3; eclipse dirigible #6816: the caller repeats",
        breaks: Invariant("AnsweredOnce"),
        needs: "a lost answer",
        discovery: Seed { nodes: 3, seed: 0, faults: "harsh", necessary_events: 2 },
        correct_rule: "AnswerFromRecord",
        fn begins(_: Option<u64>, _: u64) -> Ruling<OutboxRule> {
            Allow(OutboxRule::Place)
        }
    }
}
