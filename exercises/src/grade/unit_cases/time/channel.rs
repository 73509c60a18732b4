//! Unit cases for the decisions of a reliable channel.

use quorate_protocol::Duration;
use quorate_protocol::Ruling::{Allow, Refuse};
use quorate_time::channel::{Answer, ChannelRule, Checksum, Rulebook};

use super::spans;
use crate::course::Exercise;
use crate::grade::unit_cases::{LAST, UnitCases, ask};
use crate::grading::{Failed, Grading};

/// Tests the decisions of an exercise about a reliable channel.
pub(in crate::grade) fn channel(rules: Rulebook, exercise: &Exercise, grading: &mut Grading) -> Result<(), Failed> {
    let ask: Option<fn(Rulebook, &mut UnitCases)> = match exercise.id {
        "time-rto" => Some(rto),
        "time-receive" => Some(receive),
        "time-end-to-end" => Some(end_to_end),
        _ => None,
    };
    UnitCases::put(grading, LAST, ask.map(|ask| move |cases: &mut UnitCases| ask(rules, cases)))
}

fn rto(rules: Rulebook, cases: &mut UnitCases) {
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

fn receive(rules: Rulebook, cases: &mut UnitCases) {
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
fn wraps(rules: Rulebook, cases: &mut UnitCases) {
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

fn end_to_end(rules: Rulebook, cases: &mut UnitCases) {
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
