//! Exercises of the part "attack": find the schedule, as a scenario, in which a protocol with a
//! known bug violates an invariant.

use super::{Exercise, exercise};

/// Exercises in course order.
pub(super) const EXERCISES: &[Exercise] = &[
    exercise!(
        scenario "attack-two-values" in "attack/two-values", Attack, Attack, 15 points, 20 minutes,
        "Two chosen values",
        "make acceptors that ignore their promises choose twice",
        bugs ["no-promise-check"],
    ),
    exercise!(
        scenario "attack-forgotten-vote" in "attack/forgotten-vote", Attack, Attack, 15 points, 25 minutes,
        "The forgotten vote",
        "let an acceptor forget its vote at the worst moment",
        bugs ["forget-accepted"],
    ),
    exercise!(
        scenario "attack-two-leaders" in "attack/two-leaders", Attack, Attack, 15 points, 25 minutes,
        "Two leaders of one term",
        "let a vote arrive late enough to count in the next election",
        bugs ["stale-vote-reply"],
    ),
    exercise!(
        scenario "attack-lost-commit" in "attack/lost-commit", Attack, Attack, 25 points, 45 minutes,
        "A lost commit",
        "Figure 8 with three nodes, starting from empty logs",
        bugs ["figure-8"],
    ),
    exercise!(
        scenario "attack-two-primaries" in "attack/two-primaries", Attack, Attack, 10 points, 20 minutes,
        "Two primaries",
        "delay a grant whose holder counts its term from the arrival",
        bugs ["counts-from-reply"],
    ),
    exercise!(
        scenario "attack-late-write" in "attack/late-write", Attack, Attack, 20 points, 35 minutes,
        "The late write",
        "let another write take effect between the check of a token and the write",
        bugs ["check-not-atomic"],
    ),
    exercise!(
        scenario "attack-stale-read" in "attack/stale-read", Attack, Attack, 20 points, 35 minutes,
        "The stale read",
        "elect a node for which no node should vote, and read from the old leader",
        bugs ["votes-while-trusting"],
    ),
    exercise!(
        scenario "attack-clock-jump" in "attack/clock-jump", Attack, Attack, 15 points, 25 minutes,
        "The clock jump",
        "give Redlock's lock to two clients by setting one clock",
        bugs ["expires-on-wall-clock"],
    ),
    exercise!(
        scenario "attack-forgetful-fence" in "attack/forgetful-fence", Attack, Attack, 20 points, 30 minutes,
        "The forgetful fence",
        "let a late write arrive when the resource has started again",
        bugs ["fence-not-durable"],
    ),
    exercise!(
        scenario "attack-two-outcomes" in "attack/two-outcomes", Attack, Attack, 15 points, 25 minutes,
        "Two outcomes",
        "let a coordinator forget what it has announced",
        bugs ["decision-not-logged"],
    ),
    exercise!(
        scenario "attack-torn-order" in "attack/torn-order", Attack, Attack, 10 points, 15 minutes,
        "The torn order",
        "place an order of which nobody will ever hear",
        bugs ["row-then-event"],
    ),
    exercise!(
        scenario "attack-old-value" in "attack/old-value", Attack, Attack, 10 points, 15 minutes,
        "The old value",
        "let an application read a value that it has overwritten itself",
        bugs ["reads-back-from-replica"],
    ),
];
