//! Whole machines, from their messages.

use super::{Exercise, exercise};

/// In order.
pub(super) const EXERCISES: &[Exercise] = &[
    exercise!(
        "build-paxos" in "build/paxos", Build, Build, 60 points, 240 minutes,
        "Build Paxos",
        "a whole node, from its messages: proposer, acceptor and learner",
        bugs [
            "own-value", "any-reported", "lowest-reported", "duplicate-promise", "ballot-reuse", "forget-promise",
            "forget-accepted", "no-promise-check", "accepted-only", "accept-no-raise", "mixed-promises",
            "reports-promised", "mixed-votes", "small-quorum", "skip-phase-1", "prepare-carries-value",
        ],
    ),
    exercise!(
        "build-lease" in "build/lease", Build, Build, 50 points, 180 minutes,
        "Build leases",
        "a granter, its holders and a fence, from their messages",
        bugs [
            "heartbeat-only", "counts-from-reply", "no-drift-margin", "wall-clock", "restart-grants-at-once",
            "token-not-checked", "token-random", "unlock-others", "failed-renewal-extends",
            "no-lock-delay",
        ],
    ),
];
