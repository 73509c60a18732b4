//! Exercises about network and time: messages and clocks.

use super::{Exercise, exercise};

/// Exercises in course order.
pub(super) const EXERCISES: &[Exercise] = &[
    exercise!(
        "retry-safely" in "network/retry-safely", NetworkAndTime, Rule, 10 points, 15 minutes,
        "The meaning of a timeout",
        "no reply arrived: may the call be retried, and what may be reported?",
        bugs [],
    ),
    exercise!(
        "at-most-once" in "network/at-most-once", NetworkAndTime, Rule, 15 points, 20 minutes,
        "At most once",
        "a retried call is executed once, and answered again",
        bugs [],
    ),
    exercise!(
        "lamport-clock" in "network/lamport-clock", NetworkAndTime, Rule, 10 points, 15 minutes,
        "Lamport clocks",
        "timestamps that agree with the happened-before relation",
        bugs [],
    ),
    exercise!(
        "majority" in "network/majority", NetworkAndTime, Rule, 10 points, 15 minutes,
        "Majorities",
        "how many nodes are enough?",
        bugs [],
    ),
];
