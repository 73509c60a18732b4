//! Exercises about network and time: messages and clocks.

use super::{Exercise, exercise};

/// Exercises in course order.
pub(super) const EXERCISES: &[Exercise] = &[
    exercise!(
        "retry-safely" in "network/retry-safely", NetworkAndTime, Rule, 10 points, 15 minutes,
        "What a timeout tells",
        "no answer came: may the call be made again, and what may be said of it?",
        bugs [],
    ),
    exercise!(
        "at-most-once" in "network/at-most-once", NetworkAndTime, Rule, 15 points, 20 minutes,
        "At most once",
        "a call that is made again is executed once, and answered again",
        bugs [],
    ),
    exercise!(
        "lamport-clock" in "network/lamport-clock", NetworkAndTime, Rule, 10 points, 15 minutes,
        "Lamport clocks",
        "times that agree with what happened before what",
        bugs [],
    ),
    exercise!(
        "majority" in "network/majority", NetworkAndTime, Rule, 10 points, 15 minutes,
        "Majorities",
        "how many nodes are enough?",
        bugs [],
    ),
];
