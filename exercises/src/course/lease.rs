//! Exercises about leases.

use super::{Exercise, exercise};

/// Exercises in course order.
pub(super) const EXERCISES: &[Exercise] = &[
    exercise!(
        "lease-deadline" in "lease/deadline", Leases, Rule, 10 points, 15 minutes,
        "The holder's deadline",
        "on which clock, from when and until when may a holder act?",
        bugs ["counts-from-reply", "wall-clock"],
    ),
    exercise!(
        "lease-drift" in "lease/drift", Leases, Rule, 10 points, 20 minutes,
        "The margin for drift",
        "how long may a holder use its lease if clocks drift?",
        bugs ["no-drift-margin"],
    ),
    exercise!(
        "lease-denial" in "lease/denial", Leases, Rule, 5 points, 10 minutes,
        "When the renewal fails",
        "until when may a holder act after a refused renewal?",
        bugs ["failed-renewal-extends"],
    ),
    exercise!(
        "lease-grant" in "lease/grant", Leases, Rule, 15 points, 25 minutes,
        "Granting the lease",
        "which node gets the lease, and when does a grant end?",
        bugs ["heartbeat-only", "no-lock-delay", "own-lease-length", "stamp-of-another-clock"],
    ),
    exercise!(
        "lease-restart" in "lease/restart", Leases, Rule, 10 points, 15 minutes,
        "The granter restarts",
        "how long must a restarted granter wait that has forgotten its grants?",
        bugs ["restart-grants-at-once", "quarantine-short"],
    ),
    exercise!(
        "lease-release" in "lease/release", Leases, Rule, 10 points, 15 minutes,
        "Releasing the lease",
        "does this release end the lease?",
        bugs ["unlock-others", "release-ignores-renewal"],
    ),
    exercise!(
        "lease-act" in "lease/act", Leases, Rule, 5 points, 10 minutes,
        "Check, then act",
        "when does a holder check its lease?",
        bugs ["check-then-act"],
    ),
    exercise!(
        "lease-fence" in "lease/fence", Leases, Rule, 10 points, 20 minutes,
        "The fence",
        "which writes does a resource accept?",
        bugs ["token-not-checked", "token-random"],
    ),
    exercise!(
        "lease-fenced-store" in "lease/fenced-store", Leases, Rule, 10 points, 20 minutes,
        "A replicated fence",
        "what does a new holder do before it serves?",
        bugs ["replica-fence-only"],
    ),
    exercise!(
        "lease-majority" in "lease/majority", Leases, Rule, 10 points, 20 minutes,
        "Leases from a majority",
        "which replies count, when is the lease free, and what does a release end?",
        bugs ["release-ignores-ballot"],
    ),
    exercise!(
        "lease-cache" in "lease/cache", Leases, Rule, 10 points, 15 minutes,
        "Leases on data",
        "when may a server change data that caches hold?",
        bugs ["write-at-once"],
    ),
    exercise!(
        "lease-failover" in "lease/failover", Leases, Rule, 10 points, 15 minutes,
        "A new leader and old leases",
        "from when does a new leader count the terms of existing leases?",
        bugs ["successor-does-not-wait"],
    ),
    exercise!(
        "lease-reads" in "lease/reads", Leases, Rule, 15 points, 25 minutes,
        "Reads under a leader lease",
        "when may a leader answer a read from its own state?",
        bugs ["votes-while-trusting", "transfer-keeps-lease", "limbo-read"],
    ),
];
