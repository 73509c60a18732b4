//! Exercises about clocks that know their error, ids made of time, channels, the suspicion of a
//! silence, and hybrid clocks.

use super::{Exercise, exercise};

/// Exercises in course order.
pub(super) const EXERCISES: &[Exercise] = &[
    exercise!(
        "time-rto" in "time/rto", ClocksAndChannels, Rule, 10 points, 15 minutes,
        "How long to wait",
        "after which time does a sender take a segment for lost, and which round trips say so?",
        bugs ["rtt-from-a-repeat"],
    ),
    exercise!(
        "time-receive" in "time/receive", ClocksAndChannels, Rule, 20 points, 25 minutes,
        "A channel from an unreliable link",
        "which segments does a receiver take, and up to which one does it acknowledge?",
        bugs ["forgets-what-it-received", "one-counter-for-all", "wrap-looks-old", "evicts-and-acks"],
    ),
    exercise!(
        "time-end-to-end" in "time/end-to-end", ClocksAndChannels, Rule, 15 points, 25 minutes,
        "Acknowledged is not processed",
        "of which message may a client be told that it is done, and is it the one that was sent?",
        bugs ["sent-is-delivered", "weak-checksum"],
    ),
    exercise!(
        "time-interval" in "time/interval", ClocksAndChannels, Rule, 15 points, 20 minutes,
        "A clock that knows its error",
        "how wide is a reading when it arrives, and how wide is it later?",
        bugs ["interval-does-not-grow", "delay-ignored", "flag-instead-of-error", "bad-clock-stays"],
    ),
    exercise!(
        "time-masters" in "time/masters", ClocksAndChannels, Rule, 15 points, 25 minutes,
        "Whose time to believe",
        "which time is it, if one of the masters is wrong?",
        bugs ["one-master-believed", "most-popular-time"],
    ),
    exercise!(
        "time-commit-wait" in "time/commit-wait", ClocksAndChannels, Rule, 10 points, 15 minutes,
        "Waiting out the uncertainty",
        "which stamp does a transaction get, and when may its client hear of it?",
        bugs ["no-wait", "stamp-at-earliest"],
    ),
    exercise!(
        "time-ids" in "time/ids", ClocksAndChannels, Rule, 15 points, 25 minutes,
        "Ids made of time",
        "which id comes next, if the tick is used up, the clock goes back, or the node restarts?",
        bugs [
            "back-is-not-checked",
            "sequence-rolls-over",
            "generator-per-call",
            "wait-ends-in-the-past",
            "old-tick-after-wait",
            "restart-forgets-last-tick",
        ],
    ),
    exercise!(
        "time-worker" in "time/worker", ClocksAndChannels, Rule, 15 points, 20 minutes,
        "A worker number changes hands",
        "which ticks belong to which holder of a worker number?",
        bugs ["worker-by-chance", "number-without-fence", "smaller-number-in-tick", "lease-outlived"],
    ),
    exercise!(
        "time-phi" in "time/phi", ClocksAndChannels, Rule, 15 points, 30 minutes,
        "The level of suspicion",
        "how suspicious is a silence, if this is how regularly the node was heard before?",
        bugs [],
    ),
    exercise!(
        "time-hybrid" in "time/hybrid", ClocksAndChannels, Rule, 10 points, 20 minutes,
        "Hybrid clocks",
        "which stamp is close to the time of day, and still never puts an effect before its cause?",
        bugs [],
    ),
];
