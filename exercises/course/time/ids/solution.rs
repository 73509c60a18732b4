//! The generator of ids.

use quorate_exercises::prelude::*;
use quorate_exercises::snowflake::*;

/// Snowflake README §Solution.
fn next(last: Option<Slot>, tick: u64, last_sequence: u32) -> Next {
    match last {
        Some(last) if tick < last.tick => Next::Behind { ticks: last.tick - tick },
        Some(last) if tick == last.tick && last.sequence >= last_sequence => Next::Exhausted,
        Some(last) if tick == last.tick => {
            Next::Take { slot: Slot { tick, sequence: last.sequence + 1 }, rule: SnowflakeRule::NextInTick }
        }
        _ => Next::Take { slot: Slot { tick, sequence: 0 }, rule: SnowflakeRule::FirstOfTick },
    }
}

/// Snowflake README §Solution.
fn after_wait(full: u64, tick: u64) -> Option<u64> {
    if tick > full { Some(tick) } else { None }
}

/// Snowflake README §System Clock Dependency.
fn on_clock_back(ticks: u64, backwards: Backwards) -> Ruling<SnowflakeRule> {
    match backwards {
        Backwards::Wait { ticks: most } if ticks <= most => Allow(SnowflakeRule::WaitForClock),
        Backwards::Wait { .. } | Backwards::Refuse => Refuse(SnowflakeRule::ClockBack),
    }
}

/// Leaf §snowflake.
fn reserves(reserved: Option<u64>, tick: u64, ahead: u64) -> Option<u64> {
    match reserved {
        Some(reserved) if tick <= reserved => None,
        _ => Some(tick.saturating_add(ahead)),
    }
}

/// Leaf §snowflake.
fn resumes(reserved: Option<u64>, last_sequence: u32) -> Option<Slot> {
    reserved.map(|tick| Slot { tick, sequence: last_sequence })
}

hand_in!("time-ids", Rulebook { next, after_wait, on_clock_back, reserves, resumes });
