//! A generator of ids, by a student who compares places and steps from one to the next.

use std::cmp::Ordering;

use quorate_exercises::prelude::*;
use quorate_exercises::snowflake::*;

fn next(last: Option<Slot>, tick: u64, last_sequence: u32) -> Next {
    let first = Next::Take { slot: Slot { tick, sequence: 0 }, rule: SnowflakeRule::FirstOfTick };
    let Some(Slot { tick: used, sequence }) = last else { return first };
    match tick.cmp(&used) {
        Ordering::Less => Next::Behind { ticks: used.abs_diff(tick) },
        Ordering::Greater => first,
        Ordering::Equal => match (sequence..last_sequence).next() {
            None => Next::Exhausted,
            Some(_) => {
                Next::Take { slot: Slot { tick, sequence: sequence + 1 }, rule: SnowflakeRule::NextInTick }
            }
        },
    }
}

fn after_wait(full: u64, tick: u64) -> Option<u64> {
    Some(tick).filter(|tick| *tick > full)
}

fn on_clock_back(ticks: u64, backwards: Backwards) -> Ruling<SnowflakeRule> {
    let most = if let Backwards::Wait { ticks } = backwards { Some(ticks) } else { None };
    if Some(ticks) <= most { Allow(SnowflakeRule::WaitForClock) } else { Refuse(SnowflakeRule::ClockBack) }
}

fn reserves(reserved: Option<u64>, tick: u64, ahead: u64) -> Option<u64> {
    if reserved.is_some_and(|reserved| reserved >= tick) {
        return None;
    }
    Some(tick.saturating_add(ahead))
}

fn resumes(reserved: Option<u64>, last_sequence: u32) -> Option<Slot> {
    Some(Slot { tick: reserved?, sequence: last_sequence })
}

hand_in!("time-ids", Rulebook { next, after_wait, on_clock_back, reserves, resumes });
