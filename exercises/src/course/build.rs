//! Exercises of the part "build": complete protocol machines.

use super::{Exercise, exercise};

/// Exercises in course order.
pub(super) const EXERCISES: &[Exercise] = &[
    exercise!(
        "build-paxos" in "build/paxos", Build, Build, 60 points, 240 minutes,
        "Build Paxos",
        "a whole node, from its messages: proposer, acceptor and learner",
        bugs [
            "own-value", "any-reported", "lowest-reported", "duplicate-promise", "ballot-reuse", "forget-promise",
            "forget-accepted", "no-promise-check", "accepted-only", "accept-no-raise", "mixed-promises",
            "reports-promised", "mixed-votes", "small-quorum", "skip-phase-1",
        ],
    ),
    exercise!(
        "build-raft-election" in "build/raft-election", Build, Build, 40 points, 180 minutes,
        "Build Raft: elections",
        "a node that votes, leads and follows, from its messages",
        bugs ["stale-vote-reply", "step-down-clears-vote", "prevote-as-vote"],
    ),
    exercise!(
        "build-raft-log" in "build/raft-log", Build, Build, 60 points, 300 minutes,
        "Build Raft: the log",
        "a log whose committed entries are never lost",
        bugs [
            "stale-vote-reply", "step-down-clears-vote", "figure-8", "ignores-log-check", "length-only-check",
            "commit-regresses", "empty-append-truncates", "truncate-always", "stale-nack-rollback", "scan-breaks",
            "answered-by-index",
        ],
    ),
    exercise!(
        "build-raft-persistence" in "build/raft-persistence", Build, Build, 40 points, 120 minutes,
        "Build Raft: persistence",
        "the same node, but it may crash between any two writes and messages",
        bugs [
            "vote-not-durable", "log-not-durable", "figure-8", "ignores-log-check", "length-only-check", "scan-breaks",
        ],
    ),
    exercise!(
        "build-raft-snapshot" in "build/raft-snapshot", Build, Build, 50 points, 180 minutes,
        "Build Raft: snapshots",
        "a compacted log, and a snapshot that is sent instead of entries",
        bugs ["snapshot-lowers-term", "vote-not-durable", "log-not-durable"],
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
    exercise!(
        "build-redlock" in "build/redlock", Build, Build, 50 points, 180 minutes,
        "Build Redlock",
        "independent instances, and clients that take a lock by a majority of them",
        bugs [
            "unlock-without-compare", "same-value-for-all", "set-without-nx", "valid-for-ever", "validity-unchecked",
            "validity-from-answer", "half-is-enough", "expires-on-wall-clock", "instance-restarts-at-once",
            "keys-not-durable", "late-answer-counts",
        ],
    ),
    exercise!(
        "build-two-phase" in "build/two-phase", Build, Build, 50 points, 180 minutes,
        "Build two-phase commit",
        "a coordinator that decides, and participants that vote, lock rows and wait",
        bugs [
            "row-not-locked", "sells-what-it-lacks", "yes-not-durable", "doubt-unlocked", "most-said-yes", "outcome-hits-next-transaction",
            "yes-counts-twice", "timeout-races-commit", "decision-not-logged", "presumes-commit", "abandoned-prepare",
            "decision-forgotten-early", "prepared-times-out", "last-outcome-wins", "abort-not-remembered",
            "request-begun-again", "votes-of-two-attempts",
        ],
    ),
    exercise!(
        "build-ap-register" in "build/ap-register", Build, Build, 40 points, 120 minutes,
        "Build a register that always answers",
        "a replica that answers from its own copy, gossips, and becomes equal to the others",
        bugs ["tie-by-arrival", "first-come-stays", "stamps-stand-still", "never-merges", "write-begun-again"],
    ),
];
