//! Worker numbers, leased in ticks. Read
//! `quorate learn show time-worker` first.

use quorate_exercises::prelude::*;
use quorate_exercises::snowflake::*;

/// Leaf §snowflake: the lease that a generator gives itself.
fn own_lease(me: NodeId) -> Option<Lease> {
    unfinished!(me)
}

/// Gray and Cheriton 1989 §2: whether a lease covers a tick.
fn covers(lease: Option<Lease>, tick: u64) -> Ruling<SnowflakeRule> {
    unfinished!(lease, tick)
}

/// Gray and Cheriton 1989 §2: the tick above which the next holder begins.
fn fence(through: u64) -> u64 {
    unfinished!(through)
}

/// Gray and Cheriton 1989 §2: the tick at which a lease ends.
fn ends(through: Option<u64>, tick: u64, lasts: u64) -> u64 {
    unfinished!(through, tick, lasts)
}

/// Snowflake README §Solution: whether the last tick makes no more ids.
fn ends_tick(held: u32, next: u32) -> bool {
    unfinished!(held, next)
}

hand_in!("time-worker", Rulebook { own_lease, covers, fence, ends, ends_tick });
