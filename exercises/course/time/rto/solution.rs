//! The retransmission timeout of a sender.

use quorate_exercises::channel::*;
use quorate_exercises::prelude::*;

/// RFC 6298 §3.
fn rtt_sample(transmissions: u32) -> Ruling<ChannelRule> {
    if transmissions == 1 { Allow(ChannelRule::Measure) } else { Refuse(ChannelRule::Ambiguous) }
}

/// RFC 6298 §2.3.
fn timeout(smoothed: Duration, variation: Duration, granularity: Duration) -> Duration {
    smoothed.saturating_add(granularity.max(variation.saturating_mul(4)))
}

hand_in!("time-rto", Rulebook { rtt_sample, timeout });
