//! Exercises about locks.

use super::{Exercise, exercise};

/// Exercises in course order.
pub(super) const EXERCISES: &[Exercise] = &[
    exercise!(
        "lock-set" in "lock/set", Locks, Rule, 5 points, 10 minutes,
        "Set if absent",
        "when does a server set the key, and when is it gone again?",
        bugs ["set-without-nx"],
    ),
    exercise!(
        "lock-delete" in "lock/delete", Locks, Rule, 10 points, 15 minutes,
        "Compare and delete",
        "whose key does an unlock delete?",
        bugs ["unlock-without-compare", "same-value-for-all"],
    ),
    exercise!(
        "lock-validity" in "lock/validity", Locks, Rule, 10 points, 20 minutes,
        "What is left of the time to live",
        "from when does a client count, and is there still time to act?",
        bugs ["validity-from-answer", "validity-unchecked", "valid-for-ever"],
    ),
    exercise!(
        "lock-extend" in "lock/extend", Locks, Rule, 10 points, 15 minutes,
        "The watchdog",
        "whose lock lives on, and until when?",
        bugs ["extends-by-name"],
    ),
    exercise!(
        "lock-majority" in "lock/majority", Locks, Rule, 15 points, 20 minutes,
        "Redlock: enough instances",
        "how many instances are enough, which answers count, and what is cleared?",
        bugs ["half-is-enough", "late-answer-counts"],
    ),
    exercise!(
        "lock-memory" in "lock/memory", Locks, Rule, 15 points, 20 minutes,
        "Redlock: what an instance forgets",
        "what is on disk, how long does an instance stay away, and which clock does it count on?",
        bugs ["keys-not-durable", "instance-restarts-at-once", "expires-on-wall-clock"],
    ),
    exercise!(
        "lock-guard" in "lock/guard", Locks, Rule, 10 points, 20 minutes,
        "The resource decides",
        "which writes does the resource accept, by token and by currlock?",
        bugs ["fence-ignores-token", "fence-not-durable"],
    ),
    exercise!(
        "lock-queue" in "lock/queue", Locks, Rule, 10 points, 15 minutes,
        "ZooKeeper: the queue",
        "who is ahead of whom, who excludes whom, and what is the fencing token?",
        bugs ["writer-ignores-readers", "token-of-the-path"],
    ),
    exercise!(
        "lock-watch" in "lock/watch", Locks, Rule, 10 points, 15 minutes,
        "ZooKeeper: one to watch",
        "what does a waiting client watch, and what does a notification mean?",
        bugs ["watches-everything", "list-without-recheck", "wake-is-victory", "gives-up-leaves-node"],
    ),
    exercise!(
        "lock-session" in "lock/session", Locks, Rule, 15 points, 25 minutes,
        "The end of a session",
        "who ends the session of a silent client, when, and what becomes of its locks?",
        bugs [
            "expires-at-follower", "ephemeral-outlives-session", "expiry-ignores-renewal", "lock-delay-forgotten",
        ],
    ),
    exercise!(
        "lock-belief" in "lock/belief", Locks, Rule, 10 points, 20 minutes,
        "What a client may believe",
        "until when does a client act that hears nothing?",
        bugs ["session-from-answer", "client-counts-all", "believes-without-end", "loss-not-told"],
    ),
];
