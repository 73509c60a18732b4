//! Exercises about nodes that lie.

use super::{Exercise, exercise};

/// Exercises in course order.
pub(super) const EXERCISES: &[Exercise] = &[
    exercise!(
        "liar-orders" in "liars/orders", Liars, Rule, 10 points, 15 minutes,
        "Oral messages",
        "which order does a general obey, and what is one that did not come?",
        bugs ["obeys-the-first-report", "one-relay-too-few", "leaves-out-his-own"],
    ),
    exercise!(
        "liar-broadcast" in "liars/broadcast", Liars, Rule, 15 points, 20 minutes,
        "Everyone or no one",
        "how many echoes are enough, and how many that are ready?",
        bugs ["accepts-one-ready", "follows-one-ready", "ready-after-two-f", "follows-nobody"],
    ),
    exercise!(
        "liar-quorum" in "liars/quorum", Liars, Rule, 15 points, 20 minutes,
        "The quorum certificate",
        "how many replicas prove something, how many a client believes, and which votes count?",
        bugs ["quorum-of-2f", "counts-any-digest", "trusts-one-reply", "no-commit-phase"],
    ),
    exercise!(
        "liar-proposal" in "liars/proposal", Liars, Rule, 15 points, 20 minutes,
        "What a lying primary proposes",
        "which seals hold, which numbers are free, and what is executed?",
        bugs ["seal-not-checked", "water-mark-ignored", "executes-again"],
    ),
    exercise!(
        "liar-view" in "liars/view", Liars, Rule, 15 points, 20 minutes,
        "A new view is proved",
        "whom does a replica follow into a new view, and what must the new primary propose again?",
        bugs ["view-change-without-proof"],
    ),
    exercise!(
        "sealed-token" in "liars/sealed-token", Liars, Rule, 10 points, 15 minutes,
        "The sealed token",
        "what must a resource check of a token that a liar may show?",
        bugs ["grant-seal-not-checked"],
    ),
];
