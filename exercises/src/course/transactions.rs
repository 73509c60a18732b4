//! Exercises about transactions.

use super::{Exercise, exercise};

/// Exercises in course order.
pub(super) const EXERCISES: &[Exercise] = &[
    exercise!(
        "txn-vote" in "txn/vote", Transactions, Rule, 10 points, 15 minutes,
        "The vote",
        "which row is free, and which change can a participant answer for?",
        bugs ["row-not-locked", "sells-what-it-lacks"],
    ),
    exercise!(
        "txn-yes" in "txn/yes", Transactions, Rule, 10 points, 15 minutes,
        "A yes survives a crash",
        "what must be on disk with a yes, and what is locked after a restart?",
        bugs ["yes-not-durable", "doubt-unlocked"],
    ),
    exercise!(
        "txn-decide" in "txn/decide", Transactions, Rule, 15 points, 20 minutes,
        "The decision",
        "which votes count, how many are enough, and what may a timer still change?",
        bugs ["most-said-yes", "yes-counts-twice", "timeout-races-commit"],
    ),
    exercise!(
        "txn-presume" in "txn/presume", Transactions, Rule, 15 points, 25 minutes,
        "Presumed abort",
        "what must a coordinator remember, until when, and what does it say of the rest?",
        bugs ["decision-not-logged", "presumes-commit", "abandoned-prepare", "decision-forgotten-early"],
    ),
    exercise!(
        "txn-doubt" in "txn/doubt", Transactions, Rule, 15 points, 25 minutes,
        "In doubt",
        "what may a participant do that hears nothing, and what if another one asks it?",
        bugs ["prepared-times-out", "last-outcome-wins", "abort-not-remembered", "commits-past-lock-life"],
    ),
    exercise!(
        "txn-again" in "txn/again", Transactions, Rule, 10 points, 20 minutes,
        "The same again",
        "which requests are new, and which identifiers were never used?",
        bugs ["request-begun-again", "votes-of-two-attempts"],
    ),
    exercise!(
        "txn-instance" in "txn/instance", Transactions, Rule, 15 points, 25 minutes,
        "Paxos Commit: the value of a vote",
        "in which ballot does a leader take over, and which vote does it propose?",
        bugs ["reported-votes-ignored", "free-means-prepared", "leader-in-ballot-zero"],
    ),
    exercise!(
        "txn-acceptors" in "txn/acceptors", Transactions, Rule, 15 points, 25 minutes,
        "Paxos Commit: the acceptors",
        "which votes does an acceptor accept, and how many acceptors are enough?",
        bugs ["promise-not-kept", "accepted-not-durable", "proposes-without-majority", "vote-of-one-acceptor"],
    ),
    exercise!(
        "txn-leader" in "txn/leader", Transactions, Rule, 10 points, 20 minutes,
        "Paxos Commit: nobody blocks",
        "when is a transaction committed, who may end the doubt, and under which name is the next one begun?",
        bugs ["commits-undecided", "doubt-ends-alone", "instance-of-two-attempts", "error-yet-committed"],
    ),
    exercise!(
        "txn-one-write" in "txn/one-write", Transactions, Rule, 10 points, 15 minutes,
        "The message table: one write",
        "which changes belong into one local transaction?",
        bugs ["row-then-event", "event-then-row", "change-then-id"],
    ),
    exercise!(
        "txn-let-go" in "txn/let-go", Transactions, Rule, 15 points, 20 minutes,
        "The message table: when to let go",
        "when may a message leave a table, a queue, or a receiver's hands?",
        bugs [
            "deletes-before-confirmed", "last-confirmation-wins", "marks-unread-rows", "confirms-unwritten",
            "removed-on-delivery", "ack-on-receipt",
        ],
    ),
    exercise!(
        "txn-handled-once" in "txn/handled-once", Transactions, Rule, 10 points, 15 minutes,
        "The message table: handled once",
        "which messages and requests are new, and how long is an id remembered?",
        bugs ["no-memory-of-ids", "memory-shorter-than-redelivery", "order-placed-again"],
    ),
];
