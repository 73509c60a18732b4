//! The retransmission timeout of a sender. Read
//! `quorate learn show time-rto` first.

use quorate_exercises::channel::*;
use quorate_exercises::prelude::*;

/// RFC 6298 §3: whether the round trip of a segment that was sent so often is a sample.
fn rtt_sample(transmissions: u32) -> Ruling<ChannelRule> {
    unfinished!(transmissions)
}

/// RFC 6298 §2.3: the timeout for round trips of this mean and variation.
fn timeout(smoothed: Duration, variation: Duration, granularity: Duration) -> Duration {
    unfinished!(smoothed, variation, granularity)
}

hand_in!("time-rto", Rulebook { rtt_sample, timeout });
