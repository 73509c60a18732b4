//! Exercises of the part "attack": schedules that make broken systems fail.

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
        "let an acceptor forget what it accepted, at the worst moment",
        bugs ["forget-accepted"],
    ),
    exercise!(
        scenario "attack-two-leaders" in "attack/two-leaders", Attack, Attack, 15 points, 25 minutes,
        "Two leaders of one term",
        "let a vote come late enough to count twice",
        bugs ["stale-vote-reply"],
    ),
    exercise!(
        scenario "attack-lost-commit" in "attack/lost-commit", Attack, Attack, 25 points, 45 minutes,
        "A lost commit",
        "Figure 8 with three nodes, from empty logs on",
        bugs ["figure-8"],
    ),
    exercise!(
        scenario "attack-two-primaries" in "attack/two-primaries", Attack, Attack, 10 points, 20 minutes,
        "Two primaries",
        "let a grant be slow, and its holder count from when it comes",
        bugs ["counts-from-reply"],
    ),
    exercise!(
        scenario "attack-late-write" in "attack/late-write", Attack, Attack, 20 points, 35 minutes,
        "The late write",
        "slip in between the check of a token and the write",
        bugs ["check-not-atomic"],
    ),
    exercise!(
        scenario "attack-stale-read" in "attack/stale-read", Attack, Attack, 20 points, 35 minutes,
        "The stale read",
        "elect somebody for whom nobody should vote, and ask the old leader",
        bugs ["votes-while-trusting"],
    ),
];
