//! Rulebook of distributed locks: each decision is one small pure function, and cites its source.

use quorate_lease::Token;
use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Duration, LocalTime, Ruling, Time};

use crate::config::{ExpiryClock, Guard, Persistence, Recipe};
use crate::id::{AttemptId, LockValue};
use crate::rules::LockRule;
use crate::sequencer::LockMode;

quorate_protocol::rulebook! {
    /// The decisions of the recipes, of the lock server and of the resource. [`BY_THE_BOOK`] is
    /// what the documents say.
    pub struct Rulebook;

    /// Redis SETNX, Redis SET: a key is set if it is absent.
    fn sets(stored: Option<LockValue>) -> Ruling<LockRule> {
        match stored {
            None => Allow(LockRule::SetIfAbsent),
            Some(_) => Refuse(LockRule::KeyExists),
        }
    }

    /// Redis EXPIRE: a key is gone when the server's clock has reached the end of its time to live.
    fn is_expired(expires: Option<Time>, now: Time) -> bool {
        expires.is_some_and(|expires| now >= expires)
    }

    /// The clock by which a server counts times to live.
    fn expiry_clock(setting: ExpiryClock, now: LocalTime) -> Time {
        match setting {
            ExpiryClock::Wall => now.wall,
            ExpiryClock::Monotonic => now.monotonic,
        }
    }

    /// Redis SET: delete the key if it has the value that the caller set.
    fn deletes(stored: LockValue, asked: LockValue) -> Ruling<LockRule> {
        if stored == asked { Allow(LockRule::CompareAndDelete) } else { Refuse(LockRule::KeepOthersKey) }
    }

    /// Redlock, extending the lock: extend the key if it has the value that the caller set.
    fn extends(stored: LockValue, asked: LockValue) -> Ruling<LockRule> {
        if stored == asked { Allow(LockRule::CompareAndExtend) } else { Refuse(LockRule::KeepOthersExpiry) }
    }

    /// Redlock, crash recovery and fsync: keys are on disk before they are acknowledged.
    fn keeps_keys(persistence: Persistence) -> bool {
        persistence == Persistence::Always
    }

    /// The number of keys that were set is on disk, too, so that tokens go on increasing.
    fn keeps_count(persistence: Persistence) -> bool {
        persistence == Persistence::Always
    }

    /// Redlock, delayed restarts: until when a server that starts again takes no part.
    fn away_until(started: Time, delay: Duration) -> Time {
        started + delay
    }

    /// Distributed locking: the fencing token increases with every lock.
    fn token(count: u64) -> Token {
        Token(count)
    }

    /// Redis SET: each attempt sets a value of its own where the recipe compares it.
    fn value(recipe: Recipe, attempt: AttemptId) -> LockValue {
        if recipe.is_unique() { LockValue::Unique(attempt) } else { LockValue::Fixed }
    }

    /// Redlock, step 2: a majority of the instances.
    fn quorum(instances: usize) -> usize {
        instances / 2 + 1
    }

    /// Redlock, steps 1 and 3: the time to live counts from the time noted before asking.
    fn counts_from(begun: Time, answered: Time) -> Time {
        let _ = answered;
        begun
    }

    /// Redlock, step 3: the lock is taken if something is left of the time to live.
    fn takes(until: Option<Time>, now: Time) -> Ruling<LockRule> {
        if until.is_none_or(|until| now < until) { Allow(LockRule::TakeLock) } else { Refuse(LockRule::TooLate) }
    }

    /// Redlock, step 2: an answer counts for the attempt that asked.
    fn counts_answer(current: AttemptId, of: AttemptId) -> bool {
        current == of
    }

    /// Redlock, step 5: after a failure an instance is cleared, whatever it answered, if it
    /// answered.
    fn clears(recipe: Recipe, answered: Option<bool>) -> bool {
        let _ = answered;
        recipe.is_unique()
    }

    /// Redis SET: whether an unlock compares the value before it deletes.
    fn unlocks_by_value(recipe: Recipe) -> bool {
        recipe.is_unique()
    }

    /// Redlock, extending the lock: whether an extension compares the value.
    fn extends_by_value() -> bool {
        true
    }

    /// Redlock, extending the lock: within the validity, of the old time and of the new.
    fn prolongs(valid_until: Option<Time>, until: Time, now: Time) -> Ruling<LockRule> {
        if valid_until.is_none_or(|old| now < old) && now < until {
            Allow(LockRule::ExtendLock)
        } else {
            Refuse(LockRule::NotExtended)
        }
    }

    /// Redlock, step 4: a client acts while its lock is valid by its own clock.
    fn may_act(until: Option<Time>, now: Time) -> Ruling<LockRule> {
        if until.is_none_or(|until| now < until) { Allow(LockRule::ActInTime) } else { Refuse(LockRule::LockOver) }
    }

    /// Distributed locking: a resource refuses a token below one that it has seen.
    fn admits(highest: Option<Token>, shown: Option<Token>) -> Ruling<LockRule> {
        if shown >= highest { Allow(LockRule::AdmitToken) } else { Refuse(LockRule::RefuseToken) }
    }

    /// Chubby §2.4: a resource tests that a sequencer has the appropriate mode.
    fn may_write(mode: LockMode) -> Ruling<LockRule> {
        match mode {
            LockMode::Exclusive => Allow(LockRule::AdmitToken),
            LockMode::Shared => Refuse(LockRule::RefuseShared),
        }
    }

    /// Distributed locking: the highest token seen is on disk.
    fn keeps_highest() -> bool {
        true
    }

    /// Note on fencing: a replica that a holder reads refuses lower tokens from then on.
    fn marks_when_read(guard: Guard) -> bool {
        guard != Guard::ReplicaFence
    }

    /// Whether the resource checks and writes in one step.
    fn writes_at_once(guard: Guard) -> bool {
        guard != Guard::FenceInTwoSteps
    }

    /// Is Redlock safe?: a write goes through if currlock is still the writer's.
    fn is_current(currlock: Option<AttemptId>, writer: AttemptId) -> Ruling<LockRule> {
        if currlock == Some(writer) { Allow(LockRule::WriteIfCurrLock) } else { Refuse(LockRule::CurrLockMoved) }
    }
}
