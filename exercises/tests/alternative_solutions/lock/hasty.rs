//! Alternative start of the validity: a tenth of a millisecond before the client asked.

use quorate_exercises::lock::*;
use quorate_exercises::prelude::*;

fn counts_from(begun: Time, _: Time) -> Time {
    Time::from_nanos(begun.since(Time::ZERO).as_nanos().saturating_sub(100_000) as u64)
}

fn left(until: Option<Time>, now: Time) -> Duration {
    until.map_or(Duration::MAX, |until| until.since(now))
}

fn takes(until: Option<Time>, now: Time) -> Ruling<LockRule> {
    if left(until, now).is_zero() { Refuse(LockRule::TooLate) } else { Allow(LockRule::TakeLock) }
}

fn may_act(until: Option<Time>, now: Time) -> Ruling<LockRule> {
    if left(until, now).is_zero() { Refuse(LockRule::LockOver) } else { Allow(LockRule::ActInTime) }
}

hand_in!("lock-validity", Rulebook { counts_from, takes, may_act });
