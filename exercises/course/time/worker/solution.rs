//! Worker numbers, leased in ticks.

use quorate_exercises::prelude::*;
use quorate_exercises::snowflake::*;

/// Leaf §snowflake.
fn own_lease(me: NodeId) -> Option<Lease> {
    _ = me;
    None
}

/// Gray and Cheriton 1989 §2.
fn covers(lease: Option<Lease>, tick: u64) -> Ruling<SnowflakeRule> {
    match lease {
        Some(lease) if tick <= lease.above => Refuse(SnowflakeRule::BeforeLease),
        Some(lease) if tick <= lease.through => Allow(SnowflakeRule::Hold),
        _ => Refuse(SnowflakeRule::NoLease),
    }
}

/// Gray and Cheriton 1989 §2.
fn fence(through: u64) -> u64 {
    through
}

/// Gray and Cheriton 1989 §2.
fn ends(through: Option<u64>, tick: u64, lasts: u64) -> u64 {
    tick.saturating_add(lasts).max(through.unwrap_or(0))
}

/// Snowflake README §Solution.
fn ends_tick(held: u32, next: u32) -> bool {
    next < held
}

hand_in!("time-worker", Rulebook { own_lease, covers, fence, ends, ends_tick });
