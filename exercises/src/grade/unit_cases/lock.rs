//! Unit cases for the decisions about locks on Redis, by Redlock, and of the resource behind them.

use quorate_lease::Token;
use quorate_locks::{AttemptId, ExpiryClock, LockValue, Persistence, Recipe, Rulebook};
use quorate_protocol::{Duration, LocalTime, NodeId, Time};

use super::values::Scale;
use super::{EITHER, LAST, UnitCases, ask};
use crate::course::Exercise;
use crate::grading::{Failed, Grading};

/// Tests the decisions of an exercise about locks on servers that know nothing of each other.
pub(in crate::grade) fn locks(rules: Rulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    let ask: Option<fn(Rulebook, &mut UnitCases)> = match exercise.id {
        "lock-set" => Some(set),
        "lock-delete" => Some(delete),
        "lock-validity" => Some(validity),
        "lock-extend" => Some(extend),
        "lock-majority" => Some(majority),
        "lock-memory" => Some(memory),
        "lock-guard" => Some(guard),
        _ => None,
    };
    UnitCases::put(grading, LAST, ask.map(|ask| move |cases: &mut UnitCases| ask(rules, cases)))
}

/// Five times: a nanosecond apart, or far apart.
fn moments(scale: Scale) -> impl Iterator<Item = Time> + Clone {
    (1..=5).map(move |moment| Time::from_nanos(scale.at(moment)))
}

/// Attempts of three clients under four numbers.
fn attempts(scale: Scale) -> impl Iterator<Item = AttemptId> + Clone {
    let of = move |owner| (1..=4).map(move |number| AttemptId { owner: NodeId(owner), number: scale.at(number) });
    [1, 2, 3].into_iter().flat_map(of)
}

fn values(scale: Scale) -> impl Iterator<Item = LockValue> + Clone {
    attempts(scale).map(LockValue::Unique).chain([LockValue::Fixed])
}

fn set(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.scales_to_the_end() {
        for stored in values(scale).map(Some).chain([None]) {
            ask!(
                cases,
                rules.sets(stored),
                |ruling| ruling.allows() == stored.is_none(),
                "a key is set only if there is none"
            );
        }
        for now in moments(scale) {
            let expires = None;
            ask!(cases, rules.is_expired(expires, now), |gone| !gone, "a key without a time to live stays");
            for expires in moments(scale).map(Some) {
                ask!(
                    cases,
                    rules.is_expired(expires, now),
                    |gone| Some(gone) == expires.map(|end| now >= end),
                    "a key is gone when the server's clock has reached the end of its time to live, and not before"
                );
            }
        }
    }
}

fn delete(rules: Rulebook, cases: &mut UnitCases) {
    let by_value = |recipe: Recipe| matches!(recipe, Recipe::SetNxPx | Recipe::Redlock);
    for recipe in Recipe::ALL {
        ask!(
            cases,
            rules.unlocks_by_value(recipe),
            |compares| compares == by_value(recipe),
            "the recipes that set a value of their own compare it, and the others delete by name"
        );
    }
    for scale in cases.scales_to_the_end() {
        for stored in values(scale) {
            for asked in values(scale) {
                ask!(
                    cases,
                    rules.deletes(stored, asked),
                    |ruling| ruling.allows() == (stored == asked),
                    "a key is deleted only if it has the value that the caller set"
                );
            }
        }
        for attempt in attempts(scale) {
            for recipe in Recipe::ALL.into_iter().filter(|recipe| by_value(*recipe)) {
                ask!(
                    cases,
                    rules.value(recipe, attempt),
                    |value| value == LockValue::Unique(attempt),
                    "each attempt sets a value that no other attempt sets"
                );
            }
            for recipe in Recipe::ALL.into_iter().filter(|recipe| !by_value(*recipe)) {
                ask!(
                    cases,
                    rules.value(recipe, attempt),
                    |value| value == LockValue::Fixed,
                    "these recipes look only at whether the key exists, so its value is fixed"
                );
            }
        }
    }
}

fn extend(rules: Rulebook, cases: &mut UnitCases) {
    ask!(cases, rules.extends_by_value(), |compares| compares, "an extension compares the value");
    for scale in cases.scales_to_the_end() {
        for stored in values(scale) {
            for asked in values(scale) {
                ask!(
                    cases,
                    rules.extends(stored, asked),
                    |ruling| ruling.allows() == (stored == asked),
                    "a key is extended only if it has the value that the caller set"
                );
            }
        }
        for now in moments(scale) {
            for until in moments(scale) {
                for valid_until in moments(scale).map(Some).chain([None]) {
                    ask!(
                        cases,
                        rules.prolongs(valid_until, until, now),
                        |ruling| ruling.allows() == (valid_until.is_none_or(|old| now < old) && now < until),
                        "a lock is extended while it is valid, and only if something is left of the new time"
                    );
                }
            }
        }
    }
}

fn validity(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.scales_to_the_end() {
        for begun in moments(scale) {
            for answered in moments(scale).filter(|answered| *answered >= begun) {
                ask!(
                    cases,
                    rules.counts_from(begun, answered),
                    |from| from <= begun,
                    "an instance may have set the key right after it was asked"
                );
            }
        }
        for now in moments(scale) {
            for until in moments(scale).map(Some).chain([None]) {
                ask!(
                    cases,
                    rules.takes(until, now),
                    |ruling| ruling.allows() == until.is_none_or(|until| now < until),
                    "a lock is taken if something is left of its validity, or if it has no end"
                );
                ask!(
                    cases,
                    rules.may_act(until, now),
                    |ruling| ruling.allows() == until.is_none_or(|until| now < until),
                    "a client acts only before the end of the validity, if there is an end"
                );
            }
        }
    }
}

fn majority(rules: Rulebook, cases: &mut UnitCases) {
    let drawn = cases.drawn(1_000_000).into_iter().filter_map(|count| usize::try_from(count).ok());
    for instances in (1..=9).chain(drawn) {
        ask!(
            cases,
            rules.quorum(instances),
            |quorum| quorum == instances / 2 + 1,
            "the least number that is more than half of the instances is enough"
        );
    }
    for scale in cases.few_scales() {
        for current in attempts(scale) {
            for of in attempts(scale) {
                ask!(
                    cases,
                    rules.counts_answer(current, of),
                    |counts| counts == (current == of),
                    "an answer counts for the attempt that has asked, and for no other"
                );
            }
        }
    }
    for answered in EITHER.map(Some).into_iter().chain([None]) {
        for recipe in [Recipe::SetNxPx, Recipe::Redlock] {
            ask!(
                cases,
                rules.clears(recipe, answered),
                |clears| clears || answered == Some(false),
                "an instance that has set the key, or may have, is cleared"
            );
        }
        for recipe in [Recipe::UniqueIndex, Recipe::SetNx, Recipe::SetNxExpire] {
            ask!(
                cases,
                rules.clears(recipe, answered),
                |clears| !clears,
                "without a value of its own an attempt cannot tell its key from another's"
            );
        }
    }
}

fn memory(rules: Rulebook, cases: &mut UnitCases) {
    for persistence in [Persistence::Always, Persistence::Never] {
        ask!(
            cases,
            rules.keeps_keys(persistence),
            |keeps| keeps == (persistence == Persistence::Always),
            "keys are on disk before they are acknowledged, where the instance has a disk"
        );
    }
    for scale in cases.scales() {
        for started in moments(scale) {
            for delay in [0, 1, 10_000, 86_400_000].map(Duration::from_millis) {
                ask!(
                    cases,
                    rules.away_until(started, delay),
                    |until| until == started + delay,
                    "an instance stays away for the whole delay, counted from its start, and no longer"
                );
            }
        }
        for monotonic in moments(scale) {
            for wall in moments(scale) {
                let now = LocalTime { monotonic, wall };
                for (setting, right) in [(ExpiryClock::Monotonic, monotonic), (ExpiryClock::Wall, wall)] {
                    ask!(
                        cases,
                        rules.expiry_clock(setting, now),
                        |time| time == right,
                        "times to live are counted on the clock that the setting names"
                    );
                }
            }
        }
    }
}

fn guard(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.scales_to_the_end() {
        let tokens = || (1..=4).map(move |token| Some(Token(scale.at(token)))).chain([None]);
        for highest in tokens() {
            for shown in tokens() {
                ask!(
                    cases,
                    rules.admits(highest, shown),
                    |ruling| ruling.allows() == (shown >= highest),
                    "a token below one that was seen is refused, and so is none where there was one"
                );
            }
        }
        for writer in attempts(scale) {
            for currlock in attempts(scale).map(Some).chain([None]) {
                ask!(
                    cases,
                    rules.is_current(currlock, writer),
                    |ruling| ruling.allows() == (currlock == Some(writer)),
                    "a write goes through only while currlock is the writer's own"
                );
            }
        }
    }
    ask!(cases, rules.keeps_highest(), |keeps| keeps, "a late write may arrive after the resource has started again");
}
