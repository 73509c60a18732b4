//! Exercises about Raft.

use super::{Exercise, exercise};

/// Exercises in course order.
pub(super) const EXERCISES: &[Exercise] = &[
    exercise!(
        "raft-vote" in "raft/vote", Raft, Rule, 10 points, 20 minutes,
        "The vote",
        "does this candidate get the vote?",
        bugs ["ignores-log-check", "length-only-check"],
    ),
    exercise!(
        "raft-elected" in "raft/elected", Raft, Rule, 10 points, 20 minutes,
        "The winner",
        "when is a candidate a leader?",
        bugs ["stale-vote-reply", "prevote-as-vote"],
    ),
    exercise!(
        "raft-append" in "raft/append", Raft, Rule, 10 points, 15 minutes,
        "The append check",
        "do the leader's entries match this log?",
        bugs ["stuck-candidate"],
    ),
    exercise!(
        "raft-truncate" in "raft/truncate", Raft, Rule, 10 points, 15 minutes,
        "Truncate on conflict",
        "which entries are deleted, and what may be acknowledged?",
        bugs ["empty-append-truncates", "truncate-always", "ack-beyond"],
    ),
    exercise!(
        "raft-follower-commit" in "raft/follower-commit", Raft, Rule, 10 points, 15 minutes,
        "The follower's commit index",
        "how far may a follower commit, after an append?",
        bugs ["commit-not-min", "commit-regresses"],
    ),
    exercise!(
        "raft-commit" in "raft/commit", Raft, Rule, 15 points, 25 minutes,
        "The commit rule",
        "which entries may a leader commit? Figure 8",
        bugs ["figure-8", "scan-breaks"],
    ),
    exercise!(
        "raft-durable" in "raft/durable", Raft, Rule, 10 points, 15 minutes,
        "Durable state",
        "what happens to the vote when a node steps down?",
        bugs ["step-down-clears-vote"],
    ),
    exercise!(
        "raft-answers" in "raft/answers", Raft, Rule, 10 points, 15 minutes,
        "Late acknowledgements",
        "what does a late acknowledgement mean?",
        bugs ["match-regresses"],
    ),
    exercise!(
        "raft-backtrack" in "raft/backtrack", Raft, Rule, 15 points, 25 minutes,
        "Backing up",
        "where do two logs agree?",
        bugs [],
    ),
    exercise!(
        "raft-apply-once" in "raft/apply-once", Raft, Rule, 5 points, 10 minutes,
        "Apply once",
        "what happens to a request that is sent twice?",
        bugs [],
    ),
    exercise!(
        "raft-pre-vote" in "raft/pre-vote", Raft, Rule, 10 points, 15 minutes,
        "Pre-vote",
        "would this node vote for the candidate?",
        bugs ["leader-grants-prevote", "prevote-refreshes", "refused-vote-restarts-timeout"],
    ),
    exercise!(
        "raft-check-quorum" in "raft/check-quorum", Raft, Rule, 10 points, 15 minutes,
        "A leader without followers",
        "does a leader step down, and is a candidate ignored?",
        bugs ["partial-connectivity", "stale-timeout-now"],
    ),
    exercise!(
        "raft-install" in "raft/install", Raft, Rule, 10 points, 15 minutes,
        "Installing a snapshot",
        "when is a snapshot installed, and what does it change?",
        bugs ["snapshot-lowers-term", "log-kept-under-snapshot"],
    ),
    exercise!(
        "raft-members" in "raft/members", Raft, Rule, 15 points, 25 minutes,
        "Changing the members",
        "which members are added and removed, and which of them count meanwhile?",
        bugs [
            "config-before-commit", "nonvoter-counts-itself", "learner-refuses-vote", "joint-left-early",
            "config-at-commit",
        ],
    ),
    exercise!(
        "raft-read" in "raft/read", Raft, Rule, 10 points, 15 minutes,
        "Reading without the log",
        "when may a leader answer a read?",
        bugs ["deposed-read", "read-before-own-commit"],
    ),
];
