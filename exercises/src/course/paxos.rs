//! Exercises about Paxos.

use super::{Exercise, exercise};

/// Exercises in course order.
pub(super) const EXERCISES: &[Exercise] = &[
    exercise!(
        "paxos-ballots" in "paxos/ballots", Paxos, Rule, 10 points, 15 minutes,
        "Ballots",
        "which ballot does the next attempt use, and where is it recorded?",
        bugs ["ballot-reuse"],
    ),
    exercise!(
        "paxos-promise" in "paxos/promise", Paxos, Rule, 10 points, 15 minutes,
        "The promise",
        "may an acceptor promise this ballot?",
        bugs ["no-promise-check", "forget-promise"],
    ),
    exercise!(
        "paxos-accept" in "paxos/accept", Paxos, Rule, 15 points, 20 minutes,
        "The vote",
        "may an acceptor accept this proposal, and what does it promise by that?",
        bugs ["no-promise-check", "accepted-only", "accept-no-raise"],
    ),
    exercise!(
        "paxos-report" in "paxos/report", Paxos, Rule, 10 points, 15 minutes,
        "The report in a promise",
        "with which ballot is a vote reported?",
        bugs ["reports-promised"],
    ),
    exercise!(
        "paxos-value" in "paxos/value", Paxos, Rule, 15 points, 15 minutes,
        "Choosing the value",
        "which of the reported votes binds a proposer?",
        bugs ["own-value", "any-reported", "lowest-reported", "reported-is-chosen"],
    ),
    exercise!(
        "paxos-quorum" in "paxos/quorum", Paxos, Rule, 10 points, 15 minutes,
        "Quorums of two kinds",
        "have enough acceptors answered, in this phase?",
        bugs ["small-quorum"],
    ),
    exercise!(
        "paxos-count" in "paxos/count", Paxos, Rule, 10 points, 10 minutes,
        "Which promises count",
        "does this reply count, and does it count again?",
        bugs ["duplicate-promise", "mixed-promises"],
    ),
    exercise!(
        "paxos-phase-1" in "paxos/phase-1", Paxos, Rule, 10 points, 15 minutes,
        "Phase 1 before phase 2",
        "does this ballot need phase 1?",
        bugs ["skip-phase-1", "older-recovery"],
    ),
    exercise!(
        "paxos-learner" in "paxos/learner", Paxos, Rule, 10 points, 15 minutes,
        "Learning what was chosen",
        "which votes count together?",
        bugs ["mixed-votes"],
    ),
    exercise!(
        "paxos-restart" in "paxos/restart", Paxos, Rule, 5 points, 10 minutes,
        "After the crash",
        "what does a restarted acceptor remember?",
        bugs ["forget-promise", "forget-accepted"],
    ),
    exercise!(
        "paxos-hole" in "paxos/hole", Paxos, Rule, 10 points, 15 minutes,
        "Holes in the log",
        "what does a new leader propose in an open slot?",
        bugs ["hole-not-repaired", "hole-left-open"],
    ),
];
