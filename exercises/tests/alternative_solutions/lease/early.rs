//! Alternative start of the holder's term: a tenth of a millisecond before it asked.

use quorate_exercises::lease::*;
use quorate_exercises::prelude::*;

fn counts_from(sent: Time, _: Time) -> Time {
    Time::from_nanos(sent.since(Time::ZERO).as_nanos().saturating_sub(100_000) as u64)
}

fn may_act(until: Time, now: Time) -> Ruling<HolderRule> {
    match now.cmp(&until) {
        std::cmp::Ordering::Less => Allow(HolderRule::ActInLease),
        _ => Refuse(HolderRule::LeaseOver),
    }
}

hand_in!("lease-deadline", Rulebook { clock: |LocalTime { monotonic, .. }| monotonic, counts_from, may_act });
