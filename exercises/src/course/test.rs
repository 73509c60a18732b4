//! Exercises of the part "test": invariants that detect bugs.

use super::{Exercise, exercise};

/// Exercises in course order.
pub(super) const EXERCISES: &[Exercise] = &[
    exercise!(
        "test-one-leader" in "test/one-leader", Test, Test, 10 points, 15 minutes,
        "One leader per term",
        "detect two leaders elected in one term",
        bugs ["stale-vote-reply", "prevote-as-vote", "vote-not-durable", "ignores-log-check"],
    ),
    exercise!(
        "test-promises" in "test/promises", Test, Test, 10 points, 15 minutes,
        "Promises are kept",
        "detect an acceptor that breaks its promises",
        bugs ["no-promise-check", "accepted-only", "forget-promise", "accept-no-raise"],
    ),
    exercise!(
        "test-one-chosen" in "test/one-chosen", Test, Test, 20 points, 25 minutes,
        "One value is chosen",
        "detect a second chosen value, at the vote that chooses it",
        bugs [
            "own-value", "any-reported", "lowest-reported", "duplicate-promise", "forget-promise", "forget-accepted",
            "no-promise-check", "accepted-only", "accept-no-raise", "mixed-promises", "reports-promised",
            "small-quorum", "skip-phase-1", "prepare-carries-value",
        ],
    ),
    exercise!(
        "test-committed-stays" in "test/committed-stays", Test, Test, 15 points, 20 minutes,
        "Committed entries stay",
        "notice two entries that are committed or applied at one index",
        bugs [
            "log-not-durable", "ignores-log-check", "length-only-check", "empty-append-truncates",
            "truncate-always", "stale-nack-rollback", "nonvoter-counts-itself",
        ],
    ),
    exercise!(
        "test-one-primary" in "test/one-primary", Test, Test, 25 points, 40 minutes,
        "One primary at a time",
        "notice two primaries at one instant of the true time",
        bugs [
            "heartbeat-only", "counts-from-reply", "no-drift-margin", "wall-clock", "restart-grants-at-once",
            "check-then-act", "unlock-others", "failed-renewal-extends", "release-ignores-ballot",
        ],
    ),
    exercise!(
        "test-fenced-writes" in "test/fenced-writes", Test, Test, 20 points, 30 minutes,
        "Late writes are refused",
        "notice a write that goes back to an earlier grant",
        bugs ["token-not-checked", "token-random", "check-not-atomic", "no-lock-delay"],
    ),
    exercise!(
        "test-one-holder" in "test/one-holder", Test, Test, 15 points, 25 minutes,
        "One holder at a time",
        "notice two clients that act under one lock",
        bugs [
            "unlock-without-compare", "same-value-for-all", "set-without-nx", "valid-for-ever", "validity-unchecked",
            "validity-from-answer", "late-answer-counts", "half-is-enough", "expires-on-wall-clock",
            "instance-restarts-at-once",
        ],
    ),
    exercise!(
        "test-one-outcome" in "test/one-outcome", Test, Test, 15 points, 20 minutes,
        "One outcome",
        "notice a transaction with two outcomes, and a commit without every yes",
        bugs [
            "prepared-times-out", "decision-not-logged", "presumes-commit", "decision-forgotten-early",
            "timeout-races-commit", "yes-counts-twice", "abort-not-remembered", "last-outcome-wins",
        ],
    ),
    exercise!(
        "test-handed-on" in "test/handed-on", Test, Test, 15 points, 20 minutes,
        "Handed on, once",
        "notice a message that is let go too early, handled twice, or invented",
        bugs [
            "event-then-row", "deletes-before-confirmed", "last-confirmation-wins", "removed-on-delivery",
            "ack-on-receipt", "no-memory-of-ids", "memory-shorter-than-redelivery",
        ],
    ),
    exercise!(
        "test-no-older-read" in "test/no-older-read", Test, Test, 15 points, 25 minutes,
        "Nothing older",
        "notice a read or a write that has missed what was completed before it began",
        bugs ["older-overwrites", "no-write-back", "stamp-unasked", "register-ack-before-disk"],
    ),
];
