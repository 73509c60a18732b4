//! Unit cases for the decisions of Snowflake ids.

use quorate_protocol::NodeId;
use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_time::snowflake::{Backwards, Lease, Next, Rulebook, Slot, SnowflakeRule};

use super::FIRST;
use crate::course::Exercise;
use crate::grade::unit_cases::values::Scale;
use crate::grade::unit_cases::{LAST, UnitCases, ask};
use crate::grading::{Failed, Grading};

/// Tests the decisions of an exercise about Snowflake ids.
pub(in crate::grade) fn snowflake(rules: Rulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    let ask: Option<fn(Rulebook, &mut UnitCases)> = match exercise.id {
        "time-ids" => Some(ids),
        "time-worker" => Some(workers),
        _ => None,
    };
    UnitCases::put(grading, LAST, ask.map(|ask| move |cases: &mut UnitCases| ask(rules, cases)))
}

/// Tests, before any run, the decision that could stop the progress of time: a generator that takes
/// every tick for one before its lease looks again at once.
pub(in crate::grade) fn snowflake_standstills(
    rules: Rulebook,
    exercise: &Exercise,
    grading: &mut Grading,
) -> Result<(), Failed> {
    let ask = (exercise.id == "time-worker").then_some(move |cases: &mut UnitCases| {
        for scale in cases.scales_to_the_end() {
            for lease in leases(scale) {
                for tick in ticks(scale).filter(|tick| *tick > lease.above) {
                    let lease = Some(lease);
                    ask!(
                        cases,
                        rules.covers(lease, tick),
                        |ruling| ruling != Refuse(SnowflakeRule::BeforeLease),
                        "a tick above those of the former holders is not before the lease"
                    );
                }
            }
        }
    });
    UnitCases::put(grading, FIRST, ask)
}

/// Ticks, small or large.
fn ticks(scale: Scale) -> impl Iterator<Item = u64> {
    (1..=8).map(move |small| scale.at(small))
}

/// Leases, among them one that nobody had before.
fn leases(scale: Scale) -> impl Iterator<Item = Lease> {
    let spans = [(0, 3), (2, 4), (4, 7), (5, 6)];
    spans.into_iter().map(move |(above, through)| Lease {
        worker: 1,
        above: scale.at(above),
        through: scale.at(through),
    })
}

fn ids(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.scales() {
        for tick in ticks(scale) {
            for last_sequence in [0, 1, 4095] {
                for used in ticks(scale) {
                    for sequence in [0, last_sequence / 2, last_sequence] {
                        next(rules, cases, Some(Slot { tick: used, sequence }), tick, last_sequence);
                    }
                }
                next(rules, cases, None, tick, last_sequence);
            }
            for full in ticks(scale) {
                ask!(
                    cases,
                    rules.after_wait(full, tick),
                    |goes_on| goes_on == (tick > full).then_some(tick),
                    "a wait ends in the tick of the clock, once that is a later one"
                );
                for ahead in [0, 1, 10] {
                    let reserved = Some(full);
                    let right = (tick > full).then_some(tick + ahead);
                    ask!(
                        cases,
                        rules.reserves(reserved, tick, ahead),
                        |written| written == right,
                        "it is written when the tick is beyond, up to so many ticks ahead of it"
                    );
                }
            }
            let (reserved, last_sequence) = (Some(tick), 4095);
            ask!(
                cases,
                rules.resumes(reserved, last_sequence),
                |last| last == Some(Slot { tick, sequence: last_sequence }),
                "all that was reserved counts as used"
            );
            let (reserved, ahead) = (None, 10);
            ask!(
                cases,
                rules.reserves(reserved, tick, ahead),
                |written| written == Some(tick + ahead),
                "it is reserved first"
            );
        }
    }
    let (reserved, last_sequence) = (None, 4095);
    ask!(cases, rules.resumes(reserved, last_sequence), |last| last.is_none(), "nothing was reserved");
    for ticks in (1..=8).chain(cases.drawn(u64::MAX)) {
        for most in [1, 5, 6, ticks - 1, ticks] {
            for (backwards, waits) in [(Backwards::Refuse, false), (Backwards::Wait { ticks: most }, ticks <= most)] {
                ask!(
                    cases,
                    rules.on_clock_back(ticks, backwards),
                    |ruling| ruling.allows() == waits,
                    "a clock is waited for up to the limit that is configured"
                );
            }
        }
    }
}

/// Asks for the place after the last one.
fn next(rules: Rulebook, cases: &mut UnitCases, last: Option<Slot>, tick: u64, last_sequence: u32) {
    let first = Next::Take { slot: Slot { tick, sequence: 0 }, rule: SnowflakeRule::FirstOfTick };
    let right = match last {
        Some(last) if tick < last.tick => Next::Behind { ticks: last.tick - tick },
        Some(last) if tick == last.tick && last.sequence == last_sequence => Next::Exhausted,
        Some(last) if tick == last.tick => {
            Next::Take { slot: Slot { tick, sequence: last.sequence + 1 }, rule: SnowflakeRule::NextInTick }
        }
        _ => first,
    };
    ask!(
        cases,
        rules.next(last, tick, last_sequence),
        |next| next == right,
        "it counts within a tick, begins anew in a later one, and makes no id of an earlier one"
    );
}

fn workers(rules: Rulebook, cases: &mut UnitCases) {
    for me in (0..5).map(NodeId) {
        ask!(cases, rules.own_lease(me), |lease| lease.is_none(), "nobody gives a number to himself");
    }
    for scale in cases.scales() {
        for tick in ticks(scale) {
            for lease in leases(scale).map(Some).chain([None]) {
                let right = match lease {
                    Some(lease) if tick <= lease.above => Refuse(SnowflakeRule::BeforeLease),
                    Some(lease) if tick <= lease.through => Allow(SnowflakeRule::Hold),
                    _ => Refuse(SnowflakeRule::NoLease),
                };
                ask!(
                    cases,
                    rules.covers(lease, tick),
                    |ruling| ruling == right,
                    "a lease covers the ticks above the former one, up to its own end"
                );
            }
            let through = tick;
            ask!(cases, rules.fence(through), |above| above == through, "the next holder begins above the former end");
            for lasts in [1, 10, 3000] {
                for through in ticks(scale).map(Some).chain([None]) {
                    let right = (tick + lasts).max(through.unwrap_or(0));
                    ask!(
                        cases,
                        rules.ends(through, tick, lasts),
                        |end| end == right,
                        "a lease lasts from the tick of its claim, and is never shortened"
                    );
                }
            }
        }
    }
    for (held, next) in (0..6).flat_map(|held| (0..6).map(move |next| (held, next))).filter(|(held, next)| held != next)
    {
        ask!(cases, rules.ends_tick(held, next), |ends| ends == (next < held), "a smaller number ends the tick");
    }
}
