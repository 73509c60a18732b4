//! Exercises about leases.

use super::{Exercise, exercise};

/// Exercises in course order.
pub(super) const EXERCISES: &[Exercise] = &[
    exercise!(
        "lease-deadline" in "lease/deadline", Leases, Rule, 10 points, 15 minutes,
        "The holder's deadline",
        "by which clock, from when and until when may a holder act?",
        bugs ["counts-from-reply", "wall-clock"],
    ),
    exercise!(
        "lease-drift" in "lease/drift", Leases, Rule, 10 points, 20 minutes,
        "The margin for drift",
        "how long may a holder count, if clocks are wrong?",
        bugs ["no-drift-margin"],
    ),
    exercise!(
        "lease-denial" in "lease/denial", Leases, Rule, 5 points, 10 minutes,
        "When the renewal fails",
        "until when may a holder act that was refused?",
        bugs ["failed-renewal-extends"],
    ),
    exercise!(
        "lease-grant" in "lease/grant", Leases, Rule, 15 points, 25 minutes,
        "Who gets it",
        "to whom is the lease granted, and when is a grant over?",
        bugs ["heartbeat-only", "no-lock-delay"],
    ),
    exercise!(
        "lease-restart" in "lease/restart", Leases, Rule, 10 points, 15 minutes,
        "The granter restarts",
        "how long must a granter wait that has forgotten its grants?",
        bugs ["restart-grants-at-once", "quarantine-short"],
    ),
    exercise!(
        "lease-release" in "lease/release", Leases, Rule, 10 points, 15 minutes,
        "Giving it back",
        "does this release free the lease?",
        bugs ["unlock-others", "release-ignores-renewal"],
    ),
    exercise!(
        "lease-act" in "lease/act", Leases, Rule, 5 points, 10 minutes,
        "Check, then act",
        "when does a holder look at its lease?",
        bugs ["check-then-act"],
    ),
    exercise!(
        "lease-fence" in "lease/fence", Leases, Rule, 10 points, 20 minutes,
        "The fence",
        "which writes does a resource take?",
        bugs ["token-not-checked", "token-random"],
    ),
    exercise!(
        "lease-fenced-store" in "lease/fenced-store", Leases, Rule, 10 points, 20 minutes,
        "A fence of several",
        "what does a new holder do before it serves?",
        bugs ["replica-fence-only"],
    ),
    exercise!(
        "lease-majority" in "lease/majority", Leases, Rule, 10 points, 20 minutes,
        "Leases from a majority",
        "who counts, what is free, and what is freed?",
        bugs ["release-ignores-ballot"],
    ),
    exercise!(
        "lease-cache" in "lease/cache", Leases, Rule, 10 points, 15 minutes,
        "Leases on data",
        "when may a datum change that others have cached?",
        bugs ["write-at-once"],
    ),
    exercise!(
        "lease-failover" in "lease/failover", Leases, Rule, 10 points, 15 minutes,
        "A new leader and old leases",
        "from when does a leader count the leases that it finds?",
        bugs ["successor-does-not-wait"],
    ),
    exercise!(
        "lease-reads" in "lease/reads", Leases, Rule, 15 points, 25 minutes,
        "A leader that reads alone",
        "when may a leader answer out of its own memory?",
        bugs ["votes-while-trusting", "transfer-keeps-lease", "limbo-read"],
    ),
];
