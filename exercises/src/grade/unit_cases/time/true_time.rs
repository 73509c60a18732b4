//! Unit cases for the decisions of TrueTime.

use quorate_protocol::{Duration, Time};
use quorate_time::true_time::Rulebook;
use quorate_time::{Drift, Interval, marzullo};

use super::{FIRST, moments, spans};
use crate::course::Exercise;
use crate::grade::unit_cases::values::Scale;
use crate::grade::unit_cases::{LAST, UnitCases, ask};
use crate::grading::{Failed, Grading};

/// Tests the decisions of an exercise about TrueTime.
pub(in crate::grade) fn true_time(rules: Rulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    let ask: Option<fn(Rulebook, &mut UnitCases)> = match exercise.id {
        "time-interval" => Some(intervals),
        "time-masters" => Some(masters),
        "time-commit-wait" => Some(commits),
        _ => None,
    };
    UnitCases::put(grading, LAST, ask.map(|ask| move |cases: &mut UnitCases| ask(rules, cases)))
}

/// Tests, before any run, the decision that could stop the progress of time: if a stamp that has
/// passed does not count as passed, the timer of its transaction is due again at once.
pub(in crate::grade) fn true_time_standstills(
    rules: Rulebook,
    exercise: &Exercise,
    grading: &mut Grading,
) -> Result<(), Failed> {
    let ask = (exercise.id == "time-commit-wait").then_some(move |cases: &mut UnitCases| {
        for scale in cases.scales() {
            for (now, stamp) in readings(scale).flat_map(|now| moments(scale).map(move |stamp| (now, stamp))) {
                if now.earliest > stamp {
                    ask!(
                        cases,
                        rules.commit_wait(now, stamp),
                        |ruling| ruling.allows(),
                        "a transaction is committed once the earliest time is past its stamp"
                    );
                }
            }
        }
    });
    UnitCases::put(grading, FIRST, ask)
}

/// All intervals between two of them.
fn readings(scale: Scale) -> impl Iterator<Item = Interval> {
    moments(scale).flat_map(move |earliest| {
        moments(scale).filter(move |latest| *latest >= earliest).map(move |latest| Interval { earliest, latest })
    })
}

/// Tolerance for rounding.
const MICROSECOND: Duration = Duration::from_micros(1);

/// Whether a reading contains the narrowest one that is right, and is hardly wider.
fn is_tight(reading: Interval, right: Interval) -> bool {
    let contains = reading.earliest <= right.earliest && right.latest <= reading.latest;
    let margin = right.earliest.since(reading.earliest).max(reading.latest.since(right.latest));
    contains && margin <= MICROSECOND
}

fn intervals(rules: Rulebook, cases: &mut UnitCases) {
    let spans = spans(cases);
    let begins = cases.drawn(1 << 60);
    for ppm in [0, 1, 200, 20_000, 200_000, 900_000] {
        let Ok(drift) = Drift::ppm(ppm) else { continue };
        for (span, begins) in spans.iter().copied().zip(begins.iter().copied()) {
            let earliest = Time::from_nanos(begins);
            let reading = Interval { earliest, latest: earliest + Duration::from_millis(2) };
            let (told, round_trip, passed) = (reading, span, span);
            let right = told.delayed(drift.longest(round_trip));
            ask!(
                cases,
                rules.on_arrival(told, round_trip, drift),
                |reading| is_tight(reading, right),
                "the answer is as old as the round trip at most, and new at least"
            );
            let right = reading.aged(passed, drift);
            ask!(
                cases,
                rules.aged(reading, passed, drift),
                |reading| is_tight(reading, right),
                "the earliest end moves by the least time that can have passed, the latest by the most"
            );
        }
    }
    for scale in cases.few_scales() {
        for predicted in readings(scale) {
            for measured in readings(scale) {
                ask!(
                    cases,
                    rules.keeps_bound(predicted, measured),
                    |ruling| ruling.allows() == predicted.meets(measured),
                    "a clock has kept its bound if the two have a time in common"
                );
            }
        }
    }
    for max_error in spans.iter().copied() {
        for error in [max_error / 2, max_error, max_error + Duration::from_nanos(1), max_error * 2] {
            ask!(
                cases,
                rules.serves(error, max_error),
                |ruling| ruling.allows() == (error <= max_error),
                "an error serves up to the limit"
            );
        }
    }
}

fn masters(rules: Rulebook, cases: &mut UnitCases) {
    for faulty in 0..=4 {
        for answers in 0..=10 {
            ask!(
                cases,
                rules.enough(answers, faulty),
                |ruling| ruling.allows() == (answers > 2 * faulty),
                "the honest ones outnumber the liars"
            );
            if answers > 2 * faulty {
                let right = answers - faulty;
                ask!(cases, rules.agreeing(answers, faulty), |count| count == right, "all but the liars are right");
            }
        }
    }
    for count in 1..=7_usize {
        for _ in 0..60 {
            let answers: Vec<Interval> = (0..count)
                .map(|_| {
                    let earliest = cases.rng.below(12);
                    let latest = earliest + cases.rng.below(8);
                    Interval { earliest: Time::from_millis(earliest), latest: Time::from_millis(latest) }
                })
                .collect();
            let answers = &answers[..];
            for faulty in 0..=(count - 1) / 2 {
                let right = marzullo(answers, count - faulty);
                let reading = (rules.trusted)(&rules, answers, faulty);
                cases.note(
                    reading == right,
                    "the reading begins at the first time that is in enough answers, and ends at the last",
                    || format!("trusted(answers: {answers:?}, faulty: {faulty}) answers {reading:?}"),
                );
            }
        }
    }
}

fn commits(rules: Rulebook, cases: &mut UnitCases) {
    for scale in cases.scales() {
        for now in readings(scale) {
            for last in moments(scale).map(Some).chain([None]) {
                let is_least = last.is_none_or(|last| now.latest > last);
                ask!(
                    cases,
                    rules.stamp(now, last),
                    |stamp| stamp >= now.latest
                        && last.is_none_or(|last| stamp > last)
                        && (!is_least || stamp == now.latest),
                    "the stamp is the latest time, or just above the last stamp if that is not below it"
                );
            }
            for stamp in moments(scale) {
                ask!(
                    cases,
                    rules.commit_wait(now, stamp),
                    |ruling| ruling.allows() == (now.earliest > stamp),
                    "the stamp has passed once the earliest time is past it"
                );
            }
        }
    }
}
