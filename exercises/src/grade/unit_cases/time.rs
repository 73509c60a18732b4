//! Unit cases for the decisions about clocks and channels.

use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_protocol::{Duration, NodeId, Time};
use quorate_time::channel::{Answer, ChannelRule, Checksum, Rulebook as ChannelRulebook};
use quorate_time::snowflake::{Backwards, Lease, Next, Rulebook as SnowflakeRulebook, Slot, SnowflakeRule};
use quorate_time::true_time::Rulebook as TrueTimeRulebook;
use quorate_time::{Drift, Interval, marzullo};

use super::values::Scale;
use super::{LAST, UnitCases, ask};
use crate::course::Exercise;
use crate::grading::{Failed, Grading};

/// Title of the cases that come before all runs.
const FIRST: &str = "whether time passes";

/// Tests the decisions of an exercise about a reliable channel.
pub(in crate::grade) fn channel(
    rules: ChannelRulebook,
    exercise: &Exercise,
    grading: &mut Grading,
) -> Result<(), Failed> {
    let ask: Option<fn(ChannelRulebook, &mut UnitCases)> = match exercise.id {
        "time-rto" => Some(rto),
        "time-receive" => Some(receive),
        "time-end-to-end" => Some(end_to_end),
        _ => None,
    };
    UnitCases::put(grading, LAST, ask.map(|ask| move |cases: &mut UnitCases| ask(rules, cases)))
}

/// Tests the decisions of an exercise about TrueTime.
pub(in crate::grade) fn true_time(
    rules: TrueTimeRulebook,
    exercise: &Exercise,
    grading: &mut Grading,
) -> Result<(), Failed> {
    let ask: Option<fn(TrueTimeRulebook, &mut UnitCases)> = match exercise.id {
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
    rules: TrueTimeRulebook,
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

/// Tests the decisions of an exercise about Snowflake ids.
pub(in crate::grade) fn snowflake(
    rules: SnowflakeRulebook,
    exercise: &Exercise,
    grading: &mut Grading,
) -> Result<(), Failed> {
    let ask: Option<fn(SnowflakeRulebook, &mut UnitCases)> = match exercise.id {
        "time-ids" => Some(ids),
        "time-worker" => Some(workers),
        _ => None,
    };
    UnitCases::put(grading, LAST, ask.map(|ask| move |cases: &mut UnitCases| ask(rules, cases)))
}

/// Tests, before any run, the decision that could stop the progress of time: a generator that takes
/// every tick for one before its lease looks again at once.
pub(in crate::grade) fn snowflake_standstills(
    rules: SnowflakeRulebook,
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

/// Spans of all sizes up to some hours.
fn spans(cases: &mut UnitCases) -> Vec<Duration> {
    let drawn = cases.drawn(10_000_000_000_000);
    [0, 1, 999, 1_000_000, 30_000_000_000].into_iter().chain(drawn).map(Duration::from_nanos).collect()
}

fn rto(rules: ChannelRulebook, cases: &mut UnitCases) {
    for transmissions in (1..=5).chain([255, u32::MAX]) {
        ask!(
            cases,
            rules.rtt_sample(transmissions),
            |ruling| {
                let right =
                    if transmissions == 1 { Allow(ChannelRule::Measure) } else { Refuse(ChannelRule::Ambiguous) };
                ruling == right
            },
            "a segment is a sample if it was sent once"
        );
    }
    let spans = spans(cases);
    for (place, smoothed) in spans.iter().copied().enumerate() {
        for variation in [spans[0], spans[1], spans[(place * 7 + 3) % spans.len()], smoothed / 2] {
            for granularity in [spans[0], spans[3], variation * 4, variation * 5] {
                let right = smoothed + granularity.max(variation * 4);
                ask!(
                    cases,
                    rules.timeout(smoothed, variation, granularity),
                    |timeout| timeout == right,
                    "it is the mean and four times the variation, of which at least the granularity"
                );
            }
        }
    }
}

fn receive(rules: ChannelRulebook, cases: &mut UnitCases) {
    for scale in cases.scales() {
        for next in (2..=5).map(|small| scale.at(small)) {
            for last in (1..=10).map(|small| scale.at(small)).filter(|last| *last >= next - 1) {
                for seq in (1..=12).map(|small| scale.at(small)) {
                    let right = match seq {
                        seq if seq < next => Refuse(ChannelRule::Duplicate),
                        seq if seq > last => Refuse(ChannelRule::OutOfWindow),
                        seq if seq == next => Allow(ChannelRule::InOrder),
                        _ => Allow(ChannelRule::Early),
                    };
                    ask!(
                        cases,
                        rules.admits(next, last, seq),
                        |ruling| ruling == right,
                        "a segment is old, without room, the next one, or early"
                    );
                }
            }
            let seq = next;
            ask!(cases, rules.on_overflow(next, seq), |ruling| !ruling.allows(), "nothing takes the place of another");
            let (held, seen) = (next, scale.at(9));
            ask!(cases, rules.acknowledges(held, seen), |up_to| up_to == held, "it acknowledges what it holds");
            let former = next;
            ask!(cases, rules.begins_after(former), |after| after == 0, "each connection begins anew");
        }
    }
    for idle in spans(cases).into_iter().chain([Duration::MAX]) {
        ask!(cases, rules.may_forget_peer(idle), |may| !may, "silence ends no connection");
    }
    wraps(rules, cases);
}

/// Numbers that begin again: less than half of them away, so that one number is the nearest.
fn wraps(rules: ChannelRulebook, cases: &mut UnitCases) {
    for numbers in [5, 8, 64, 1 << 16, 1 << 32] {
        for last in (0..20).chain(cases.drawn(1 << 50)) {
            let near = [0, 1, (numbers - 1) / 2 - 1].into_iter();
            let meant = near.flat_map(|away| [last.checked_sub(away), last.checked_add(away)]).flatten();
            for meant in meant {
                let named = meant % numbers;
                ask!(
                    cases,
                    rules.unwrapped(last, named, numbers),
                    |number| number == meant,
                    "the number that is nearest to the last one is meant"
                );
            }
        }
    }
}

/// Strings of bytes: short ones, and random ones of odd and even lengths.
fn byte_strings(cases: &mut UnitCases) -> Vec<Vec<u8>> {
    let mut strings: Vec<Vec<u8>> = ["", "a", "ab", "abcd", "cdab", "123456789"].map(|text| text.into()).into();
    strings.push(vec![0xff; 70]);
    let drawn = cases.drawn(u64::MAX);
    strings
        .extend((0..drawn.len()).map(|end| drawn[..=end].iter().flat_map(|n| n.to_be_bytes()).skip(end % 3).collect()));
    strings
}

fn end_to_end(rules: ChannelRulebook, cases: &mut UnitCases) {
    for scale in cases.scales() {
        for (sent, acked, processed) in [(9, 5, 2), (4, 4, 4), (7, 7, 0), (3, 1, 1)] {
            let (sent, acked, processed) = (scale.at(sent), scale.at(acked), scale.at(processed));
            for (answer, right) in [(Answer::Acknowledged, acked), (Answer::Processed, processed)] {
                ask!(
                    cases,
                    rules.done(answer, sent, acked, processed),
                    |done| done == right,
                    "a client is told of the part that the setting names"
                );
            }
        }
        for window in [1, 2, 8, 64] {
            for processed in (0..=3).map(|small| scale.at(small)) {
                for ahead in [0, window / 2, window - 1, window] {
                    let sent = processed + ahead;
                    ask!(
                        cases,
                        rules.may_send(sent, processed, window),
                        |ruling| ruling.allows() == (ahead < window),
                        "no more than a window is sent and not processed"
                    );
                }
            }
        }
    }
    for bytes in byte_strings(cases) {
        for kind in [Checksum::Internet, Checksum::Crc32] {
            let right = kind.of(&bytes);
            let bytes = &bytes[..];
            ask!(
                cases,
                rules.checksum(kind, bytes),
                |sum| sum == right,
                "both sides compute the same sum, the one that is configured"
            );
        }
    }
    for computed in cases.drawn(u64::from(u32::MAX)) {
        let computed = computed as u32;
        for carried in [computed, computed ^ 1, computed ^ 0x8000_0000] {
            ask!(
                cases,
                rules.intact(computed, carried),
                |ruling| ruling.allows() == (computed == carried),
                "all bits of the two sums are the same"
            );
        }
    }
}

/// Five moments.
fn moments(scale: Scale) -> impl Iterator<Item = Time> + Clone {
    (1..=5).map(move |moment| Time::from_nanos(scale.at(moment)))
}

/// All intervals between two of them.
fn readings(scale: Scale) -> impl Iterator<Item = Interval> {
    moments(scale).flat_map(move |earliest| {
        moments(scale).filter(move |latest| *latest >= earliest).map(move |latest| Interval { earliest, latest })
    })
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

/// Tolerance for rounding.
const MICROSECOND: Duration = Duration::from_micros(1);

/// Whether a reading contains the narrowest one that is right, and is hardly wider.
fn is_tight(reading: Interval, right: Interval) -> bool {
    let contains = reading.earliest <= right.earliest && right.latest <= reading.latest;
    let margin = right.earliest.since(reading.earliest).max(reading.latest.since(right.latest));
    contains && margin <= MICROSECOND
}

fn intervals(rules: TrueTimeRulebook, cases: &mut UnitCases) {
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

fn masters(rules: TrueTimeRulebook, cases: &mut UnitCases) {
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

fn commits(rules: TrueTimeRulebook, cases: &mut UnitCases) {
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

fn ids(rules: SnowflakeRulebook, cases: &mut UnitCases) {
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
fn next(rules: SnowflakeRulebook, cases: &mut UnitCases, last: Option<Slot>, tick: u64, last_sequence: u32) {
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

fn workers(rules: SnowflakeRulebook, cases: &mut UnitCases) {
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
