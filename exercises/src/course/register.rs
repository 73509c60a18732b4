//! Exercises about replicated registers.

use super::{Exercise, exercise};

/// Exercises in course order.
pub(super) const EXERCISES: &[Exercise] = &[
    exercise!(
        "register-quorum" in "register/quorum", Replicas, Rule, 15 points, 20 minutes,
        "A read writes back",
        "how many answers are enough, which of them count, and what must a read do before it returns?",
        bugs ["half-is-a-quorum", "ack-counts-twice", "no-write-back", "register-ack-before-disk"],
    ),
    exercise!(
        "register-order" in "register/order", Replicas, Rule, 10 points, 15 minutes,
        "The order of versions",
        "which stamp does a write get, and which of two versions is the newer one?",
        bugs ["tie-by-arrival", "first-come-stays", "stamp-unasked"],
    ),
    exercise!(
        "register-clock" in "register/clock", Replicas, Rule, 15 points, 25 minutes,
        "Three clocks",
        "what do a wall clock, a Lamport clock and a hybrid clock show for a write, and what do they learn?",
        bugs [
            "stamps-stand-still", "never-merges", "receive-ignores-counter", "skewed-coordinator",
            "future-stamp-accepted",
        ],
    ),
    exercise!(
        "register-siblings" in "register/siblings", Replicas, Rule, 15 points, 25 minutes,
        "Siblings",
        "which versions does a write replace, and which stay beside it?",
        bugs ["siblings-never-shed", "context-of-the-replica", "frontier-with-gaps"],
    ),
    exercise!(
        "register-session" in "register/session", Replicas, Rule, 10 points, 20 minutes,
        "A session sees what it has seen",
        "what does a session demand of a replica, and when may the replica answer?",
        bugs ["reads-back-from-replica", "write-begun-again"],
    ),
];
