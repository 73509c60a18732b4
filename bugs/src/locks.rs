//! Bugs of distributed locks: of the recipes, of the lock server, and of the resource behind it.
//!
//! One rulebook serves them all; each bug names the protocol that shows it: one server, or Redlock.

use quorate_lease::Token;
use quorate_locks::{AttemptId, BY_THE_BOOK, ExpiryClock, LockRule, LockValue, Persistence, Recipe, Rulebook};
use quorate_protocol::Ruling::{self, Allow};
use quorate_protocol::{Duration, LocalTime, Time};

use crate::Breaks::Invariant;
use crate::Discovery::{Scenario, Search, Seed};

bugs! {
    /// Rulebook of distributed locks: correct, or with one bug.
    pub type NamedRulebook = Rulebook;

    UNLOCK_WITHOUT_COMPARE = "unlock-without-compare" of Lock, Redlock {
        summary: "An unlock deletes the key, whoever has set it.",
        story: "The client is late: its key has expired, and another has set it. The unlock frees the other's lock.",
        source: "laravel #26213, redis-py #415, ShedLock #1986",
        breaks: Invariant("OwnLockOnly"),
        needs: "an unlock that arrives after the expiry",
        discovery: Search { steps: 10 },
        correct_rule: "KeepOthersKey",
        fn unlocks_by_value(_: Recipe) -> bool {
            false
        }
    }

    SAME_VALUE_FOR_ALL = "same-value-for-all" of Lock, Redlock {
        summary: "All clients set the key to the same value.",
        story: "The unlock compares, and everything is equal to everything.",
        source: "the documentation of SET, which asks for a large random string",
        breaks: Invariant("OwnLockOnly"),
        needs: "a failed attempt, or a late unlock",
        discovery: Search { steps: 6 },
        correct_rule: "KeyExists",
        fn value(_: Recipe, _: AttemptId) -> LockValue {
            LockValue::Fixed
        }
    }

    SET_WITHOUT_NX = "set-without-nx" of Lock, Redlock {
        summary: "The key is set although it exists.",
        story: "Two letters are missing from a command, and nobody is ever refused.",
        source: "classical",
        breaks: Invariant("AtMostOneHolder"),
        needs: "two clients",
        discovery: Search { steps: 7 },
        correct_rule: "KeyExists",
        fn sets(_: Option<LockValue>) -> Ruling<LockRule> {
            Allow(LockRule::SetIfAbsent)
        }
    }

    VALID_FOR_EVER = "valid-for-ever" of Lock, Redlock {
        summary: "The client's flag that it holds the lock is set once and never runs out.",
        story: "The key expires at the server, another takes the lock, and the first client asks its flag.",
        source: "aioredlock #46, #23",
        breaks: Invariant("AtMostOneHolder"),
        needs: "a time to live that passes",
        discovery: Search { steps: 11 },
        correct_rule: "Lapse",
        fn may_act(_: Option<Time>, _: Time) -> Ruling<LockRule> {
            Allow(LockRule::ActInTime)
        }
    }

    VALIDITY_UNCHECKED = "validity-unchecked" of Lock, Redlock {
        summary: "The lock is taken although the attempt took longer than the key lives.",
        story: "The answer was slow. When it arrives the key has expired, and another has set it.",
        source: "redisson #624, #2172, node-redlock PR 369",
        breaks: Invariant("AtMostOneHolder"),
        needs: "a slow answer",
        discovery: Search { steps: 10 },
        correct_rule: "TooLate",
        fn takes(_: Option<Time>, _: Time) -> Ruling<LockRule> {
            Allow(LockRule::TakeLock)
        }
    }

    COUNTS_FROM_ANSWER = "validity-from-answer" of Lock, Redlock {
        summary: "The validity starts when the answer arrives.",
        story: "The answer was on its way for a while. The server has counted that time, the client has not.",
        source: "Redlock, step 1, left out",
        breaks: Invariant("AtMostOneHolder"),
        needs: "a slow answer",
        discovery: Search { steps: 10 },
        correct_rule: "TooLate",
        fn counts_from(_: Time, answered: Time) -> Time {
            answered
        }
    }

    HALF_IS_ENOUGH = "half-is-enough" of Redlock {
        summary: "Half of the instances, rounded down, is enough.",
        story: "Two halves do not overlap. Each client has its own.",
        source: "classical",
        breaks: Invariant("AtMostOneHolder"),
        needs: "two clients",
        discovery: Search { steps: 7 },
        correct_rule: "CountInstance",
        fn quorum(instances: usize) -> usize {
            instances / 2
        }
    }

    EXPIRES_ON_WALL_CLOCK = "expires-on-wall-clock" of Redlock, Lock {
        summary: "Instances count times to live on the wall clock.",
        story: "The clock of one instance is set forwards, and its key is gone. With that instance another client has a majority.",
        source: "Kleppmann 2016; retools #18, ShedLock #231, borg PR 10077",
        breaks: Invariant("AtMostOneHolder"),
        needs: "a clock that is set",
        discovery: Seed { nodes: 3, seed: 5, faults: "none,jumps=4", necessary_events: 30 },
        correct_rule: "KeyExists",
        fn expiry_clock(_: ExpiryClock, now: LocalTime) -> Time {
            now.wall
        }
    }

    RESTARTS_AT_ONCE = "instance-restarts-at-once" of Redlock, Lock {
        summary: "An instance that has forgotten its keys takes part again at once.",
        story: "It had set the key for the holder, and sets it again for another.",
        source: "Redlock, crash recovery; redsync #186",
        breaks: Invariant("AtMostOneHolder"),
        needs: "a crash of an instance that keeps nothing on disk",
        discovery: Seed { nodes: 3, seed: 84, faults: "none,crashes=6,outage=50ms", necessary_events: 28 },
        correct_rule: "StayAway",
        fn away_until(started: Time, _: Duration) -> Time {
            started
        }
    }

    KEYS_NOT_DURABLE = "keys-not-durable" of Lock, Redlock {
        summary: "The server acknowledges a key that is not on disk.",
        story: "With appendfsync everysec a crash forgets the last second, and with it who holds the lock.",
        source: "Redlock, crash recovery and fsync",
        breaks: Invariant("AtMostOneHolder"),
        needs: "a crash of the server",
        discovery: Search { steps: 9 },
        correct_rule: "KeyExists",
        fn keeps_keys(_: Persistence) -> bool {
            false
        }
    }

    LATE_ANSWER_COUNTS = "late-answer-counts" of Lock, Redlock {
        summary: "An answer to an earlier attempt counts for the current one.",
        story: "The key of the earlier attempt is cleared or expired. The client holds a lock for which there is no key.",
        source: "Redlock, step 2, retold without the attempt's value",
        breaks: Invariant("AtMostOneHolder"),
        needs: "a slow answer and a second attempt",
        discovery: Seed { nodes: 2, seed: 2, faults: "none,pauses=4,outage=500ms", necessary_events: 6 },
        correct_rule: "LateAnswer",
        fn counts_answer(_: AttemptId, _: AttemptId) -> bool {
            true
        }
    }

    EXTENDS_BY_NAME = "extends-by-name" of Lock, Redlock {
        summary: "The watchdog extends the key, no matter who has set it.",
        story: "The extension is late: the key has expired, and another has set it. The other's key lives longer than its owner wants, even if the owner is dead.",
        source: "Redlock, extending the lock, without the comparison of the value",
        breaks: Invariant("OwnLockOnly"),
        needs: "an extension that arrives after the expiry",
        discovery: Scenario { scenario: "watchdog-comes-too-late", commands: 8 },
        correct_rule: "KeepOthersExpiry",
        fn extends_by_value() -> bool {
            false
        }
    }

    FENCE_IGNORES_TOKEN = "fence-ignores-token" of Lock, Redlock {
        summary: "The resource gets a token and does not look at it.",
        story: "A holds the lock, prepares a write, and is paused. Its lock expires; B holds it, and writes. A resumes, and its late write wins.",
        source: "Kleppmann 2016",
        breaks: Invariant("TokensNeverDecrease"),
        needs: "a late write",
        discovery: Scenario { scenario: "locks/fence-refuses-late-holder", commands: 12 },
        correct_rule: "RefuseToken",
        fn admits(_: Option<Token>, _: Option<Token>) -> Ruling<LockRule> {
            Allow(LockRule::AdmitToken)
        }
    }

    FENCE_NOT_DURABLE = "fence-not-durable" of Lock, Redlock {
        summary: "The resource keeps the highest token in memory alone.",
        story: "It starts again, and every token is the first that it sees.",
        source: "oxia PR 87; bookkeeper PR 2706",
        breaks: Invariant("TokensNeverDecrease"),
        needs: "a restart of the resource, and a late write",
        discovery: Seed { nodes: 2, seed: 109, faults: "harsh", necessary_events: 28 },
        correct_rule: "RefuseToken",
        fn keeps_highest() -> bool {
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bug_departs_from_the_book_in_its_decision() {
        let attempt = AttemptId { owner: quorate_protocol::NodeId(0), number: 1 };
        assert_ne!(
            SAME_VALUE_FOR_ALL.rules.value(Recipe::SetNxPx, attempt),
            BY_THE_BOOK.value(Recipe::SetNxPx, attempt)
        );
        assert_eq!((HALF_IS_ENOUGH.rules.quorum(3), BY_THE_BOOK.quorum(3)), (1, 2));
    }
}
