//! The generator of ids. Read
//! `quorate learn show time-ids` first.

use quorate_exercises::prelude::*;
use quorate_exercises::snowflake::*;

/// Snowflake README §Solution: the place after the last one.
fn next(last: Option<Slot>, tick: u64, last_sequence: u32) -> Next {
    unfinished!(last, tick, last_sequence)
}

/// Snowflake README §Solution: the tick in which a generator goes on that has waited.
fn after_wait(full: u64, tick: u64) -> Option<u64> {
    unfinished!(full, tick)
}

/// Snowflake README §System Clock Dependency: whether requests wait for a clock that is behind.
fn on_clock_back(ticks: u64, backwards: Backwards) -> Ruling<SnowflakeRule> {
    unfinished!(ticks, backwards)
}

/// Leaf §snowflake: the tick up to which is reserved on disk, if it must be.
fn reserves(reserved: Option<u64>, tick: u64, ahead: u64) -> Option<u64> {
    unfinished!(reserved, tick, ahead)
}

/// Leaf §snowflake: the place that counts as the last one after a restart.
fn resumes(reserved: Option<u64>, last_sequence: u32) -> Option<Slot> {
    unfinished!(reserved, last_sequence)
}

hand_in!("time-ids", Rulebook { next, after_wait, on_clock_back, reserves, resumes });
