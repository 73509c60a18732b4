//! The retransmission timeout, by a student who counts in nanoseconds and doubles twice.

use quorate_exercises::channel::*;
use quorate_exercises::prelude::*;

fn rtt_sample(transmissions: u32) -> Ruling<ChannelRule> {
    match transmissions {
        0 | 1 => Allow(ChannelRule::Measure),
        2.. => Refuse(ChannelRule::Ambiguous),
    }
}

fn timeout(smoothed: Duration, variation: Duration, granularity: Duration) -> Duration {
    let twice = variation.as_nanos() * 2;
    let margin = (twice + twice).max(granularity.as_nanos());
    let nanos = u64::try_from(smoothed.as_nanos() + margin).unwrap_or(u64::MAX);
    Duration::from_nanos(nanos)
}

hand_in!("time-rto", Rulebook { rtt_sample, timeout });
